/* mi_stats.c - what the allocator did, for people to read.
 *
 * The numbers come from what the slow path has seen; those of the calling thread are exact, those
 * of other threads may lag behind by what is left in their pages. */
#include "base/text.h"
#include "diag/message.h"
#include "heap/theap.h"
#include "mimalloc-stats.h"
#include "mimalloc.h"
#include "os/os.h"

typedef struct out {
  mi_output_fun* fun;
  void* arg;
} out_t;

/* 1234567 bytes as "1.1 MiB". */
static void format_bytes(char* buffer, size_t capacity, ptrdiff_t bytes) {
  static const char* const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  mim_text_t text = mim_text_in(buffer, capacity);
  size_t unit = 0;
  size_t value = (size_t)(bytes < 0 ? 0 : bytes) * 10;
  for (; value >= 10240 && unit < 4; unit++) { value /= 1024; }
  if (unit == 0) {
    mim_text_format(&text, "%zu B", value / 10);
  } else {
    mim_text_format(&text, "%zu.%zu %s", value / 10, value % 10, units[unit]);
  }
}

static ptrdiff_t stats_load(_Atomic(ptrdiff_t)* value) {
  return atomic_load_explicit(value, memory_order_relaxed);
}

static void print_bytes(out_t out, const char* name, mim_counter_t* counter) {
  char current[32], peak[32], total[32];
  format_bytes(current, sizeof(current), stats_load(&counter->current));
  format_bytes(peak, sizeof(peak), stats_load(&counter->peak));
  format_bytes(total, sizeof(total), stats_load(&counter->total));
  mim_print_to(out.fun, out.arg, "%-16s %12s %12s %12s\n", name, current, peak, total);
}

static void print_count(out_t out, const char* name, mim_counter_t* counter) {
  mim_print_to(out.fun, out.arg, "%-16s %12zd %12zd %12zd\n", name, stats_load(&counter->current),
               stats_load(&counter->peak), stats_load(&counter->total));
}

static void print_total(out_t out, const char* name, ptrdiff_t total) {
  mim_print_to(out.fun, out.arg, "%-16s %12s %12s %12zd\n", name, "", "", total);
}

/* ---- blocks: summed over the thread heaps ---- */

typedef struct sums {
  size_t mallocs[MIM_BIN_COUNT];
  size_t live[MIM_BIN_COUNT];
} sums_t;

static void sum_queue(sums_t* sums, const mim_page_queue_t* queue) {
  for (const mim_page_t* page = queue->first; page != NULL; page = page->next) {
    sums->live[page->bin] += mim_page_live(page);
  }
}

/* Only the owner may walk its queues: the blocks in use are told for the calling thread. */
static void sum_own(sums_t* sums, mim_theap_t* theap) {
  mim_theap_count_mallocs(theap);
  MIM_FOR_EACH_BIN(bin, theap) {
    sum_queue(sums, &theap->bins[bin].pages);
    sum_queue(sums, &theap->bins[bin].full);
  }
}

static void sum_all(sums_t* sums) {
  mim_theap_t* const self = mim_theap_self;
  *sums = (sums_t){{0}, {0}};
  if (self->kind == MIM_THEAP_LIVE) { sum_own(sums, self); }
  mim_lock_acquire(mim_heap_main.theaps_lock);
  for (mim_theap_t* theap = mim_heap_main.theaps; theap != NULL; theap = theap->next) {
    for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
      sums->mallocs[bin] += mim_theap_mallocs(theap, bin);
    }
  }
  mim_lock_release(mim_heap_main.theaps_lock);
}

static void print_blocks(out_t out) {
  sums_t sums;
  sum_all(&sums);
  size_t mallocs = (size_t)stats_load(&mim_heap_counters.mallocs.total);
  size_t bytes = (size_t)stats_load(&mim_heap_counters.malloc_bytes.total);
  mim_print_to(out.fun, out.arg, "%-16s %12s %12s\n", "block size", "in use", "handed out");
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    mallocs += sums.mallocs[bin];
    bytes += sums.mallocs[bin] * mim_bin_block_size(bin);
    if (sums.mallocs[bin] == 0) { continue; }
    mim_print_to(out.fun, out.arg, "%-16zu %12zu %12zu\n", mim_bin_block_size(bin), sums.live[bin],
                 sums.mallocs[bin]);
  }
  char text[32];
  format_bytes(text, sizeof(text), (ptrdiff_t)bytes);
  mim_print_to(out.fun, out.arg, "handed out: %zu blocks, %s\n", mallocs, text);
}

MIM_EXPORT void mi_stats_print_out(mi_output_fun* fun, void* arg) {
  const out_t out = {fun, arg};
  mim_print_to(fun, arg, "mimalloc %d.%d.%d: statistics\n", MIM_VERSION / 10000,
               MIM_VERSION / 100 % 100, MIM_VERSION % 100);
  print_blocks(out);
  mim_print_to(fun, arg, "%-16s %12s %12s %12s\n", "", "now", "peak", "total");
  print_bytes(out, "reserved", &mim_os_counters.reserved);
  print_bytes(out, "committed", &mim_os_counters.committed);
  print_bytes(out, "huge blocks", &mim_heap_counters.huge_bytes);
  print_count(out, "pages", &mim_heap_counters.pages);
  print_count(out, "huge pages", &mim_heap_counters.huge_pages);
  print_count(out, "threads", &mim_heap_counters.threads);
  print_total(out, "os reserves", stats_load(&mim_os_counters.reserve_calls.total));
  print_total(out, "os purges", stats_load(&mim_os_counters.purge_calls.total));
  print_total(out, "purged KiB", stats_load(&mim_os_counters.purged.total) / MIM_KIB);
  mi_process_info_print_out(fun, arg);
}

MIM_EXPORT void mi_stats_print(void* out) {
  (void)out;
  mi_stats_print_out(NULL, NULL);
}

MIM_EXPORT void mi_thread_stats_print_out(mi_output_fun* out, void* arg) {
  mi_stats_print_out(out, arg);
}

static void counter_reset(mim_counter_t* counter) {
  const ptrdiff_t current = stats_load(&counter->current);
  atomic_store_explicit(&counter->peak, current, memory_order_relaxed);
  atomic_store_explicit(&counter->total, 0, memory_order_relaxed);
}

/* What is in use stays counted; peaks and totals start anew. */
MIM_EXPORT void mi_stats_reset(void) {
  mim_counter_t* const counters[] = {
    &mim_os_counters.reserved,      &mim_os_counters.committed,    &mim_os_counters.purged,
    &mim_os_counters.reserve_calls, &mim_os_counters.commit_calls, &mim_os_counters.purge_calls,
    &mim_heap_counters.pages,       &mim_heap_counters.huge_pages, &mim_heap_counters.threads,
    &mim_heap_counters.mallocs,     &mim_heap_counters.huge_bytes, &mim_heap_counters.malloc_bytes,
  };
  for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
    counter_reset(counters[i]);
  }
}

MIM_EXPORT void mi_stats_merge(void) {
  mim_theap_t* const theap = mim_theap_self;
  if (theap->kind == MIM_THEAP_LIVE) { mim_theap_count_mallocs(theap); }
}
