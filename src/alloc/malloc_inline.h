/* malloc_inline.h - the malloc fast path, all of it.
 *
 * A thread without a heap has one whose every page is mim_page_none(), and so has a bin without a
 * page.  One test of the free list therefore covers first use, empty bin, and used-up page. */
#ifndef MIM_ALLOC_MALLOC_INLINE_H
#define MIM_ALLOC_MALLOC_INLINE_H

#include <string.h>

#include "heap/theap.h"
#include "page/page_inline.h"

enum { MIM_FILL_NEW = 0xD0, MIM_FILL_FREED = 0xDF };

/* Everything that the fast path is not: any size, any state of the thread. */
void* mim_malloc_generic(size_t size, mim_theap_t* theap, bool zero);

/* Fresh memory from the OS is zero already, but for the words of the free list. */
MIM_INLINE void mim_block_clear(const mim_page_t* page, mim_block_t* block) {
  if (page->is_free_zero) {
    block->next = 0;
    if (MIM_CHECKED) { block->seal = 0; }
  } else {
    memset(block, 0, page->block_size);
  }
}

/* theap: the thread's own, or the one of late allocations in its lock. */
void* mim_malloc_from(mim_theap_t* theap, size_t size, bool zero);

/* A watched thread heap (heap/watch.c): a block of any size, and a huge one; each in a profile, or
 * guarded, if it is due.  NULL: no memory. */
MIM_COLD void* mim_watched_malloc(mim_theap_t* theap, size_t size, bool zero);
MIM_COLD void* mim_watched_huge(mim_theap_t* theap, size_t size, size_t alignment, bool zero);

/* The block of a huge page had `before` bytes; the thread that allocates from `theap` has changed
 * that in place. */
MIM_COLD void mim_watched_resize(mim_theap_t* theap, mim_page_t* page, size_t before);

/* The only block of a fresh huge page, which then has no owner. */
void* mim_huge_hand_out(mim_page_t* page, bool zero);

/* What a fresh block looks like to the program. */
MIM_INLINE void* mim_block_present(const mim_page_t* page, mim_block_t* block, bool zero) {
  if (zero) {
    mim_block_clear(page, block);
  } else if (MIM_DEBUG_FILL) {
    const size_t from = mim_min(mim_page_heap(page)->fill_preserve, page->block_size);
    memset((uint8_t*)block + from, MIM_FILL_NEW, page->block_size - from);
  }
  return block;
}

/* size <= MIM_SMALL_MAX; NULL if the page at hand has no block. */
MIM_INLINE void* mim_malloc_at_hand(mim_theap_t* theap, size_t size, bool zero) {
  mim_page_t* const page = theap->small[mim_granules_of(size)];
  mim_block_t* const block = mim_page_pop(page);
  return mim_likely(block != NULL) ? mim_block_present(page, block, zero) : NULL;
}

/* size <= MIM_SMALL_MAX */
MIM_INLINE void* mim_malloc_small(mim_theap_t* theap, size_t size, bool zero) {
  void* const p = mim_malloc_at_hand(theap, size, zero);
  return mim_likely(p != NULL) ? p : mim_malloc_generic(size, theap, zero);
}

MIM_INLINE void* mim_malloc_in(mim_theap_t* theap, size_t size, bool zero) {
  if (mim_likely(size <= MIM_SMALL_MAX)) { return mim_malloc_small(theap, size, zero); }
  return mim_malloc_generic(size, theap, zero);
}

MIM_INLINE void* mim_malloc(size_t size) { return mim_malloc_in(mim_theap_self, size, false); }
MIM_INLINE void* mim_zalloc(size_t size) { return mim_malloc_in(mim_theap_self, size, true); }

#endif
