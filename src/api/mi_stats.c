/* mi_stats.c - mi_stats_*, mi_heap_stats_*, mi_subproc_stats_*: what the allocator did, as numbers
 * and for people to read.  Contracts: include/mimalloc-stats.h.
 *
 * The calling thread's numbers are exact: it counts before it looks. */
#include "mimalloc-stats.h"

#include "api/handle.h"
#include "base/text.h"
#include "diag/message.h"

/* ---- gathering ---- */

/* Statistics have fewer bins than there are size classes: two of the larger ones share a bin. */
enum { SINGLE_BINS = 2 * (MI_BIN_HUGE - 1) - MIM_BIN_LAST };

static unsigned public_bin(unsigned bin) {
  if (bin == MIM_BIN_HUGE) { return MI_BIN_HUGE; }
  return bin <= SINGLE_BINS ? bin : SINGLE_BINS + (bin - SINGLE_BINS + 1) / 2;
}

MIM_EXPORT size_t mi_stats_get_bin_size(size_t bin) {
  if (bin == 0 || bin >= MI_BIN_HUGE) { return 0; }
  const size_t last = bin <= SINGLE_BINS ? bin : SINGLE_BINS + 2 * (bin - SINGLE_BINS);
  return mim_bin_block_size((unsigned)last);
}

static mi_stat_count_t public_count(mim_quantity_t quantity) {
  return (mi_stat_count_t){quantity.total, quantity.peak, quantity.current};
}

static void count_add(mi_stat_count_t* sum, mim_quantity_t more) {
  sum->total += more.total;
  sum->current += more.current;
  sum->peak += more.peak;
}

static int64_t total_of(mim_counter_t* counter) { return mim_counter_read(counter).total; }

static void fill_blocks(mi_stats_t* out, const mim_stats_t* stats) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    const int64_t size = (int64_t)mim_bin_block_size(bin);
    const int64_t frees = (int64_t)stats->counts[MIM_COUNT_FREES + bin];
    count_add(&out->malloc_bins[public_bin(bin)], stats->blocks[bin]);
    out->malloc_normal_count.total += stats->blocks[bin].total;
    out->malloc_normal.total += stats->blocks[bin].total * size;
    out->free_count.total += frees;
    out->freed.total += frees * size;
  }
  const mim_quantity_t huge = stats->pages[MIM_BIN_HUGE];
  out->malloc_bins[MI_BIN_HUGE] = public_count(huge);
  out->malloc_huge_count.total = huge.total;
  out->malloc_count.total = out->malloc_normal_count.total + huge.total;
  out->free_count.total += stats->huge_frees;
  out->freed.total += stats->huge_freed;
  out->malloc_normal.current = stats->normal.current;
  out->malloc_normal.peak = stats->normal.peak;
  out->malloc_huge = public_count(stats->huge);
  out->allocated = public_count(stats->allocated);
  out->malloc_guarded_count.total = stats->guarded.total;
  out->allocated.total = out->malloc_normal.total + out->malloc_huge.total;
}

static void fill_pages(mi_stats_t* out, const mim_stats_t* stats) {
  for (unsigned bin = 1; bin < MIM_BIN_COUNT; bin++) {
    count_add(&out->page_bins[public_bin(bin)], stats->pages[bin]);
    count_add(&out->pages, stats->pages[bin]);
  }
  out->pages_abandoned.total = (int64_t)stats->counts[MIM_COUNT_ABANDONED];
  out->pages_abandoned.current = stats->abandoned_now;
  out->pages_abandoned.peak = stats->abandoned_now;
  out->pages_reabandon_full.total = (int64_t)stats->counts[MIM_COUNT_ABANDONED];
  out->pages_reclaim_on_alloc.total = (int64_t)stats->counts[MIM_COUNT_TAKEN];
  out->pages_reclaim_on_free.total = (int64_t)stats->counts[MIM_COUNT_TAKEN_BY_FREE];
  out->pages_retire.total = (int64_t)stats->counts[MIM_COUNT_GIVEN_BACK];
  out->page_searches.total = (int64_t)stats->counts[MIM_COUNT_SEARCHES];
  out->page_searches_count.total = (int64_t)stats->counts[MIM_COUNT_SEARCHES];
}

/* Memory from the OS is counted for the process. */
static void fill_os(mi_stats_t* out) {
  out->reserved = public_count(mim_counter_read(&mim_os_counters.reserved));
  out->committed = public_count(mim_counter_read(&mim_os_counters.committed));
  out->purged.total = total_of(&mim_os_counters.purged);
  out->mmap_calls.total = total_of(&mim_os_counters.reserve_calls);
  out->commit_calls.total = total_of(&mim_os_counters.commit_calls);
  out->purge_calls.total = total_of(&mim_os_counters.purge_calls);
}

static void fill_subproc(mi_stats_t* out, mim_subproc_t* subproc) {
  out->arena_count.total =
    (int64_t)atomic_load_explicit(&subproc->arenas->count, memory_order_relaxed);
  out->threads = public_count(mim_counter_read(&subproc->threads));
  out->heaps = public_count(mim_counter_read(&subproc->heaps));
  out->theaps = public_count(mim_counter_read(&subproc->theaps));
}

