/* watched.c - blocks that may get a sample in a heap profile, or a guard page: the slow paths of
 * watched thread heaps.  Which blocks it is, heap/watch.c decides. */
#include "alloc/malloc_inline.h"
#include "base/assert.h"
#include "diag/options.h"

/* ---- samples ---- */

/* The next `size` bytes are handed out; is there a sample among them? */
static bool takes_sample(mim_theap_t* theap, size_t size, mim_sample_source_t* source) {
  mim_watch_t* const watch = &theap->watch;
  *source = (mim_sample_source_t){
    .version = watch->version,
    .profiler = watch->profiler,
    .is_late = theap->thread_id == mim_theap_late_id(),
  };
  const size_t distance = watch->sample_step;
  if (!mim_watch_takes_sample(watch, size, &source->point)) { return false; }
  source->step = distance + size - source->point;
  return true;
}

/* `block` has just been handed out by its page. */
static void sample_if_due(mim_theap_t* theap, mim_page_t* page, const void* block) {
  mim_sample_source_t source;
  if (!takes_sample(theap, page->block_size, &source)) { return; }
  mim_sample_begin(&source, page, block, page->block_size);
}

void mim_watched_resize(mim_theap_t* theap, mim_page_t* page, size_t before) {
  const size_t after = page->block_size;
  if (mim_page_has_flag(page, MIM_PAGE_SAMPLED)) {
    mim_sample_resize(page, page->start, after);
    return;
  }
  mim_sample_source_t source;
  if (after <= before || !takes_sample(theap, after - before, &source)) { return; }
  source.point += before;
  mim_sample_begin(&source, page, page->start, after);
}

/* ---- guarded blocks ---- */

/* The block ends where the OS refuses access, up to its alignment.  A size that is a multiple of
 * OS pages starts where its slices do: so it is aligned as well as those are. */
static void* guarded_present(mim_page_t* page, size_t size, size_t alignment, bool zero) {
  const bool is_precise =
    alignment <= MIM_GRANULE && mim_option_is_enabled(MIM_OPTION_unsafe_guarded_precise);
  const size_t unit = is_precise ? 1 : mim_max(mim_min(alignment, page->block_size), MIM_GRANULE);
  mim_page_refill(page);
  mim_block_t* const block = mim_page_pop(page);
  mim_block_present(page, block, zero);
  page->inset = (uint16_t)mim_align_down(page->block_size - size, unit);
  return page->start + page->inset;
}

static void* guarded_malloc(mim_theap_t* theap, size_t size, size_t alignment, bool zero) {
  mim_page_t* const page = mim_heap_new_guarded_page(theap->heap, size, alignment);
  if (page == NULL) { return NULL; }
  sample_if_due(theap, page, page->start);
  void* const p = guarded_present(page, mim_max(size, 1), alignment, zero);
  mim_heap_disown_huge(page);
  return p;
}

/* ---- allocation ---- */

/* Leaves only those blocks in `free` that may go unwatched, or the one that is due.  How many may:
 * they are counted. */
static size_t count_unwatched(mim_theap_t* theap, mim_page_t* page) {
  const size_t size = page->block_size;
  const size_t unwatched = mim_watch_unwatched(&theap->watch, size);
  if (unwatched < page->installed) {
    mim_bin_count(theap, page);
    mim_page_keep_free(page, mim_max(unwatched, 1));
  }
  const size_t count = mim_min(unwatched, page->installed);
  mim_watch_count(&theap->watch, count, size);
  return count;
}

static void* pop_due(mim_theap_t* theap, mim_page_t* page, size_t size, bool zero) {
  if (mim_watch_takes_guard(&theap->watch, size, page->block_size)) {
    void* const guarded = guarded_malloc(theap, size, MIM_GRANULE, zero);
    if (guarded != NULL) {
      mim_page_keep_free(page, 0); /* none of it has gone: the next one was not looked at yet */
      return guarded;
    }
  }
  mim_block_t* const block = mim_page_pop(page);
  sample_if_due(theap, page, block);
  return mim_block_present(page, block, zero);
}

static void* malloc_in_bin_watched(mim_theap_t* theap, size_t size, unsigned bin, bool zero) {
  mim_page_t* const first = theap->bins[bin].pages.first;
  mim_block_t* const block = first == NULL ? NULL : mim_page_pop(first);
  if (block != NULL) { return mim_block_present(first, block, zero); }
  mim_watch_update(theap); /* may empty the lists: not once a page is found */
  mim_page_t* const page = mim_theap_find_page(theap, bin);
  if (page == NULL) { return NULL; }
  if (count_unwatched(theap, page) == 0) { return pop_due(theap, page, size, zero); }
  return mim_block_present(page, mim_page_pop(page), zero);
}

void* mim_watched_huge(mim_theap_t* theap, size_t size, size_t alignment, bool zero) {
  mim_theap_tick(theap);
  mim_watch_update(theap);
  const size_t rounded = mim_align_up(size, MIM_HUGE_ROUND);
  if (mim_watch_takes_guard(&theap->watch, size, rounded)) {
    void* const guarded = guarded_malloc(theap, size, alignment, zero);
    if (guarded != NULL) { return guarded; }
  }
  mim_heap_t* const heap = theap->heap != NULL ? theap->heap : &mim_heap_main;
  mim_page_t* const page = mim_heap_new_huge_page(heap, size, alignment);
  if (page == NULL) { return NULL; }
  sample_if_due(theap, page, page->start);
  return mim_huge_hand_out(page, zero);
}

void* mim_watched_malloc(mim_theap_t* theap, size_t size, bool zero) {
  if (size > MIM_MEDIUM_BLOCK_MAX) { return mim_watched_huge(theap, size, MIM_GRANULE, zero); }
  return malloc_in_bin_watched(theap, size, mim_bin_of_size(size + (size == 0)), zero);
}
