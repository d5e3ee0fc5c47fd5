/* watch.c - which blocks get more than others: a sample in a heap profile, or a guard page.
 *
 * Watching costs nothing while nothing is due.  A watched thread heap counts the blocks of a page
 * when its slow path has just filled the page's free list: so many of them may go unwatched; only
 * those stay in the list.  So malloc comes back to its slow path with the block that is due.
 *
 *   free    x x x x | S . . . .        S: the sample that is due; behind it nothing is counted yet
 *           stays   | to local_free
 *
 * Samples are points in the stream of all bytes that are handed out, at exponentially distributed
 * distances; guarded blocks are counted.  Blocks that were counted but never handed out do no harm:
 * the points do not depend on what the program does.
 *
 * What there is to watch may change at any time: thread heaps compare a version now and then. */
#include "base/assert.h"
#include "base/exponential.h"
#include "diag/message.h"
#include "diag/options.h"
#include "diag/random.h"
#include "heap/theap.h"

/* ---- random numbers of a thread heap: a seed gives the same ones again ---- */

static uintptr_t watch_random(mim_watch_t* watch) {
  if (watch->random == 0) { watch->random = mim_random(); }
  watch->random++;
  return mim_random_mix(watch->random);
}

static uint64_t watch_random_64(mim_watch_t* watch) {
  const uint64_t high = watch_random(watch);
  const uint64_t low = watch_random(watch);
  return high << 32 ^ low;
}

/* ---- being up to date ---- */

static mim_profiler_t* profiler_of(mim_heap_t* heap) {
  if (atomic_load_explicit(&heap->is_unprofiled, memory_order_relaxed)) { return NULL; }
  mim_profiler_t* const own = atomic_load_explicit(&heap->profiler, memory_order_relaxed);
  return own != NULL ? own : atomic_load_explicit(&heap->subproc->profiler, memory_order_relaxed);
}

/* Under the lock, what is named is not deleted: it is detached first.  Afterwards it may be: so
 * nothing but mim_sample_begin looks at it again. */
static mim_profiler_t* running_profiler_of(mim_heap_t* heap, size_t* sample_rate) {
  if (profiler_of(heap) == NULL) { return NULL; }
  mim_profile_lock();
  mim_profiler_t* profiler = profiler_of(heap);
  if (profiler != NULL && !atomic_load_explicit(&profiler->is_running, memory_order_relaxed)) {
    profiler = NULL;
  }
  if (profiler != NULL) { *sample_rate = profiler->sample_rate; }
  mim_profile_unlock();
  return profiler;
}

static void draw_sample(mim_watch_t* watch) {
  watch->sample_step = mim_exponential(watch_random_64(watch), watch->sample_rate);
  watch->sample_left = watch->sample_step;
}

/* Between 1 and 2 * rate - 1, so that no rhythm of the program falls in step; `rate` on average. */
static void draw_guard(mim_watch_t* watch) {
  const size_t rate = watch->guard_rate;
  watch->guard_left = rate == 0 ? 0 : 1 + watch_random(watch) % (2 * rate - 1);
}

static void start_guards(mim_watch_t* watch, size_t rate, size_t seed) {
  watch->guard_rate = mim_min(rate, SIZE_MAX / 4);
  if (seed != 0) { watch->random = seed; }
  draw_guard(watch);
}

static void guards_from_options(mim_watch_t* watch) {
  const size_t rate = mim_option_get_size(MIM_OPTION_guarded_sample_rate);
  watch->guard_min = mim_option_get_size(MIM_OPTION_guarded_min);
  watch->guard_max = mim_option_get_size(MIM_OPTION_guarded_max);
  if (rate != watch->guard_rate) {
    start_guards(watch, rate, mim_option_get_size(MIM_OPTION_guarded_sample_seed));
  }
}

/* What is in the lists that malloc pops from was not counted: it goes through the slow path. */
static void recount(mim_theap_t* theap) {
  MIM_FOR_EACH_BIN(bin, theap) {
    mim_page_t* const page = theap->bins[bin].pages.first;
    if (page == NULL) { continue; }
    mim_bin_count(theap, page);
    mim_page_keep_free(page, 0);
  }
}

static void is_watched_changed(mim_theap_t* theap) {
  mim_watch_t* const watch = &theap->watch;
  const bool was_watched = theap->is_watched;
  theap->is_watched = watch->profiler != NULL || watch->guard_rate != 0;
  theap->is_plain = !theap->is_watched;
  if (theap->is_watched && !was_watched) { recount(theap); }
}

/* Acquire: partner of the release in mim_profile_changed.  The version first: what changes behind
 * it, changes it again. */
static void watch_renew(mim_theap_t* theap, size_t version) {
  mim_watch_t* const watch = &theap->watch;
  mim_profiler_t* const before = watch->profiler;
  watch->version = version;
  watch->profiler = running_profiler_of(theap->heap, &watch->sample_rate);
  if (watch->profiler != NULL && watch->profiler != before) { draw_sample(watch); }
  if (!watch->has_own_guards && theap->thread_id != mim_theap_late_id()) {
    guards_from_options(watch);
  }
  is_watched_changed(theap);
}

