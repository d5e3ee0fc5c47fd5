/* heap.c - see heap.h. */
#include "heap/heap.h"

#include <string.h>

#include "base/assert.h"
#include "diag/options.h"
#include "diag/random.h"
#include "heap/theap.h"
#include "page/page_inline.h"
#include "prim/prim.h"

static mim_lock_t main_theaps_lock = MIM_LOCK_INIT(MIM_RANK_THEAPS);
static mim_lock_t main_abandoned_lock = MIM_LOCK_INIT(MIM_RANK_ABANDONED);
static mim_abandoned_set_t main_abandoned[MIM_BIN_COUNT * MIM_SHARDS];

mim_heap_t mim_heap_main = {
  .subproc = &mim_subproc_main,
  .arenas = &mim_arenas_main,
  .numa_node = -1,
  .serial = 1,
  .theaps_lock = &main_theaps_lock,
  .abandoned_lock = &main_abandoned_lock,
  .shard_count = MIM_SHARDS,
  .abandoned = main_abandoned,
};

static int numa_node_for(const mim_heap_t* heap) {
  const int node = atomic_load_explicit(&heap->numa_node, memory_order_relaxed);
  if (node >= 0 || !mim_option_is_enabled(MIM_OPTION_arena_is_numa_local)) { return node; }
  const unsigned count = mim_os_numa_count();
  return count == 1 ? -1 : (int)(mim_prim_numa_node() % count);
}

void mim_heap_set_numa_node(mim_heap_t* heap, int node) {
  const int count = (int)mim_os_numa_count();
  atomic_store_explicit(&heap->numa_node, count == 1 || node < 0 ? -1 : node % count,
                        memory_order_relaxed);
}

mim_page_source_t mim_heap_source(mim_heap_t* heap) {
  return (mim_page_source_t){
    .arenas = heap->arenas,
    .place = {.only = heap->only_arena, .numa_node = numa_node_for(heap)},
    .heap = heap,
    .key = MIM_CHECKED ? mim_random() | 1 : 0,
  };
}

mim_page_t* mim_heap_new_page(mim_heap_t* heap, unsigned bin) {
  mim_page_t* const kept = mim_heap_take_kept(heap, bin);
  if (kept != NULL) { return kept; }
  const mim_page_source_t source = mim_heap_source(heap);
  mim_page_t* page = mim_page_new(&source, bin);
  if (page == NULL && mim_theap_make_room()) { page = mim_page_new(&source, bin); }
  if (page == NULL) { return NULL; }
  mim_heap_ref(heap);
  mim_tally_page(&heap->tally, bin, 1);
  return page;
}

/* A page of one block is the heap's now. */
static mim_page_t* count_huge(mim_heap_t* heap, mim_page_t* page) {
  mim_heap_ref(heap);
  mim_tally_page(&heap->tally, MIM_BIN_HUGE, 1);
  mim_tally_huge(&heap->tally, (ptrdiff_t)page->block_size);
  return page;
}

/* The blocks of a page without owner come back from any threads, which do not count them.  What
 * was handed out is counted already. */
static void count_unseen(mim_page_t* page) {
  const uint32_t live = mim_page_live(page);
  mim_tally_unseen(&mim_page_heap(page)->tally, page->bin, page->counted - live);
  page->counted = (uint16_t)live;
}

mim_page_t* mim_heap_new_huge_page(mim_heap_t* heap, size_t size, size_t alignment) {
  const mim_page_source_t source = mim_heap_source(heap);
  mim_page_t* page = mim_page_new_huge(&source, size, alignment);
  if (page == NULL && mim_theap_make_room()) { page = mim_page_new_huge(&source, size, alignment); }
  return page == NULL ? NULL : count_huge(heap, page);
}

mim_page_t* mim_heap_new_guarded_page(mim_heap_t* heap, size_t size, size_t alignment) {
  const mim_page_source_t source = mim_heap_source(heap);
  mim_page_t* const page = mim_page_new_guarded(&source, size, alignment);
  if (page == NULL) { return NULL; }
  mim_counter_add(&heap->tally.guarded, 1);
  return count_huge(heap, page);
}

void mim_heap_dispose_page(mim_page_t* page) {
  mim_assert(mim_page_live(page) == 0);
  if (!mim_page_is_huge(page)) { count_unseen(page); }
  if (!mim_heap_keep_page(page)) { mim_heap_end_page(page); }
}

void mim_heap_end_page(mim_page_t* page) {
  mim_heap_t* const heap = mim_page_heap(page);
  mim_tally_page(&heap->tally, page->bin, -1);
  if (mim_page_is_huge(page)) { mim_tally_huge(&heap->tally, -(ptrdiff_t)page->block_size); }
  if (mim_page_has_flag(page, MIM_PAGE_GUARDED)) { mim_counter_add(&heap->tally.guarded, -1); }
  mim_page_dispose(page);
  mim_heap_unref(heap);
}

void mim_heap_resized_huge(const mim_page_t* page, size_t before) {
  mim_tally_huge(&mim_page_heap(page)->tally, (ptrdiff_t)(page->block_size - before));
}

void mim_heap_adopt_page(mim_page_t* page, uintptr_t thread_id, mim_theap_t* theap) {
  mim_page_adopt(page, thread_id, theap);
  if (!mim_page_is_huge(page)) { count_unseen(page); }
}

void mim_heap_forget_pages(mim_heap_t* heap) {
  heap->theaps = NULL;
  memset(heap->abandoned, 0, sizeof(mim_abandoned_set_t) * MIM_BIN_COUNT * heap->shard_count);
}
