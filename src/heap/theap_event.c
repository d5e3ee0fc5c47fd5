/* theap_event.c - what happens to a page when a block of it is freed. */
#include "base/assert.h"
#include "heap/remote_inline.h"
#include "page/page_inline.h"

/* ---- the owner ---- */

/* The only page of its bin is empty: the next such block may come soon.  Kept are the last few,
 * whatever their sizes; the one that waits longest goes. */
static void keep_idle(mim_theap_t* theap, mim_page_t* page) {
  mim_page_t* const newest = theap->idle[0];
  if (newest == page) { return; }
  mim_page_t* const oldest = theap->idle[MIM_IDLE_SLOTS - 1];
  for (size_t i = MIM_IDLE_SLOTS - 1; i > 0; i--) { theap->idle[i] = theap->idle[i - 1]; }
  theap->idle[0] = page;
  if (oldest != NULL && oldest != page && mim_page_live(oldest) == 0) {
    mim_bin_give_back(theap, oldest);
  }
}

void mim_theap_on_mark(mim_page_t* page) {
  mim_theap_t* const theap = page->theap;
  mim_assert(theap->kind == MIM_THEAP_LIVE && theap->thread_id == mim_thread_id());
  if (page->state == MIM_PAGE_FULL) {
    mim_bin_from_full(theap, page);
    mim_bin_push_second(theap, page);
  } else if (theap->bins[page->bin].pages.count == 1) {
    keep_idle(theap, page);
  } else {
    mim_bin_give_back(theap, page);
  }
}

/* ---- pages without owner ---- */

/* Pages of a bin that a thread has before it takes no more from others: with room, and in all. */
enum { TAKE_MAX_WITH_ROOM = 2, TAKE_MAX = 6 };

/* Pages of more blocks are not taken: few frees go to the same page before it has room for others,
 * and what a thread hoards weighs more.  See doc/decisions/0012. */
enum { TAKE_MAX_BLOCKS = 255 };

/* A thread takes a page that it frees a block of if it allocates such blocks itself: then its next
 * frees are local ones.  Beyond a few pages that would be hoarding: they stay for any thread. */
static bool wants_page(const mim_theap_t* theap, const mim_page_t* page) {
  const mim_bin_t* const bin = &theap->bins[page->bin];
  return theap->kind == MIM_THEAP_LIVE && theap->heap == page->heap && bin->pages.count > 0 &&
         bin->pages.count < TAKE_MAX_WITH_ROOM && bin->pages.count + bin->full.count < TAKE_MAX &&
         page->reserved <= TAKE_MAX_BLOCKS;
}

/* Claimer: the page becomes this thread's, or anybody's, or goes back. */
static void settle_claimed(mim_theap_t* theap, mim_page_t* page, bool is_wanted) {
  if (page->used == 0) {
    mim_heap_dispose_page(page);
  } else if (!is_wanted) {
    mim_heap_abandon_page(page);
  } else if (page->used > mim_page_most_live(page)) {
    mim_bin_push_full(theap, page);
  } else {
    mim_bin_push_second(theap, page);
  }
}

static void on_claimed(mim_theap_t* theap, mim_page_t* page) {
  mim_heap_unlist_page(page);
  mim_page_adopt(page, mim_thread_id(), theap);
  settle_claimed(theap, page, wants_page(theap, page));
}

static bool try_take_over(mim_theap_t* theap, mim_page_t* page, mim_block_t* block) {
  if (mim_page_is_owned(page) || !wants_page(theap, page)) { return false; }
  if (!mim_page_try_claim(page)) { return false; }
  mim_heap_unlist_page(page);
  mim_page_adopt(page, theap->thread_id, theap);
  mim_page_push(page, block);
  settle_claimed(theap, page, true);
  return true;
}

/* ---- blocks of other threads' pages ---- */

static void push_chain(mim_theap_t* theap, mim_page_t* page, mim_block_t* first, mim_block_t* last,
                       size_t count) {
  if (mim_page_push_remote(page, first, last, (uint32_t)count) == MIM_PAGE_CLAIMED) {
    on_claimed(theap, page);
  }
}

static void chain_flush(mim_theap_t* theap, mim_remote_chain_t* chain) {
  const mim_remote_chain_t full = *chain;
  chain->page = NULL; /* first: what follows may free */
  theap->remote_count--;
  push_chain(theap, full.page, full.first, full.last, full.count);
}

void mim_theap_flush_remote(mim_theap_t* theap) {
  for (size_t i = 0; i < MIM_REMOTE_SLOTS && theap->remote_count > 0; i++) {
    if (theap->remote[i].page != NULL) { chain_flush(theap, &theap->remote[i]); }
  }
}

/* Only small blocks wait: a large one is worth an atomic operation of its own.  Nor do the blocks
 * of a heap that may be destroyed under them. */
static bool may_wait(const mim_theap_t* theap, const mim_page_t* page) {
  return theap->kind == MIM_THEAP_LIVE && page->block_size <= MIM_SMALL_MAX &&
         page->heap == &mim_heap_main;
}

void mim_theap_free_remote(mim_theap_t* theap, mim_page_t* page, mim_block_t* block) {
  if (try_take_over(theap, page, block)) { return; }
  mim_block_seal(page, block);
  if (!may_wait(theap, page)) {
    push_chain(theap, page, block, block, 1);
    return;
  }
  mim_remote_chain_t* const chain = mim_remote_chain_of(theap, page);
  if (chain->page == page) {
    mim_remote_append(chain, block);
    chain_flush(theap, chain);
    return;
  }
  if (chain->page != NULL) { chain_flush(theap, chain); }
  *chain = (mim_remote_chain_t){.page = page, .first = block, .last = block, .count = 1};
  theap->remote_count++;
}