static void fill(mi_stats_t* out, const mim_stats_t* stats, mim_subproc_t* subproc) {
  mi_stats_init(out);
  fill_blocks(out, stats);
  fill_pages(out, stats);
  fill_os(out);
  if (subproc != NULL) { fill_subproc(out, subproc); }
}

static void gather_heap(mim_heap_t* heap, mi_stats_t* out) {
  mim_stats_t stats = {0};
  mim_thread_count(true);
  mim_heap_add_stats(heap, &stats);
  fill(out, &stats, NULL);
}

static void gather_subproc(mim_subproc_t* subproc, bool with_heaps, mi_stats_t* out) {
  mim_stats_t stats = {0};
  mim_thread_count(true);
  mim_subproc_add_stats(subproc, with_heaps, &stats);
  fill(out, &stats, subproc);
}

/* ---- as numbers ---- */

static bool is_known(const mi_stats_t* stats) {
  return stats != NULL && stats->size == sizeof(*stats) && stats->version == MI_STAT_VERSION;
}

MIM_EXPORT bool mi_subproc_stats_get(mi_subproc_id_t id, mi_stats_t* stats) {
  if (mim_subproc_from(id) == NULL || !is_known(stats)) { return false; }
  gather_subproc(mim_subproc_from(id), true, stats);
  return true;
}

MIM_EXPORT bool mi_subproc_stats_get_exclusive(mi_subproc_id_t id, mi_stats_t* stats) {
  if (mim_subproc_from(id) == NULL || !is_known(stats)) { return false; }
  gather_subproc(mim_subproc_from(id), false, stats);
  return true;
}

MIM_EXPORT bool mi_stats_get(mi_stats_t* stats) {
  return mi_subproc_stats_get(mi_subproc_current(), stats);
}

MIM_EXPORT bool mi_heap_stats_get(mi_heap_t* heap, mi_stats_t* stats) {
  if (heap == NULL || !is_known(stats)) { return false; }
  gather_heap(mim_heap_from(heap), stats);
  return true;
}

MIM_EXPORT bool mi_theap_stats_get(mi_theap_t* handle, mi_stats_t* stats) {
  mim_theap_t* const theap = mim_theap_from(handle);
  if (theap == NULL || !is_known(stats)) { return false; }
  mim_stats_t sum = {0};
  mim_theap_count(theap);
  mim_stats_add_counts(&sum, &theap->counts);
  fill(stats, &sum, NULL);
  return true;
}

/* ---- as JSON ---- */

MIM_EXPORT char* mi_subproc_stats_get_json(mi_subproc_id_t id, size_t size, char* buffer) {
  mi_stats_t stats;
  mi_stats_init(&stats);
  return mi_subproc_stats_get(id, &stats) ? mi_stats_as_json(&stats, size, buffer) : NULL;
}

MIM_EXPORT char* mi_stats_get_json(size_t size, char* buffer) {
  return mi_subproc_stats_get_json(mi_subproc_current(), size, buffer);
}

MIM_EXPORT char* mi_heap_stats_get_json(mi_heap_t* heap, size_t size, char* buffer) {
  mi_stats_t stats;
  mi_stats_init(&stats);
  return mi_heap_stats_get(heap, &stats) ? mi_stats_as_json(&stats, size, buffer) : NULL;
}

/* ---- for people ---- */

typedef struct out {
  mi_output_fun* fun;
  void* arg;
} out_t;

/* 1234567 bytes as "1.1 MiB". */
static void format_bytes(char* buffer, size_t capacity, int64_t bytes) {
  static const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  mim_text_t text = mim_text_in(buffer, capacity);
  const char* const sign = bytes < 0 ? "-" : "";
  unsigned long long value = (unsigned long long)(bytes < 0 ? -bytes : bytes) * 10;
  size_t unit = 0;
  for (; value >= 10240 && unit < 4; unit++) { value /= 1024; }
  if (unit == 0) {
    mim_text_format(&text, "%s%llu B", sign, value / 10);
  } else {
    mim_text_format(&text, "%s%llu.%llu %s", sign, value / 10, value % 10, units[unit]);
  }
}

static void print_bytes(out_t out, const char* name, const mi_stat_count_t* count) {
  char current[32], peak[32], total[32];
  format_bytes(current, sizeof(current), count->current);
  format_bytes(peak, sizeof(peak), count->peak);
  format_bytes(total, sizeof(total), count->total);
  mim_print_to(out.fun, out.arg, "%-16s %12s %12s %12s\n", name, current, peak, total);
}

static void print_count(out_t out, const char* name, const mi_stat_count_t* count) {
  mim_print_to(out.fun, out.arg, "%-16s %12lld %12lld %12lld\n", name, (long long)count->current,
               (long long)count->peak, (long long)count->total);
}

static void print_total(out_t out, const char* name, mi_stat_counter_t counter) {
  mim_print_to(out.fun, out.arg, "%-16s %12s %12s %12lld\n", name, "", "",
               (long long)counter.total);
}

