/* realloc.c - resizing: in place, by moving OS pages, or by a copy.
 *
 * The old block stays as it is when there is no memory for a new one. */
#include <errno.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "base/assert.h"
#include "os/os.h"

/* Moving OS pages pays from here on: below, a copy is cheaper than the kernel's work. */
enum { MOVE_MIN_SIZE = 1024 * MIM_KIB };

/* A smaller size keeps the block only if it still uses half of it. */
static bool fits_in_place(size_t size, size_t usable) {
  return size <= usable && size >= usable / 2;
}

/* A huge block keeps its place for as long as its size is rounded to the same. */
static bool stays_in_place(const mim_page_t* page, size_t size, size_t usable) {
  if (!mim_page_is_huge(page) || mim_page_has_flag(page, MIM_PAGE_GUARDED)) {
    return fits_in_place(size, usable);
  }
  return size <= usable && size > usable - MIM_HUGE_ROUND;
}

/* What lies behind the program's part of a zeroed block must be zero when it grows again. */
static void clear_tail(void* p, size_t from, size_t to) {
  if (from < to) { memset((uint8_t*)p + from, 0, to - from); }
}

/* A huge block grows into the slices behind it, and shrinks by giving back its last ones. */
static bool resize_huge_in_place(mim_theap_t* theap, void* p, mim_page_t* page, size_t size,
                                 bool zero) {
  const size_t before = page->block_size;
  if (!mim_page_is_huge(page)) { return false; }
  if (size <= MIM_MEDIUM_BLOCK_MAX && size < before / 2) { return false; }
  if (!mim_page_resize_huge(page, size)) { return false; }
  const size_t after = page->block_size;
  mim_heap_resized_huge(page, before);
  if (zero) { clear_tail(p, mim_min(before, size), after); }
  if (mim_unlikely(theap->is_watched || mim_page_has_flag(page, MIM_PAGE_SAMPLED))) {
    mim_watched_resize(theap, page, before);
  }
  return true;
}

/* Both blocks start at a slice: whole OS pages move, the rest is copied. */
static void copy_block(void* to, void* from, size_t size) {
  const mim_page_t* const page = mim_page_of(from);
  size_t moved = 0;
  if (size >= MOVE_MIN_SIZE && mim_is_aligned(to, MIM_SLICE_SIZE) &&
      mim_is_aligned(from, MIM_SLICE_SIZE) && mim_page_is_huge(page)) {
    const size_t whole = mim_align_down(size, mim_os_config()->page_size);
    if (mim_os_move(from, to, whole)) { moved = whole; }
  }
  memcpy((uint8_t*)to + moved, (uint8_t*)from + moved, size - moved);
}

static void* realloc_by_copy(mim_theap_t* theap, void* p, size_t size, size_t usable, bool zero) {
  void* const fresh = mim_malloc_in(theap, size, zero);
  if (fresh == NULL) { return NULL; }
  copy_block(fresh, p, mim_min(size, usable));
  if (zero && size < usable) { clear_tail(fresh, size, mim_usable_size(fresh)); }
  mim_free(p);
  return fresh;
}

/* It is not ours: nothing happens to it. */
static void* realloc_foreign(void* p) {
  mim_report_invalid("realloc", p, false);
  errno = ENOMEM;
  return NULL;
}

MIM_HOT void* mim_realloc_in(mim_theap_t* theap, void* p, size_t size, bool zero) {
  if (p == NULL) { return mim_malloc_in(theap, size, zero); }
  mim_page_t* const page = mim_page_of(p);
  if (mim_unlikely(page == mim_page_none())) { return realloc_foreign(p); }
  if (mim_unlikely(size > MIM_SIZE_MAX)) { return mim_out_of_memory(size); }
  const size_t usable = mim_usable_size(p);
  if (stays_in_place(page, size, usable)) {
    if (zero) { clear_tail(p, size, usable); }
    return p;
  }
  if (resize_huge_in_place(theap, p, page, size, zero)) { return p; }
  return realloc_by_copy(theap, p, size, usable, zero);
}

void* mim_reallocn_in(mim_theap_t* theap, void* p, size_t count, size_t size, bool zero) {
  size_t total;
  if (mim_unlikely(!mim_multiply(count, size, &total))) { return mim_out_of_memory(SIZE_MAX); }
  return mim_realloc_in(theap, p, total, zero);
}

void* mim_expand(void* p, size_t size) {
  if (p == NULL) { return NULL; }
  mim_page_t* const page = mim_page_of(p);
  if (page == mim_page_none() || size > MIM_SIZE_MAX) { return NULL; }
  if (size <= mim_usable_size(p)) { return p; }
  return resize_huge_in_place(mim_theap_self, p, page, size, false) ? p : NULL;
}
