/* abandoned.c - the pages of a heap that no thread owns but that have free blocks. */
#include "base/assert.h"
#include "heap/heap.h"
#include "page/page_inline.h"
#include "prim/prim.h"

/* Under the heap's lock. */
static void set_link(mim_abandoned_set_t* set, mim_page_t* page) {
  page->prev = NULL;
  page->next = set->first;
  if (set->first != NULL) { set->first->prev = page; }
  set->first = page;
  atomic_fetch_add_explicit(&set->count, 1, memory_order_relaxed);
}

/* Under the heap's lock. */
static void set_unlink(mim_abandoned_set_t* set, mim_page_t* page) {
  if (page->prev != NULL) {
    page->prev->next = page->next;
  } else {
    mim_assert(set->first == page);
    set->first = page->next;
  }
  if (page->next != NULL) { page->next->prev = page->prev; }
  page->next = NULL;
  page->prev = NULL;
  atomic_fetch_sub_explicit(&set->count, 1, memory_order_relaxed);
}

static mim_abandoned_set_t* set_of(const mim_page_t* page) {
  return &page->heap->abandoned[page->bin][page->shard];
}

static unsigned own_shard(void) { return mim_prim_cpu() % MIM_SHARDS; }

static bool abandon_listed(mim_page_t* page) {
  mim_heap_t* const heap = page->heap;
  page->shard = (uint8_t)own_shard();
  mim_abandoned_set_t* const set = set_of(page);
  mim_lock_acquire(&heap->abandoned_lock);
  set_link(set, page);
  const bool is_disowned = mim_page_try_disown(page, true);
  if (!is_disowned) { set_unlink(set, page); }
  mim_lock_release(&heap->abandoned_lock);
  return is_disowned;
}

/* A page with little room is not worth a place in the set: who frees enough of it puts it there. */
static bool page_has_room(const mim_page_t* page) { return page->used <= mim_page_most_live(page); }

void mim_heap_abandon_page(mim_page_t* page) {
  mim_assert(page->state == MIM_PAGE_QUEUED && page->next == NULL && page->prev == NULL);
  mim_page_collect(page);
  const bool is_disowned =
    page->used > 0 &&
    (page_has_room(page) ? abandon_listed(page) : mim_page_try_disown(page, false));
  if (!is_disowned) { mim_heap_dispose_page(page); }
}

static mim_page_t* set_take(mim_heap_t* heap, mim_abandoned_set_t* set) {
  if (atomic_load_explicit(&set->count, memory_order_relaxed) == 0) { return NULL; }
  mim_lock_acquire(&heap->abandoned_lock);
  mim_page_t* page = set->first;
  /* One that is owned already was emptied just now: its claimer waits for this lock. */
  while (page != NULL && mim_page_try_claim(page) == MIM_PAGE_NOTHING) { page = page->next; }
  if (page != NULL) { set_unlink(set, page); }
  mim_lock_release(&heap->abandoned_lock);
  return page;
}

mim_page_t* mim_heap_take_abandoned(mim_heap_t* heap, unsigned bin) {
  const unsigned own = own_shard();
  for (unsigned i = 0; i < MIM_SHARDS; i++) {
    mim_page_t* const page = set_take(heap, &heap->abandoned[bin][(own + i) % MIM_SHARDS]);
    if (page != NULL) { return page; }
  }
  return NULL;
}

void mim_heap_unlist_page(mim_page_t* page) {
  mim_heap_t* const heap = page->heap;
  mim_lock_acquire(&heap->abandoned_lock);
  set_unlink(set_of(page), page);
  mim_lock_release(&heap->abandoned_lock);
}
