/* theap_queue.c - the page queues of a thread heap, and the table that malloc reads. */
#include "base/assert.h"
#include "heap/theap.h"
#include "page/page_inline.h"

static void queue_push_front(mim_page_queue_t* queue, mim_page_t* page) {
  mim_assert(page->next == NULL && page->prev == NULL);
  page->next = queue->first;
  if (queue->first != NULL) {
    queue->first->prev = page;
  } else {
    queue->last = page;
  }
  queue->first = page;
  queue->count++;
}

static void queue_insert_behind(mim_page_queue_t* queue, mim_page_t* before, mim_page_t* page) {
  mim_assert(page->next == NULL && page->prev == NULL);
  page->prev = before;
  page->next = before->next;
  if (before->next != NULL) {
    before->next->prev = page;
  } else {
    queue->last = page;
  }
  before->next = page;
  queue->count++;
}

static void queue_remove(mim_page_queue_t* queue, mim_page_t* page) {
  if (page->prev != NULL) {
    page->prev->next = page->next;
  } else {
    mim_assert(queue->first == page);
    queue->first = page->next;
  }
  if (page->next != NULL) {
    page->next->prev = page->prev;
  } else {
    mim_assert(queue->last == page);
    queue->last = page->prev;
  }
  page->next = NULL;
  page->prev = NULL;
  queue->count--;
}

/* The sizes that this bin serves pop from its first page. */
static void small_update(mim_theap_t* theap, unsigned bin) {
  const size_t size = mim_bin_block_size(bin);
  if (size > MIM_SMALL_MAX) { return; }
  mim_page_t* const first = theap->bins[bin].pages.first;
  mim_page_t* const page = (first != NULL ? first : mim_page_none());
  const size_t last = size / MIM_GRANULE;
  const size_t from = (bin == 1 ? 0 : mim_bin_block_size(bin - 1) / MIM_GRANULE + 1);
  for (size_t i = from; i <= last; i++) { theap->small[i] = page; }
}

/* Small blocks come and go all the time: their first page stays, also empty.  Of larger ones a
 * thread keeps a few empty pages, of whatever size: see mim_theap_on_mark. */
static bool is_held_bin(unsigned bin) { return mim_bin_block_size(bin) <= MIM_SMALL_MAX; }

static void idle_forget(mim_theap_t* theap, const mim_page_t* page) {
  for (size_t i = 0; i < MIM_IDLE_SLOTS; i++) {
    if (theap->idle[i] == page) { theap->idle[i] = NULL; }
  }
}

static void first_changed(mim_theap_t* theap, unsigned bin) {
  mim_page_t* const first = theap->bins[bin].pages.first;
  if (first != NULL && is_held_bin(bin)) { mim_page_set_state(first, MIM_PAGE_HELD); }
  small_update(theap, bin);
}

/* The old first page loses its hold, and may turn out to be empty: the caller looks. */
void mim_bin_push_front(mim_theap_t* theap, mim_page_t* page) {
  mim_page_queue_t* const queue = &theap->bins[page->bin].pages;
  if (queue->first != NULL) { mim_page_set_state(queue->first, MIM_PAGE_QUEUED); }
  queue_push_front(queue, page);
  theap->used_bins.words[page->bin / 64] |= (uint64_t)1 << (page->bin % 64);
  first_changed(theap, page->bin);
}

void mim_bin_push_second(mim_theap_t* theap, mim_page_t* page) {
  mim_page_queue_t* const queue = &theap->bins[page->bin].pages;
  if (queue->first == NULL) {
    mim_bin_push_front(theap, page);
  } else {
    queue_insert_behind(queue, queue->first, page);
  }
}

void mim_bin_remove(mim_theap_t* theap, mim_page_t* page) {
  mim_page_queue_t* const queue = &theap->bins[page->bin].pages;
  const bool was_first = (queue->first == page);
  queue_remove(queue, page);
  mim_page_set_state(page, MIM_PAGE_QUEUED);
  idle_forget(theap, page);
  if (was_first) { first_changed(theap, page->bin); }
}

/* Looking at a page again costs as much for few free blocks as for many.  But what waits in full
 * pages is memory: where there are many, each is looked at sooner. */
enum { FEW_FULL = 8 };

void mim_bin_push_full(mim_theap_t* theap, mim_page_t* page) {
  mim_page_queue_t* const full = &theap->bins[page->bin].full;
  queue_push_front(full, page);
  theap->used_bins.words[page->bin / 64] |= (uint64_t)1 << (page->bin % 64);
  const uint32_t most = mim_page_most_live(page);
  const uint32_t room = page->reserved - most;
  mim_page_set_full(page, full->count <= FEW_FULL && room < most ? most - room : most);
}

void mim_bin_to_full(mim_theap_t* theap, mim_page_t* page) {
  mim_bin_remove(theap, page);
  mim_bin_push_full(theap, page);
}

void mim_bin_from_full(mim_theap_t* theap, mim_page_t* page) {
  queue_remove(&theap->bins[page->bin].full, page);
  mim_page_set_state(page, MIM_PAGE_QUEUED);
}

void mim_bin_count(mim_theap_t* theap, mim_page_t* page) {
  const mim_page_counts_t counts = mim_page_count(page);
  mim_count(&theap->counts, MIM_COUNT_MALLOCS + page->bin, counts.mallocs);
  mim_count(&theap->counts, MIM_COUNT_FREES + page->bin, counts.frees);
  theap->unmerged += counts.mallocs * page->block_size;
}

void mim_bin_give_back(mim_theap_t* theap, mim_page_t* page) {
  mim_bin_count(theap, page);
  mim_count(&theap->counts, MIM_COUNT_GIVEN_BACK, 1);
  mim_bin_remove(theap, page);
  mim_heap_dispose_page(page);
}

/* ---- full assertions ---- */

static void queue_check(mim_theap_t* theap, const mim_page_queue_t* queue, bool is_full) {
  size_t count = 0;
  const mim_page_t* prev = NULL;
  for (mim_page_t* page = queue->first; page != NULL; prev = page, page = page->next) {
    mim_check(page->prev == prev);
    mim_check(atomic_load_explicit(&page->theap, memory_order_relaxed) == theap);
    mim_check((mim_page_owner(page) & ~(uintptr_t)MIM_PAGE_FLAGS) == theap->thread_id);
    const bool is_held = !is_full && prev == NULL && is_held_bin(page->bin);
    mim_check(page->state == (is_full ? MIM_PAGE_FULL : is_held ? MIM_PAGE_HELD : MIM_PAGE_QUEUED));
    mim_check(mim_page_is_valid(page));
    count++;
  }
  mim_check(queue->last == prev);
  mim_check(queue->count == count);
}

bool mim_theap_is_valid(mim_theap_t* theap) {
  MIM_FOR_EACH_BIN(bin, theap) {
    queue_check(theap, &theap->bins[bin].pages, false);
    queue_check(theap, &theap->bins[bin].full, true);
  }
  for (size_t i = 1; i < MIM_SMALL_COUNT; i++) {
    mim_page_t* const first = theap->bins[mim_bin_of_size(i * MIM_GRANULE)].pages.first;
    mim_check(theap->small[i] == (first != NULL ? first : mim_page_none()));
  }
  return true;
}
