/* aligned.c - aligned allocation.
 *
 * Pages start at a slice, and the block sizes of a doubling are multiples of an eighth of it.  So a
 * size that is rounded up to a multiple of its alignment falls into a bin whose blocks all have
 * that alignment: no room is lost, and free needs no special case.  Larger ones get slices that are
 * aligned as asked.  Only an offset leads to pointers inside a block. */
#include <errno.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "base/assert.h"

static void* huge_aligned(mim_theap_t* from, size_t size, size_t alignment, bool zero) {
  mim_theap_t* const theap = mim_theap_usable(from);
  if (theap == NULL) { return mim_out_of_memory(size); }
  if (mim_unlikely(theap->is_watched)) {
    void* const p = mim_watched_huge(theap, mim_max(size, 1), alignment, zero);
    return p != NULL ? p : mim_out_of_memory(size);
  }
  mim_heap_t* const heap = (theap->heap != NULL ? theap->heap : &mim_heap_main);
  mim_page_t* const page = mim_heap_new_huge_page(heap, mim_max(size, 1), alignment);
  return page == NULL ? mim_out_of_memory(size) : mim_huge_hand_out(page, zero);
}

static void* malloc_aligned(mim_theap_t* theap, size_t size, size_t alignment, bool zero) {
  if (alignment <= MIM_GRANULE) { return mim_malloc_in(theap, size, zero); }
  if (alignment <= MIM_SLICE_SIZE && size <= MIM_MEDIUM_BLOCK_MAX) {
    const size_t rounded = mim_align_up(mim_max(size, 1), alignment);
    void* const p = mim_malloc_in(theap, rounded, zero);
    mim_assert(mim_is_aligned(p, alignment));
    return p;
  }
  return huge_aligned(theap, size, alignment, zero);
}

/* The owner's word must note that pointers lie inside blocks, before anybody else can own the page:
 * a late allocation does both in one hold of its lock. */
static void* malloc_inside(mim_theap_t* theap, size_t size, size_t alignment, size_t offset,
                           bool zero) {
  void* const p = mim_malloc_from(theap, size + alignment - 1, zero);
  if (p == NULL) { return NULL; }
  const uintptr_t wanted = mim_align_up((uintptr_t)p + offset, alignment) - offset;
  if (wanted == (uintptr_t)p || mim_page_set_interior(mim_page_of(p))) { return (void*)wanted; }
  mim_free(p);
  return NULL;
}

static void* malloc_aligned_at(mim_theap_t* from, size_t size, size_t alignment, size_t offset,
                               bool zero) {
  if (size > MIM_SIZE_MAX - alignment) { return mim_out_of_memory(size); }
  mim_theap_t* theap = mim_theap_usable(from);
  if (theap == NULL) { return mim_out_of_memory(size); }
  const bool is_late = theap->kind == MIM_THEAP_LATE;
  if (is_late) { theap = mim_theap_late_begin(); }
  void* const p = malloc_inside(theap, size, alignment, offset, zero);
  if (is_late) { mim_theap_late_end(); }
  return p != NULL ? p : mim_out_of_memory(size);
}

void* mim_malloc_aligned_in(mim_theap_t* theap, size_t size, size_t alignment, size_t offset,
                            bool zero) {
  if (mim_unlikely(!mim_is_power_of_two(alignment))) {
    errno = EINVAL;
    return NULL;
  }
  if (mim_unlikely(size > MIM_SIZE_MAX || alignment > MIM_SIZE_MAX)) {
    return mim_out_of_memory(size);
  }
  if (mim_likely((offset & (alignment - 1)) == 0)) {
    return malloc_aligned(theap, size, alignment, zero);
  }
  return malloc_aligned_at(theap, size, alignment, offset & (alignment - 1), zero);
}

void* mim_calloc_aligned_in(mim_theap_t* theap, size_t count, size_t size, size_t alignment,
                            size_t offset) {
  size_t total;
  if (mim_unlikely(!mim_multiply(count, size, &total))) { return mim_out_of_memory(SIZE_MAX); }
  return mim_malloc_aligned_in(theap, total, alignment, offset, true);
}

void* mim_realloc_aligned_in(mim_theap_t* theap, void* p, size_t size, size_t alignment,
                             size_t offset, bool zero) {
  if (p == NULL) { return mim_malloc_aligned_in(theap, size, alignment, offset, zero); }
  if (!mim_is_power_of_two(alignment)) {
    errno = EINVAL;
    return NULL;
  }
  const size_t usable = mim_usable_size(p);
  const bool is_aligned = (((uintptr_t)p + offset) & (alignment - 1)) == 0;
  if (is_aligned && alignment <= MIM_GRANULE && (offset & (alignment - 1)) == 0) {
    return mim_realloc_in(theap, p, size, zero);
  }
  if (is_aligned && size <= usable && size >= usable / 2) {
    if (zero) { memset((uint8_t*)p + size, 0, usable - size); }
    return p;
  }
  void* const fresh = mim_malloc_aligned_in(theap, size, alignment, offset, zero);
  if (fresh == NULL) { return NULL; }
  memcpy(fresh, p, mim_min(size, usable));
  const size_t room = mim_usable_size(fresh);
  if (zero && size < usable && size < room) { memset((uint8_t*)fresh + size, 0, room - size); }
  mim_free(p);
  return fresh;
}

void* mim_recalloc_aligned_in(mim_theap_t* theap, void* p, size_t count, size_t size,
                              size_t alignment, size_t offset) {
  size_t total;
  if (mim_unlikely(!mim_multiply(count, size, &total))) { return mim_out_of_memory(SIZE_MAX); }
  return mim_realloc_aligned_in(theap, p, total, alignment, offset, true);
}
