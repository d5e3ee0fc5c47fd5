/* test_counts.c - statistics as numbers: exact, for blocks, threads, heaps, and as JSON. */
#define _GNU_SOURCE
#include "test/api/api_test.h"
#include "test/api/json.h"

#include <pthread.h>

#include "mimalloc-stats.h"

static mi_stats_t stats_of(mi_heap_t* heap) {
  mi_stats_t_decl(stats);
  CHECK(heap == NULL ? mi_stats_get(&stats) : mi_heap_stats_get(heap, &stats));
  return stats;
}

static unsigned bin_of(size_t size) {
  unsigned bin = 1;
  while (mi_stats_get_bin_size(bin) < size) { bin++; }
  return bin;
}

/* What happened between two looks. */
static int64_t mallocs(const mi_stats_t* before, const mi_stats_t* after) {
  return after->malloc_count.total - before->malloc_count.total;
}

static int64_t frees(const mi_stats_t* before, const mi_stats_t* after) {
  return after->free_count.total - before->free_count.total;
}

enum { LARGEST_OF_BIN = (sizeof(void*) < 8 ? 128 : 64) * KIB };

TEST(bins_cover_all_sizes_up_to_the_huge_ones) {
  CHECK_EQ(mi_stats_get_bin_size(0), 0);
  for (size_t bin = 1; bin < MI_BIN_HUGE; bin++) {
    CHECK(mi_stats_get_bin_size(bin) > mi_stats_get_bin_size(bin - 1));
    CHECK(mi_good_size(mi_stats_get_bin_size(bin)) == mi_stats_get_bin_size(bin));
  }
  CHECK_EQ(mi_stats_get_bin_size(MI_BIN_HUGE - 1), LARGEST_OF_BIN);
  CHECK_EQ(mi_stats_get_bin_size(MI_BIN_HUGE), 0);
  CHECK_EQ(mi_stats_get_bin_size(SIZE_MAX), 0);
}

/* A thousand of these fit a 32-bit address space. */
enum { LARGE = sizeof(void*) < 8 ? MIB : 3 * MIB };

TEST(after_a_thousand_mallocs_the_counters_say_a_thousand) {
  static void* blocks[1000];
  static const size_t sizes[] = {1, 16, 48, 100, 1000, 5000, 20000, 64 * KIB, 70000, LARGE};
  for (size_t s = 0; s < COUNT_OF(sizes); s++) {
    const unsigned bin = sizes[s] > LARGEST_OF_BIN ? MI_BIN_HUGE : bin_of(sizes[s]);
    const int64_t size = (int64_t)mi_good_size(sizes[s]);
    const mi_stats_t before = stats_of(NULL);
    for (size_t i = 0; i < 1000; i++) { blocks[i] = hide(mi_malloc(sizes[s])); }
    const mi_stats_t full = stats_of(NULL);
    for (size_t i = 0; i < 1000; i++) { mi_free(blocks[i]); }
    const mi_stats_t after = stats_of(NULL);
    CHECK_EQ(mallocs(&before, &full), 1000);
    CHECK_EQ(frees(&before, &full), 0);
    CHECK_EQ(full.malloc_bins[bin].total - before.malloc_bins[bin].total, 1000);
    CHECK_EQ(full.malloc_bins[bin].current - before.malloc_bins[bin].current, 1000);
    CHECK(full.malloc_bins[bin].peak >= full.malloc_bins[bin].current);
    CHECK_EQ(full.allocated.current - before.allocated.current, 1000 * size);
    CHECK_EQ(full.allocated.total - before.allocated.total, 1000 * size);
    CHECK(full.page_bins[bin].current > 0);
    CHECK_EQ(mallocs(&full, &after), 0);
    CHECK_EQ(frees(&full, &after), 1000);
    CHECK_EQ(after.freed.total - full.freed.total, 1000 * size);
    CHECK_EQ(after.malloc_bins[bin].current, before.malloc_bins[bin].current);
    CHECK_EQ(after.allocated.current, before.allocated.current);
    CHECK(after.allocated.peak >= 1000 * size);
  }
}

TEST(each_way_to_allocate_is_counted_once) {
  const mi_stats_t before = stats_of(NULL);
  void* p[] = {mi_malloc(0),
               mi_zalloc(40),
               mi_calloc(3, 40),
               mi_strdup("text"),
               mi_malloc_aligned(100, 256),
               mi_malloc_aligned(10, 128 * KIB),
               mi_zalloc_small(100),
               mi_new(300),
               mi_malloc(MIB)};
  p[0] = mi_realloc(p[0], 5000); /* one more, and one less */
  const mi_stats_t after = stats_of(NULL);
  CHECK_EQ(mallocs(&before, &after), (int64_t)COUNT_OF(p) + 1);
  CHECK_EQ(frees(&before, &after), 1);
  for (size_t i = 0; i < COUNT_OF(p); i++) { mi_free(p[i]); }
  const mi_stats_t end = stats_of(NULL);
  CHECK_EQ(frees(&after, &end), (int64_t)COUNT_OF(p));
  CHECK_EQ(end.allocated.current, before.allocated.current);
}