void mim_watch_update(mim_theap_t* theap) {
  const size_t version = atomic_load_explicit(&mim_profile_version, memory_order_acquire);
  if (mim_likely(version == theap->watch.version)) { return; }
  watch_renew(theap, version);
}

void mim_watch_set_guard_rate(mim_theap_t* theap, size_t rate, size_t seed) {
  mim_watch_update(theap);
  theap->watch.has_own_guards = true;
  start_guards(&theap->watch, rate, seed);
  theap->is_watched = false; /* what is in the lists now is counted by the new rate */
  is_watched_changed(theap);
}

void mim_watch_set_guard_bounds(mim_theap_t* theap, size_t min, size_t max) {
  mim_watch_update(theap);
  theap->watch.has_own_guards = true;
  theap->watch.guard_min = min;
  theap->watch.guard_max = max;
}

/* ---- counting ---- */

/* Blocks of this size serve requests within the bounds. */
static bool serves_guards(const mim_watch_t* watch, size_t block_size) {
  return watch->guard_rate != 0 && block_size >= watch->guard_min &&
         block_size / 2 <= watch->guard_max;
}

size_t mim_watch_unwatched(const mim_watch_t* watch, size_t block_size) {
  size_t count = SIZE_MAX;
  if (watch->profiler != NULL) { count = watch->sample_left / block_size; }
  if (serves_guards(watch, block_size)) { count = mim_min(count, watch->guard_left - 1); }
  return count;
}

void mim_watch_count(mim_watch_t* watch, size_t count, size_t block_size) {
  mim_assert(count <= mim_watch_unwatched(watch, block_size));
  if (watch->profiler != NULL) { watch->sample_left -= count * block_size; }
  if (serves_guards(watch, block_size)) { watch->guard_left -= count; }
}

bool mim_watch_takes_guard(mim_watch_t* watch, size_t size, size_t block_size) {
  if (!serves_guards(watch, block_size)) { return false; }
  if (watch->guard_left > 1) {
    watch->guard_left--;
    return false;
  }
  if (size < watch->guard_min || size > watch->guard_max) { return false; }
  draw_guard(watch);
  return true;
}

bool mim_watch_takes_sample(mim_watch_t* watch, size_t block_size, size_t* point) {
  if (watch->profiler == NULL) { return false; }
  if (watch->sample_left >= block_size) {
    watch->sample_left -= block_size;
    return false;
  }
  *point = watch->sample_left;
  draw_sample(watch);
  return true;
}

/* ---- what is profiled ---- */

void mim_watch_changed(void) {
  mim_profile_changed();
  mim_watch_update_own();
}

void mim_watch_forget(void) {
  atomic_store_explicit(&mim_subproc_main.profiler, NULL, memory_order_relaxed);
  mim_profile_forget();
}

/* Attached first: what is named is never deleted. */
static void name_profiler(_Atomic(mim_profiler_t*)* where, mim_profiler_t* profiler) {
  if (profiler != NULL) { mim_profiler_attach(profiler, 1); }
  mim_profiler_t* const before = atomic_exchange_explicit(where, profiler, memory_order_relaxed);
  if (before != NULL) { mim_profiler_attach(before, -1); }
  if (before != profiler) { mim_watch_changed(); }
}

void mim_profile_subproc(mim_subproc_t* subproc, mim_profiler_t* profiler) {
  name_profiler(&subproc->profiler, profiler);
}

bool mim_profile_heap(mim_heap_t* heap, mim_profiler_t* profiler) {
  if (atomic_load_explicit(&heap->is_unprofiled, memory_order_relaxed)) { return false; }
  name_profiler(&heap->profiler, profiler);
  return true;
}

void mim_profile_exclude(mim_heap_t* heap) {
  if (atomic_exchange_explicit(&heap->is_unprofiled, true, memory_order_relaxed)) { return; }
  name_profiler(&heap->profiler, NULL);
  mim_watch_changed();
}

/* ---- MIMALLOC_PROFILE ---- */

static mim_profiler_t* profiler_of_options;

void mim_watch_start_from_options(void) {
  const char* const file = mim_option_profile_file();
  if (file == NULL || profiler_of_options != NULL) { return; }
  const mim_profile_intervals_t intervals = {mim_option_get_size(MIM_OPTION_profile_alloc_interval),
                                             mim_option_get_size(MIM_OPTION_profile_inuse_interval),
                                             mim_option_get_size(MIM_OPTION_profile_time_interval)};
  profiler_of_options =
    mim_profiler_new(mim_option_get_size(MIM_OPTION_profile_sample_rate), file, &intervals);
  if (profiler_of_options == NULL) {
    mim_warn("MIMALLOC_PROFILE: there will be no heap profile '%s'", file);
    return;
  }
  mim_profile_subproc(&mim_subproc_main, profiler_of_options);
  mim_profiler_run(profiler_of_options, true);
}

void mim_watch_end_from_options(void) {
  if (profiler_of_options == NULL) { return; }
  mim_profiler_snapshot(profiler_of_options, true);
  profiler_of_options = NULL;
}
