/* malloc.c - malloc behind its fast path.  A slow path finds a page; then this pops: nothing below
 * calls back up. */
#include <errno.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "base/assert.h"
#include "diag/message.h"

void* mim_out_of_memory(size_t size) {
  mim_error(ENOMEM, false, "out of memory: cannot allocate %zu bytes", size);
  if (MIM_ABORT_ON_OOM) { mim_fail("out of memory (this build aborts)", __FILE__, __LINE__); }
  errno = ENOMEM;
  return NULL;
}

void* mim_huge_hand_out(mim_page_t* page, bool zero) {
  mim_page_refill(page);
  void* const p = mim_block_present(page, mim_page_pop(page), zero);
  mim_heap_disown_huge(page);
  return p;
}

/* One block in a page of its own, which nobody owns: whoever frees it gives the page back. */
static void* malloc_huge(mim_theap_t* theap, size_t size, bool zero) {
  mim_theap_tick(theap);
  mim_page_t* const page = mim_heap_new_huge_page(theap->heap, size, MIM_SLICE_SIZE);
  if (page == NULL) { return NULL; }
  return mim_huge_hand_out(page, zero);
}

MIM_INLINE void* malloc_in_bin(mim_theap_t* theap, size_t size, bool zero) {
  const unsigned bin = mim_bin_of_size(size + (size == 0));
  mim_page_t* page = theap->bins[bin].pages.first;
  mim_block_t* block = (page == NULL ? NULL : mim_page_pop(page));
  if (mim_unlikely(block == NULL)) {
    page = mim_theap_find_page(theap, bin);
    if (mim_unlikely(page == NULL)) { return NULL; }
    block = mim_page_pop(page);
  }
  return mim_block_present(page, block, zero);
}

MIM_INLINE void* malloc_plain(mim_theap_t* theap, size_t size, bool zero) {
  return size <= MIM_MEDIUM_BLOCK_MAX ? malloc_in_bin(theap, size, zero)
                                      : malloc_huge(theap, size, zero);
}

void* mim_malloc_from(mim_theap_t* theap, size_t size, bool zero) {
  return theap->is_watched ? mim_watched_malloc(theap, size, zero)
                           : malloc_plain(theap, size, zero);
}

/* The thread heap is watched; or the thread has none yet, or no more, or there was no memory. */
MIM_COLD static void* malloc_unusual(mim_theap_t* from, size_t size, bool zero) {
  mim_theap_t* const theap = mim_theap_usable(from);
  if (theap == NULL) { return NULL; }
  if (theap->kind == MIM_THEAP_LIVE) { return mim_malloc_from(theap, size, zero); }
  void* const p = mim_malloc_from(mim_theap_late_begin(), size, zero);
  mim_theap_late_end();
  return p;
}

MIM_HOT MIM_NOINLINE void* mim_malloc_generic(size_t size, mim_theap_t* theap, bool zero) {
  void* p;
  if (mim_unlikely(size > MIM_SIZE_MAX)) { return mim_out_of_memory(size); }
  if (mim_likely(theap->is_plain)) {
    p = malloc_plain(theap, size, zero);
  } else {
    p = malloc_unusual(theap, size, zero);
  }
  return mim_likely(p != NULL) ? p : mim_out_of_memory(size);
}

MIM_HOT void* mim_calloc_in(mim_theap_t* theap, size_t count, size_t size) {
  size_t total;
  if (mim_unlikely(!mim_multiply(count, size, &total))) { return mim_out_of_memory(SIZE_MAX); }
  return mim_malloc_in(theap, total, true);
}

void* mim_mallocn_in(mim_theap_t* theap, size_t count, size_t size) {
  size_t total;
  if (mim_unlikely(!mim_multiply(count, size, &total))) { return mim_out_of_memory(SIZE_MAX); }
  return mim_malloc_in(theap, total, false);
}
