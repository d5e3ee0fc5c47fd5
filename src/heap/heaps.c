/* heaps.c - first-class heaps are made, deleted and destroyed.
 *
 * One lock guards the list of heaps and the thread heaps of all of them: so a thread that ends and
 * a thread that ends a heap do not meet in the middle. */
#include <errno.h>
#include <stdlib.h>

#include "arena/metadata.h"
#include "base/assert.h"
#include "diag/message.h"
#include "heap/theap.h"
#include "page/page_inline.h"

static mim_lock_t heaps_lock = MIM_LOCK_INIT(MIM_RANK_HEAPS);
static mim_lock_t aside_lock = MIM_LOCK_INIT(MIM_RANK_ASIDE);
static mim_heap_t* heaps_first;
static _Atomic(size_t) heaps_last_serial = 1; /* the main heap's */

void mim_heaps_lock(void) { mim_lock_acquire(&heaps_lock); }
void mim_heaps_unlock(void) { mim_lock_release(&heaps_lock); }
void mim_heaps_lock_aside(void) { mim_lock_acquire(&aside_lock); }
void mim_heaps_unlock_aside(void) { mim_lock_release(&aside_lock); }

mim_heap_t* mim_heaps_first(void) { return heaps_first; }
void mim_heaps_forget(void) { heaps_first = NULL; }

/* ---- the structure ---- */

typedef struct heap_memory {
  mim_heap_t heap;
  mim_abandoned_set_t abandoned[MIM_BIN_COUNT];
  mim_page_t* kept[MIM_BIN_COUNT];
} heap_memory_t;

static void heap_link(mim_heap_t* heap) {
  mim_heaps_lock();
  heap->next = heaps_first;
  if (heaps_first != NULL) { heaps_first->prev = heap; }
  heaps_first = heap;
  mim_heaps_unlock();
}

static void heap_unlink(mim_heap_t* heap) {
  mim_heaps_lock();
  if (heap->prev != NULL) {
    heap->prev->next = heap->next;
  } else {
    heaps_first = heap->next;
  }
  if (heap->next != NULL) { heap->next->prev = heap->prev; }
  mim_heaps_unlock();
}

mim_heap_t* mim_heap_new(mim_subproc_t* subproc, mim_arena_t* only_arena) {
  mim_heap_init();
  heap_memory_t* const memory = mim_metadata_new(sizeof(heap_memory_t));
  if (memory == NULL) { return NULL; }
  mim_heap_t* const heap = &memory->heap;
  heap->subproc = subproc;
  heap->arenas = subproc->arenas;
  heap->only_arena = only_arena;
  atomic_store_explicit(&heap->numa_node, -1, memory_order_relaxed);
  heap->serial = atomic_fetch_add_explicit(&heaps_last_serial, 1, memory_order_relaxed) + 1;
  heap->theaps_lock = &heaps_lock;
  heap->abandoned_lock = &aside_lock;
  heap->shard_count = 1;
  heap->abandoned = memory->abandoned;
  atomic_store_explicit(&heap->refs, 1, memory_order_relaxed);
  heap_link(heap);
  mim_counter_add(&subproc->heaps, 1);
  return heap;
}

void mim_heap_keep_empty_pages(mim_heap_t* heap) {
  heap->kept = ((heap_memory_t*)(void*)heap)->kept;
}

void mim_heap_ref(mim_heap_t* heap) {
  if (mim_heap_is_main(heap)) { return; }
  atomic_fetch_add_explicit(&heap->refs, 1, memory_order_relaxed);
}

/* Acquire and release: whoever frees the structure comes after all who used it. */
void mim_heap_unref(mim_heap_t* heap) {
  if (mim_heap_is_main(heap)) { return; }
  if (atomic_fetch_sub_explicit(&heap->refs, 1, memory_order_acq_rel) != 1) { return; }
  if (!heap->is_destroyed) { mim_heap_fold_stats(heap, &heap->subproc->main->tally, true); }
  heap_unlink(heap);
  heap->serial = SIZE_MAX;
  mim_metadata_free(heap, sizeof(heap_memory_t));
}

/* The structure of a heap that has ended is some heap's for ever: see arena/metadata.h. */
bool mim_heap_check(const mim_heap_t* heap, const char* act) {
  if (heap != NULL && heap->serial != SIZE_MAX && !mim_heap_is_deleted(heap)) { return true; }
  mim_error(EINVAL, true, "%s: heap %p has ended, or is none", act, (const void*)heap);
  if (MIM_CHECKED) { abort(); }
  return false;
}

mim_heap_t* mim_heap_of_page(const mim_page_t* page) {
  for (;;) {
    mim_heap_t* const heap = mim_page_heap(page);
    const bool is_deleted = atomic_load_explicit(&heap->is_deleted, memory_order_acquire);
    /* Still there: so the heap was, too, when we looked at it. */
    if (mim_page_heap(page) == heap) { return is_deleted ? heap->subproc->main : heap; }
  }
}

/* ---- the end of a heap ---- */

void mim_heap_delete(mim_heap_t* heap) {
  mim_profile_heap(heap, NULL);
  mim_page_t* taken = mim_heap_take_all(heap);
  mim_heap_release_kept(heap);
  mim_theap_end_own(heap);
  for (mim_page_t* page; (page = taken) != NULL;) {
    taken = page->next;
    page->next = NULL;
    mim_heap_adopt_page(page, mim_thread_id(), NULL);
    mim_heap_abandon_page(page);
  }
  mim_counter_add(&heap->subproc->heaps, -1);
  mim_heap_unref(heap);
}

/* Its blocks are gone, whatever they were. */
static void page_drop(mim_page_t* page) {
  if (mim_page_has_flag(page, MIM_PAGE_SAMPLED)) { mim_samples_forget_page(page); }
  page->next = NULL;
  page->prev = NULL;
  mim_page_forget_blocks(page);
  mim_heap_dispose_page(page);
}

static void queue_drop(mim_page_queue_t* queue) {
  for (mim_page_t *page = queue->first, *next; page != NULL; page = next) {
    next = page->next;
    page_drop(page);
  }
  *queue = (mim_page_queue_t){NULL, NULL, 0};
}

/* What it holds back for others' pages is not its own. */
static void theap_drop_pages(mim_theap_t* theap) {
  mim_theap_flush_remote(theap);
  mim_theap_count(theap);
  MIM_FOR_EACH_BIN(bin, theap) {
    queue_drop(&theap->bins[bin].pages);
    queue_drop(&theap->bins[bin].full);
  }
}

static void heap_drop_pages(mim_heap_t* heap) {
  mim_profile_heap(heap, NULL);
  mim_page_t* const taken = mim_heap_take_all(heap);
  mim_heap_release_kept(heap);
  for (mim_page_t *page = taken, *next; page != NULL; page = next) {
    next = page->next;
    page_drop(page);
  }
  mim_heaps_lock();
  for (mim_theap_t* theap = heap->theaps; theap != NULL; theap = theap->next) {
    if (theap->kind == MIM_THEAP_LIVE) { theap_drop_pages(theap); }
  }
  mim_heaps_unlock();
  mim_theaps_end_all(heap);
}

void mim_heap_destroy(mim_heap_t* heap) {
  const bool was_deleted = mim_heap_is_deleted(heap);
  heap_drop_pages(heap);
  if (was_deleted) { return; } /* only what was left of it: see mim_heap_delete */
  mim_heap_fold_stats(heap, &heap->subproc->ended, true);
  heap->is_destroyed = true;
  mim_counter_add(&heap->subproc->heaps, -1);
  mim_heap_unref(heap);
}
