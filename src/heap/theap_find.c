/* theap_find.c - the slow path of malloc: a page with a free block.
 *
 * In the order of what it costs: the pages at hand, those that were full, those that others gave
 * up, and last a fresh page. */
#include "base/assert.h"
#include "diag/options.h"
#include "heap/theap.h"
#include "page/page_inline.h"

/* Full pages of a size that a thread keeps, once there are other threads; -1: all.  Of larger
 * blocks fewer, since their pages are larger. */
static long full_retain(size_t block_size) {
  if (!atomic_load_explicit(&mim_theap_is_concurrent, memory_order_relaxed)) { return -1; }
  const long most = mim_option_get(MIM_OPTION_page_full_retain);
  return most > 0 && block_size > MIM_SMALL_BLOCK_MAX ? (most + 3) / 4 : most;
}

/* Others may free the blocks of a full page for a long time before its owner looks at it again, so
 * all but the newest full pages are given up: the frees themselves then bring them back. */
static void bin_limit_full(mim_theap_t* theap, mim_bin_t* bin) {
  if (bin->full.count == 0) { return; }
  const long most = full_retain(bin->full.first->block_size);
  while (most >= 0 && bin->full.count > (size_t)most) {
    mim_page_t* const page = bin->full.last;
    mim_bin_count(theap, page);
    mim_count(&theap->counts, MIM_COUNT_ABANDONED, 1);
    mim_bin_from_full(theap, page);
    mim_heap_abandon_page(page);
  }
}

MIM_HOT static mim_page_t* bin_find_at_hand(mim_theap_t* theap, mim_bin_t* bin) {
  for (mim_page_t* page; (page = bin->pages.first) != NULL;) {
    if (page->free != NULL) { return page; }
    mim_bin_count(theap, page);
    if (mim_page_refill(page)) { return page; }
    mim_bin_to_full(theap, page);
  }
  return NULL;
}

/* Pages that were full when we last looked, and that others have freed blocks of since. */
static mim_page_t* bin_find_in_full(mim_theap_t* theap, mim_bin_t* bin) {
  if (bin->full.count == 0 || full_retain(bin->full.first->block_size) < 0) {
    return NULL; /* no such pages, or no other threads */
  }
  for (mim_page_t *page = bin->full.first, *next; page != NULL; page = next) {
    next = page->next;
    mim_page_collect(page);
    if (mim_page_live(page) > mim_page_most_live(page)) { continue; }
    mim_bin_from_full(theap, page);
    mim_bin_push_front(theap, page);
    return bin_find_at_hand(theap, bin);
  }
  return NULL;
}

static mim_page_t* bin_adopt(mim_theap_t* theap, mim_bin_t* bin, mim_page_t* page) {
  mim_heap_adopt_page(page, theap->thread_id, theap);
  mim_bin_push_front(theap, page);
  return bin_find_at_hand(theap, bin);
}

static mim_page_t* bin_find_fresh(mim_theap_t* theap, mim_bin_t* bin, unsigned index) {
  mim_page_t* const page = mim_heap_new_page(theap->heap, index);
  return page == NULL ? NULL : bin_adopt(theap, bin, page);
}

MIM_HOT mim_page_t* mim_theap_find_page(mim_theap_t* theap, unsigned bin_index) {
  mim_bin_t* const bin = &theap->bins[bin_index];
  mim_theap_tick(theap);
  mim_count(&theap->counts, MIM_COUNT_SEARCHES, 1);
  mim_page_t* page = bin_find_at_hand(theap, bin);
  if (page == NULL) { page = bin_find_in_full(theap, bin); }
  while (page == NULL) {
    mim_page_t* const abandoned = mim_heap_take_abandoned(theap->heap, bin_index);
    if (abandoned == NULL) { break; }
    mim_count(&theap->counts, MIM_COUNT_TAKEN, 1);
    page = bin_adopt(theap, bin, abandoned);
  }
  if (page == NULL) { page = bin_find_fresh(theap, bin, bin_index); }
  if (page == NULL) { page = bin_find_at_hand(theap, bin); } /* what the last try gave back */
  bin_limit_full(theap, bin);
  mim_assert_full(mim_theap_is_valid(theap));
  return page;
}