enum { THREADS = 4, PER_THREAD = 30000 };
static void* passed[THREADS][PER_THREAD];

static void* allocate_and_pass(void* arg) {
  void** const blocks = arg;
  for (size_t i = 0; i < PER_THREAD; i++) { blocks[i] = mi_malloc(1 + i % 500); }
  return NULL;
}

static void* free_passed(void* arg) {
  void** const blocks = arg;
  for (size_t i = 0; i < PER_THREAD; i++) { mi_free(blocks[i]); }
  return NULL;
}

static void in_threads(void* (*work)(void*)) {
  pthread_t threads[THREADS];
  for (size_t i = 0; i < THREADS; i++) {
    CHECK_EQ(pthread_create(&threads[i], NULL, work, passed[i]), 0);
  }
  for (size_t i = 0; i < THREADS; i++) { pthread_join(threads[i], NULL); }
}

/* What frees of ended threads' blocks is counted when their pages are looked at again. */
TEST(threads_that_have_ended_are_counted_to_the_block) {
  const mi_stats_t before = stats_of(NULL);
  in_threads(&allocate_and_pass);
  const mi_stats_t full = stats_of(NULL);
  CHECK(mallocs(&before, &full) >= (int64_t)THREADS * PER_THREAD); /* the C library's own, too */
  CHECK(mallocs(&before, &full) <= (int64_t)THREADS * PER_THREAD + 100);
  CHECK_EQ(full.threads.total - before.threads.total, THREADS);
  CHECK_EQ(full.threads.current, before.threads.current);
  in_threads(&free_passed);
  const mi_stats_t after = stats_of(NULL);
  CHECK(frees(&full, &after) >= (int64_t)THREADS * PER_THREAD);
  CHECK(after.allocated.current - before.allocated.current <= 10000);
}

TEST(a_heap_has_numbers_of_its_own) {
  mi_heap_t* const heap = mi_heap_new();
  void* blocks[100];
  const mi_stats_t main_before = stats_of(mi_heap_main());
  for (size_t i = 0; i < 100; i++) { blocks[i] = mi_heap_malloc(heap, 200); }
  void* const huge = mi_heap_malloc(heap, MIB);
  const mi_stats_t main_after = stats_of(mi_heap_main());
  mi_stats_t stats = stats_of(heap);
  CHECK_EQ(stats.malloc_count.total, 101);
  CHECK_EQ(stats.malloc_bins[bin_of(200)].current, 100);
  CHECK_EQ(mallocs(&main_before, &main_after), 0);
  for (size_t i = 0; i < 30; i++) { mi_free(blocks[i]); }
  mi_heap_stats_merge_to_subproc(heap);
  stats = stats_of(heap);
  CHECK_EQ(stats.malloc_count.total, 0);
  CHECK_EQ(stats.free_count.total, 0);
  CHECK_EQ(stats.malloc_bins[bin_of(200)].current, 70);
  mi_free(huge);
  CHECK_EQ(stats_of(heap).free_count.total, 1);
  mi_stats_t_decl(alone);
  CHECK(mi_subproc_stats_get_exclusive(mi_subproc_main(), &alone));
  CHECK(alone.malloc_bins[bin_of(200)].total >= 100);
  mi_heap_destroy(heap);
}

/* Whatever becomes of the heap, the sum stays right. */
static void check_end(void (*end)(mi_heap_t*), int64_t left) {
  const mi_stats_t before = stats_of(NULL);
  mi_heap_t* const heap = mi_heap_new();
  void* blocks[500];
  for (size_t i = 0; i < 500; i++) { blocks[i] = mi_heap_malloc(heap, 500); }
  void* const huge = mi_heap_malloc(heap, MIB);
  end(heap);
  const mi_stats_t after = stats_of(NULL);
  CHECK_EQ(mallocs(&before, &after), 501);
  CHECK_EQ(after.malloc_bins[bin_of(500)].current - before.malloc_bins[bin_of(500)].current,
           500 * left);
  CHECK_EQ(after.malloc_huge.current - before.malloc_huge.current, MIB * left);
  CHECK_EQ(after.heaps.current, before.heaps.current);
  CHECK_EQ(after.heaps.total - before.heaps.total, 1);
  for (size_t i = 0; left > 0 && i < 500; i++) { mi_free(blocks[i]); }
  if (left > 0) { mi_free(huge); }
  const mi_stats_t end_stats = stats_of(NULL);
  CHECK_EQ(end_stats.allocated.current, before.allocated.current);
  CHECK_EQ(frees(&before, &end_stats), 501);
}

TEST(the_blocks_of_a_destroyed_heap_count_as_freed) { check_end(&mi_heap_destroy, 0); }
TEST(the_blocks_of_a_deleted_heap_stay_counted) { check_end(&mi_heap_delete, 1); }

TEST(a_theap_has_what_was_not_merged_yet) {
  mi_theap_t* const theap = mi_theap_get_default();
  mi_theap_stats_merge_to_heap(theap);
  void* const p = mi_malloc(100);
  mi_stats_t_decl(stats);
  CHECK(mi_theap_stats_get(theap, &stats));
  CHECK_EQ(stats.malloc_count.total, 1);
  mi_stats_merge();
  CHECK(mi_theap_stats_get(theap, &stats));
  CHECK_EQ(stats.malloc_count.total, 0);
  mi_free(p);
}

