/* kept.c - empty pages of a heap whose freed blocks the program may still read.
 *
 * A reader without locks may look at an object that was freed a moment ago, if its memory is still
 * there and still holds objects of that size (quiescent-state based reclamation).  So the empty
 * pages of such a heap serve no other size and no other heap until the program says that nobody
 * reads any more. */
#include "base/assert.h"
#include "heap/heap.h"
#include "page/page_inline.h"

bool mim_heap_keep_page(mim_page_t* page) {
  mim_heap_t* const heap = mim_page_heap(page);
  if (heap->kept == NULL) { return false; }
  mim_lock_acquire(heap->abandoned_lock);
  const bool keeps = !mim_heap_is_deleted(heap);
  if (keeps) {
    atomic_store_explicit(&page->owner, 0, memory_order_relaxed);
    page->next = heap->kept[page->bin];
    heap->kept[page->bin] = page;
  }
  mim_lock_release(heap->abandoned_lock);
  return keeps;
}

static mim_page_t* take_kept(mim_heap_t* heap, unsigned bin) {
  mim_lock_acquire(heap->abandoned_lock);
  mim_page_t* const page = heap->kept[bin];
  if (page != NULL) {
    heap->kept[bin] = page->next;
    page->next = NULL;
  }
  mim_lock_release(heap->abandoned_lock);
  return page;
}

/* A huge page fits one size only, and waits for the end. */
mim_page_t* mim_heap_take_kept(mim_heap_t* heap, unsigned bin) {
  mim_assert(bin != MIM_BIN_HUGE);
  return heap->kept == NULL ? NULL : take_kept(heap, bin);
}

void mim_heap_release_kept(mim_heap_t* heap) {
  if (heap->kept == NULL) { return; }
  for (unsigned bin = 1; bin < MIM_BIN_COUNT; bin++) {
    for (mim_page_t* page; (page = take_kept(heap, bin)) != NULL;) { mim_heap_end_page(page); }
  }
}
