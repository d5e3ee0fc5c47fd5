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

MIM_HOT void mim_theap_on_mark(mim_page_t* page) {
  mim_theap_t* const theap = atomic_load_explicit(&page->theap, memory_order_relaxed);
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
enum { TAKE_MAX_WITH_ROOM = 3, TAKE_MAX = 12 };

/* Pages of more blocks are not taken: few frees go to the same page before it has room for others,
 * and what a thread hoards weighs more.  See doc/decisions/0012. */
enum { TAKE_MAX_BLOCKS = 255 };

/* A thread takes a page that it frees a block of if it allocates such blocks itself: then its next
 * frees are local ones.  Beyond a few pages that would be hoarding: they stay for any thread. */
static bool wants_page(const mim_theap_t* theap, const mim_page_t* page) {
  const mim_bin_t* const bin = &theap->bins[page->bin];
  return theap->kind == MIM_THEAP_LIVE && bin->pages.count > 0 &&
         bin->pages.count < TAKE_MAX_WITH_ROOM && bin->pages.count + bin->full.count < TAKE_MAX &&
         page->reserved <= TAKE_MAX_BLOCKS;
}

/* A hint: it was this thread's when it was last owned. */
static bool was_mine(const mim_theap_t* theap, const mim_page_t* page) {
  return theap->kind == MIM_THEAP_LIVE &&
         atomic_load_explicit(&page->theap, memory_order_relaxed) == theap;
}

/* Claimer: the page becomes this thread's, or anybody's, or goes back. */
static void settle_claimed(mim_theap_t* theap, mim_page_t* page, bool is_wanted) {
  mim_heap_adopt_page(page, theap != NULL ? theap->thread_id : mim_thread_id(), theap);
  if (page->used == 0) {
    mim_heap_dispose_page(page);
    return;
  }
  if (!is_wanted) {
    mim_heap_abandon_page(page);
    return;
  }
  mim_count(&theap->counts, MIM_COUNT_TAKEN_BY_FREE, 1);
  if (page->used > mim_page_most_live(page)) {
    mim_bin_push_full(theap, page);
  } else {
    mim_bin_push_second(theap, page);
  }
}

/* ---- blocks of other threads' pages ---- */

/* This thread's thread heap of the page's heap; NULL if it has none, or not lately. */
static mim_theap_t* theap_for_page(mim_theap_t* theap, const mim_page_t* page) {
  mim_heap_t* const heap = mim_page_heap(page);
  if (mim_likely(theap->heap == heap)) { return theap; }
  return theap->kind == MIM_THEAP_LIVE ? mim_theap_recent(heap) : NULL;
}

/* takes: if the page has no owner, it becomes this thread's. */
static void push_chain(mim_theap_t* theap, mim_page_t* page, const mim_remote_chain_t* chain,
                       bool takes) {
  const mim_page_event_t event =
    mim_page_push_remote(page, chain->first, chain->last, chain->count, takes);
  if (event == MIM_PAGE_NOTHING) { return; }
  mim_heap_unlink_claimed(page, event);
  mim_theap_t* const own = theap_for_page(theap, page);
  settle_claimed(own, page, own != NULL && (takes || wants_page(own, page)));
}

/* Where no chain can show that more frees follow: the page was this thread's, and comes back. */
static bool gets_back(const mim_theap_t* own, const mim_page_t* page) {
  return !mim_heap_is_main(own->heap) && was_mine(own, page);
}

static void push_block(mim_theap_t* theap, mim_page_t* page, mim_block_t* block, bool takes) {
  const mim_remote_chain_t chain = {.page = page, .first = block, .last = block, .count = 1};
  push_chain(theap, page, &chain, takes);
}

static void chain_flush(mim_theap_t* theap, mim_remote_chain_t* chain, bool takes) {
  const mim_remote_chain_t full = *chain;
  chain->page = NULL; /* first: what follows may free */
  theap->remote_count--;
  push_chain(theap, full.page, &full, takes);
}

void mim_theap_flush_remote(mim_theap_t* theap) {
  for (size_t i = 0; i < MIM_REMOTE_SLOTS && theap->remote_count > 0; i++) {
    if (theap->remote[i].page != NULL) { chain_flush(theap, &theap->remote[i], false); }
  }
}

/* Only small blocks wait: a large one is worth an atomic operation of its own.  Nor do the blocks
 * of a heap that may be destroyed under them. */
static bool may_wait(const mim_theap_t* theap, const mim_page_t* page) {
  return theap->kind == MIM_THEAP_LIVE && page->block_size <= MIM_SMALL_MAX &&
         mim_heap_is_main(mim_page_heap(page));
}

/* A chain has reached its limit.  If the page was this thread's before it was given up, full, it
 * comes back now: more of its blocks are likely to follow.  Else the chain grows to its end. */
static void chain_look(mim_theap_t* theap, mim_remote_chain_t* chain) {
  const mim_theap_t* const own = theap_for_page(theap, chain->page);
  const bool takes = own != NULL && was_mine(own, chain->page) && !mim_page_is_owned(chain->page);
  if (takes || chain->limit == MIM_REMOTE_CHAIN_MAX) {
    chain_flush(theap, chain, takes);
  } else {
    chain->limit = MIM_REMOTE_CHAIN_MAX;
  }
}

MIM_HOT void mim_theap_free_remote(mim_theap_t* theap, mim_page_t* page, mim_block_t* block) {
  mim_block_seal(page, block);
  const mim_theap_t* const own = mim_page_is_owned(page) ? NULL : theap_for_page(theap, page);
  if (own != NULL && (wants_page(own, page) || gets_back(own, page))) {
    push_block(theap, page, block, true);
    return;
  }
  if (!may_wait(theap, page)) {
    push_block(theap, page, block, false);
    return;
  }
  mim_remote_chain_t* const chain = mim_remote_chain_of(theap, page);
  if (chain->page == page) {
    mim_remote_append(chain, block);
    chain_look(theap, chain);
    return;
  }
  if (chain->page != NULL) { chain_flush(theap, chain, false); }
  *chain = (mim_remote_chain_t){
    .page = page, .first = block, .last = block, .count = 1, .limit = MIM_REMOTE_CHAIN_LOOK};
  theap->remote_count++;
}