TEST(a_reset_keeps_what_is_in_use) {
  void* const p = mi_malloc(3000);
  void* const huge = mi_malloc(MIB);
  const mi_stats_t before = stats_of(NULL);
  mi_stats_reset();
  const mi_stats_t after = stats_of(NULL);
  CHECK_EQ(after.malloc_count.total, 0);
  CHECK_EQ(after.free_count.total, 0);
  CHECK_EQ(after.allocated.current, before.allocated.current);
  CHECK_EQ(after.allocated.peak, after.allocated.current);
  CHECK_EQ(after.freed.total, 0);
  mi_free(p);
  mi_free(huge);
  CHECK_EQ(stats_of(NULL).free_count.total, 2);
  CHECK_EQ(stats_of(NULL).freed.total, MIB + 3072);
}

TEST(numbers_of_an_unknown_layout_are_refused) {
  mi_stats_t_decl(stats);
  stats.version = MI_STAT_VERSION + 1;
  CHECK(!mi_stats_get(&stats) && !mi_heap_stats_get(mi_heap_main(), &stats));
  stats.version = MI_STAT_VERSION;
  stats.size--;
  CHECK(!mi_stats_get(&stats) && mi_stats_as_json(&stats, 0, NULL) == NULL);
  CHECK(!mi_stats_get(NULL) && !mi_heap_stats_get(NULL, &stats));
  CHECK(!mi_theap_stats_get(NULL, &stats) && mi_stats_as_json(NULL, 0, NULL) == NULL);
}

/* ---- JSON ---- */

TEST(json_is_valid_and_says_the_same) {
  void* const p = mi_malloc(100);
  char* const text = mi_stats_get_json(0, NULL);
  const mi_stats_t stats = stats_of(NULL);
  CHECK(text != NULL && json_is_valid(text));
  CHECK_EQ(json_number_of(text, "mimalloc_version", NULL), mi_version());
  CHECK_EQ(json_number_of(text, "stat_version", NULL), MI_STAT_VERSION);
  CHECK_EQ(json_number_of(text, "malloc_count", NULL) + 1, stats.malloc_count.total);
  CHECK_EQ(json_number_of(text, "threads", "current"), stats.threads.current);
  CHECK_EQ(json_number_of(text, "malloc_huge", "total"), stats.malloc_huge.total);
  CHECK(json_number_of(text, "rss_current", NULL) > 0);
  mi_free(text);
  mi_free(p);
}

TEST(json_goes_into_a_buffer_that_is_large_enough) {
  mi_stats_t stats = stats_of(NULL);
  char* const whole = mi_stats_as_json(&stats, 0, NULL);
  static char buffer[64 * KIB];
  CHECK(mi_stats_as_json(&stats, sizeof(buffer), buffer) == buffer);
  CHECK(json_is_valid(buffer));
  CHECK(mi_stats_as_json(&stats, 1, buffer) == NULL);
  CHECK(mi_stats_as_json(&stats, strlen(whole) / 2, buffer) == NULL);
  mi_free(whole);
}

TEST(json_of_a_heap_and_of_a_sub_process) {
  mi_heap_t* const heap = mi_heap_new();
  CHECK(mi_heap_malloc(heap, 10) != NULL);
  char* const text = mi_heap_stats_get_json(heap, 0, NULL);
  CHECK(text != NULL && json_is_valid(text));
  CHECK_EQ(json_number_of(text, "malloc_count", NULL), 1);
  mi_free(text);
  char* const sub = mi_subproc_stats_get_json(mi_subproc_main(), 0, NULL);
  CHECK(sub != NULL && json_is_valid(sub));
  mi_free(sub);
  CHECK(mi_heap_stats_get_json(NULL, 0, NULL) == NULL);
  mi_heap_destroy(heap);
}

/* ---- printed ---- */

static char printed[65536];

static void collect_output(const char* text, void* arg) {
  (void)arg;
  strncat(printed, text, sizeof(printed) - strlen(printed) - 1);
}

TEST(heaps_are_printed_one_by_one) {
  mi_heap_t* const heap = mi_heap_new();
  CHECK(mi_heap_malloc(heap, 10000) != NULL);
  printed[0] = 0;
  mi_heap_stats_print_out(heap, collect_output, NULL);
  CHECK(strstr(printed, "statistics of a heap") != NULL && strstr(printed, "10240") != NULL);
  printed[0] = 0;
  mi_subproc_heap_stats_print_out(mi_subproc_main(), collect_output, NULL);
  CHECK(strstr(printed, "the main heap") != NULL && strstr(printed, "a heap") != NULL);
  printed[0] = 0;
  mi_subproc_stats_print_out(mi_subproc_main(), collect_output, NULL);
  CHECK(strstr(printed, "the process") != NULL && strstr(printed, "committed") != NULL);
  mi_heap_destroy(heap);
}

TEST_MAIN()