static void print_head(out_t out, const char* name) {
  mim_print_to(out.fun, out.arg, "%-16s %12s %12s %12s\n", name, "now", "peak", "total");
}

static void print_blocks(out_t out, const mi_stats_t* stats) {
  print_head(out, "blocks of");
  for (unsigned bin = 1; bin < MI_BIN_HUGE; bin++) {
    char name[32];
    if (stats->malloc_bins[bin].total == 0) { continue; }
    mim_text_t text = mim_text_in(name, sizeof(name));
    mim_text_format(&text, "%zu", mi_stats_get_bin_size(bin));
    print_count(out, name, &stats->malloc_bins[bin]);
  }
  print_count(out, "more", &stats->malloc_bins[MI_BIN_HUGE]);
  print_head(out, "");
  print_bytes(out, "allocated", &stats->allocated);
  print_total(out, "mallocs", stats->malloc_count);
  print_total(out, "frees", stats->free_count);
  print_count(out, "pages", &stats->pages);
}

static void print_heap(out_t out, const char* title, const mi_stats_t* stats) {
  mim_print_to(out.fun, out.arg, "mimalloc %d.%d.%d: statistics of %s\n", MIM_VERSION / 10000,
               MIM_VERSION / 100 % 100, MIM_VERSION % 100, title);
  print_blocks(out, stats);
}

static void print_subproc(out_t out, mim_subproc_t* subproc) {
  mi_stats_t stats;
  const bool is_main = subproc == &mim_subproc_main;
  gather_subproc(subproc, true, &stats);
  print_heap(out, is_main ? "the process" : "a sub-process", &stats);
  print_count(out, "threads", &stats.threads);
  print_count(out, "heaps", &stats.heaps);
  print_head(out, "of the process");
  print_bytes(out, "reserved", &stats.reserved);
  print_bytes(out, "committed", &stats.committed);
  print_total(out, "os reserves", stats.mmap_calls);
  print_total(out, "os purges", stats.purge_calls);
  print_total(out, "purged bytes", stats.purged);
  mi_process_info_print_out(out.fun, out.arg);
}

MIM_EXPORT void mi_subproc_stats_print_out(mi_subproc_id_t id, mi_output_fun* fun, void* arg) {
  if (mim_subproc_from(id) != NULL) { print_subproc((out_t){fun, arg}, mim_subproc_from(id)); }
}

MIM_EXPORT void mi_stats_print_out(mi_output_fun* fun, void* arg) {
  print_subproc((out_t){fun, arg}, mim_subproc_current());
}

MIM_EXPORT void mi_heap_stats_print_out(mi_heap_t* handle, mi_output_fun* fun, void* arg) {
  mim_heap_t* const heap = mim_heap_from(handle);
  mi_stats_t stats;
  if (heap == NULL) { return; }
  gather_heap(heap, &stats);
  print_heap((out_t){fun, arg}, heap == heap->subproc->main ? "the main heap" : "a heap", &stats);
}

static bool print_visited(mim_heap_t* heap, void* arg) {
  const out_t* const out = arg;
  mi_heap_stats_print_out(mim_heap_handle(heap), out->fun, out->arg);
  return true;
}

MIM_EXPORT void mi_subproc_heap_stats_print_out(mi_subproc_id_t id, mi_output_fun* fun, void* arg) {
  out_t out = {fun, arg};
  mim_subproc_t* const subproc = mim_subproc_from(id);
  if (subproc != NULL) { mim_subproc_visit_heaps(subproc, &print_visited, &out); }
}

MIM_EXPORT void mi_stats_print(void* out) {
  (void)out;
  mi_stats_print_out(NULL, NULL);
}

MIM_EXPORT void mi_thread_stats_print_out(mi_output_fun* fun, void* arg) {
  mi_stats_t stats;
  mi_stats_init(&stats);
  if (!mi_theap_stats_get(mi_theap_get_default(), &stats)) { return; }
  print_heap((out_t){fun, arg}, "this thread, not merged yet", &stats);
}

/* ---- moving and starting anew ---- */

static void os_reset(void) {
  mim_counter_t* const counters[] = {
    &mim_os_counters.reserved,      &mim_os_counters.committed,    &mim_os_counters.purged,
    &mim_os_counters.reserve_calls, &mim_os_counters.commit_calls, &mim_os_counters.purge_calls,
  };
  for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
    mim_counter_reset(counters[i]);
  }
}

MIM_EXPORT void mi_stats_merge(void) { mim_thread_count(true); }

MIM_EXPORT void mi_stats_reset(void) {
  mim_thread_count(true);
  mim_subproc_reset_stats(mim_subproc_current());
  os_reset();
}

MIM_EXPORT void mi_heap_stats_merge_to_subproc(mi_heap_t* handle) {
  mim_heap_t* const heap = mim_heap_from(handle);
  if (heap == NULL) { return; }
  mim_thread_count(true);
  mim_heap_fold_stats(heap, &heap->subproc->ended, false);
}

MIM_EXPORT void mi_theap_stats_merge_to_heap(mi_theap_t* theap) {
  if (theap == NULL) { return; }
  mim_theap_count(mim_theap_from(theap));
  mim_theap_merge(mim_theap_from(theap));
}
