/* theap_collect.c - tidying a thread heap: now and then, when asked, and when the thread ends. */
#include "base/assert.h"
#include "diag/options.h"
#include "heap/theap.h"
#include "page/page_inline.h"

enum { TICK_FLUSH = 64, TICK_TIDY = 1024 }; /* slow paths between two of them; powers of two */

static void bin_collect_pages(mim_theap_t* theap, mim_bin_t* bin) {
  for (mim_page_t *page = bin->pages.first, *next; page != NULL; page = next) {
    next = page->next;
    mim_page_collect(page);
    if (page->used == 0) { mim_bin_give_back(theap, page); }
  }
}

/* is_forced: a page with any free block counts, not only one that is worth a look. */
static void bin_collect_full(mim_theap_t* theap, mim_bin_t* bin, bool is_forced) {
  for (mim_page_t *page = bin->full.first, *next; page != NULL; page = next) {
    next = page->next;
    mim_page_collect(page);
    const uint32_t most = is_forced ? page->reserved - 1u : mim_page_most_live(page);
    if (mim_page_live(page) > most) { continue; }
    mim_bin_count(theap, page);
    mim_bin_from_full(theap, page);
    if (page->used == 0) {
      mim_heap_dispose_page(page);
    } else {
      mim_bin_push_second(theap, page);
    }
  }
}

/* The first page of a queue is kept even when it is empty; what was idle for a whole round, or all
 * if is_forced, goes. */
static void bin_collect_first(mim_theap_t* theap, mim_bin_t* bin, bool is_forced) {
  mim_page_t* page;
  while ((page = bin->pages.first) != NULL && mim_page_live(page) == 0) {
    if (!is_forced && !page->was_idle) {
      page->was_idle = true;
      return;
    }
    mim_bin_give_back(theap, page);
  }
  if (page != NULL) { page->was_idle = false; }
}

static void theap_tidy(mim_theap_t* theap) {
  MIM_FOR_EACH_BIN(i, theap) {
    if (theap->bins[i].pages.first != NULL) { bin_collect_first(theap, &theap->bins[i], false); }
  }
}

static size_t merge_threshold(void) {
  return mim_option_get_size(MIM_OPTION_stats_merge_threshold);
}

void mim_theap_tick(mim_theap_t* theap) {
  const size_t n = ++theap->slow_count;
  if (n % TICK_FLUSH != 0) { return; }
  if (theap == mim_theap_self) { mim_deferred_free(theap, false); } /* not under the late lock */
  mim_watch_update(theap);
  if (theap->remote_count > 0) { mim_theap_flush_remote(theap); }
  if (mim_arenas_purge_waits(theap->heap->arenas)) { mim_arenas_purge(theap->heap->arenas, false); }
  if (n % TICK_TIDY == 0) { theap_tidy(theap); }
  if (theap->unmerged >= merge_threshold() && theap->thread_id != mim_theap_late_id()) {
    mim_theap_merge(theap); /* not under the late lock either */
  }
}

void mim_theap_collect(mim_theap_t* theap, bool is_forced) {
  mim_deferred_free(theap, is_forced);
  mim_theap_flush_remote(theap);
  MIM_FOR_EACH_BIN(i, theap) {
    bin_collect_full(theap, &theap->bins[i], is_forced);
    bin_collect_pages(theap, &theap->bins[i]);
    bin_collect_first(theap, &theap->bins[i], is_forced);
  }
  mim_assert_full(mim_theap_is_valid(theap));
  if (is_forced) { mim_page_flush_guarded(); }
  mim_arenas_purge(theap->heap->arenas, is_forced);
  if (mim_option_is_enabled(MIM_OPTION_stats_merge_on_collect)) { mim_theap_merge(theap); }
}

bool mim_theap_make_room(void) {
  mim_theap_t* const theap = mim_theap_self;
  if (theap->kind != MIM_THEAP_LIVE) { return false; }
  mim_theap_collect(theap, true);
  return true;
}

static void queue_count(mim_theap_t* theap, const mim_page_queue_t* queue) {
  for (mim_page_t* page = queue->first; page != NULL; page = page->next) {
    mim_page_collect(page);
    mim_bin_count(theap, page);
  }
}

void mim_theap_count(mim_theap_t* theap) {
  MIM_FOR_EACH_BIN(i, theap) {
    queue_count(theap, &theap->bins[i].pages);
    queue_count(theap, &theap->bins[i].full);
  }
}

void mim_theap_merge(mim_theap_t* theap) {
  mim_lock_acquire(theap->heap->theaps_lock);
  mim_tally_merge(&theap->heap->tally, &theap->counts, &theap->used_bins);
  mim_lock_release(theap->heap->theaps_lock);
  theap->unmerged = 0;
}

/* The thread heap ends, and another may get its address: the page must not come back to that. */
static void page_abandon(mim_page_t* page) {
  atomic_store_explicit(&page->theap, NULL, memory_order_relaxed);
  mim_heap_abandon_page(page);
}

static void bin_abandon(mim_theap_t* theap, mim_bin_t* bin) {
  for (mim_page_t* page; (page = bin->full.first) != NULL;) {
    mim_bin_count(theap, page);
    mim_bin_from_full(theap, page);
    page_abandon(page);
  }
  for (mim_page_t* page; (page = bin->pages.first) != NULL;) {
    mim_bin_count(theap, page);
    mim_bin_remove(theap, page);
    page_abandon(page);
  }
}

void mim_theap_abandon(mim_theap_t* theap) {
  mim_theap_flush_remote(theap);
  MIM_FOR_EACH_BIN(i, theap) { bin_abandon(theap, &theap->bins[i]); }
}
