/* test_quiescence.c - heaps whose freed blocks may still be read, and theaps that give up their
 * pages. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

#include <pthread.h>

#include "mimalloc-stats.h"

enum { COUNT = 5000, SIZE = 200 };
static uint64_t* blocks[COUNT];

static int64_t pages_of(mi_heap_t* heap) {
  mi_stats_t_decl(stats);
  CHECK(mi_heap_stats_get(heap, &stats));
  return stats.pages.current;
}

static void fill_blocks(mi_heap_t* heap) {
  for (size_t i = 0; i < COUNT; i++) {
    blocks[i] = mi_heap_malloc(heap, SIZE);
    blocks[i][2] = i;
  }
}

static void* free_blocks(void* arg) {
  for (size_t i = 0; i < COUNT; i++) { mi_free(blocks[i]); }
  return arg;
}

/* ---- freed, and still to be read ---- */

/* As a reader without locks does: the sanitizers need not know. */
__attribute__((no_sanitize("address", "thread"))) static bool hold_their_values(void) {
  for (size_t i = 0; i < COUNT; i++) {
    const volatile uint64_t* block = blocks[i];
    if (block[2] != i) { return false; }
  }
  return true;
}

static void use_other_sizes_and_heaps(mi_heap_t* heap) {
  static void* others[1000];
  for (size_t i = 0; i < COUNT_OF(others); i++) {
    others[i] = i % 2 == 0 ? mi_heap_malloc(heap, 300 + i * 8) : mi_malloc(SIZE);
    memset(others[i], 0xAA, SIZE);
  }
  mi_collect(true);
  mi_heap_collect(heap, false);
  for (size_t i = 0; i < COUNT_OF(others); i++) { mi_free(others[i]); }
}

static mi_heap_t* new_reading_heap(void) {
  mi_heap_t* const heap = mi_heap_new_qsbr();
  CHECK(heap != NULL);
  mi_heap_set_debug_fill_preserve(heap, SIZE);
  return heap;
}

static void check_kept(mi_heap_t* heap) {
  use_other_sizes_and_heaps(heap);
  CHECK(hold_their_values());
  for (size_t i = 0; i < COUNT; i++) { CHECK(!mi_heap_contains(mi_heap_main(), blocks[i])); }
}

TEST(freed_blocks_hold_their_values_until_the_program_says_so) {
  mi_heap_t* const heap = new_reading_heap();
  fill_blocks(heap);
  free_blocks(NULL);
  check_kept(heap);
  const int64_t before = pages_of(heap);
  CHECK(before >= COUNT * SIZE / (64 * KIB));
  mi_heap_collect(heap, true);
  CHECK(pages_of(heap) < before);
  CHECK_EQ(pages_of(heap), 0);
  mi_heap_destroy(heap);
}

TEST(also_if_another_thread_frees_them) {
  mi_heap_t* const heap = new_reading_heap();
  fill_blocks(heap);
  in_thread(&free_blocks, NULL);
  check_kept(heap);
  mi_heap_destroy(heap);
}

static void* allocate_and_free(void* heap) {
  fill_blocks(heap);
  return free_blocks(NULL);
}

TEST(also_if_their_thread_has_ended) {
  mi_heap_t* const heap = new_reading_heap();
  in_thread(&allocate_and_free, heap);
  check_kept(heap);
  mi_heap_collect(heap, true);
  CHECK_EQ(pages_of(heap), 0);
  mi_heap_destroy(heap);
}

TEST(kept_pages_serve_blocks_of_the_same_size_again) {
  mi_heap_t* const heap = new_reading_heap();
  in_thread(&allocate_and_free, heap);
  const int64_t before = pages_of(heap);
  fill_blocks(heap);
  CHECK_EQ(pages_of(heap), before);
  free_blocks(NULL);
  mi_heap_destroy(heap);
}

TEST(kept_pages_go_when_their_heap_does) {
  mi_stats_t_decl(before);
  mi_stats_t_decl(after);
  CHECK(mi_stats_get(&before));
  for (int i = 0; i < 10; i++) {
    mi_heap_t* const heap = new_reading_heap();
    in_thread(&allocate_and_free, heap);
    mi_free(mi_heap_malloc(heap, 3 * MIB));
    if (i % 2 == 0) {
      mi_heap_delete(heap);
    } else {
      mi_heap_destroy(heap);
    }
  }
  CHECK(mi_stats_get(&after));
  CHECK(after.pages.current <= before.pages.current + 1);
}

/* ---- pages given up ---- */

static mi_theap_t* sleeper;
static pthread_barrier_t barrier;

static void* sleep_with_pages(void* heap) {
  fill_blocks(heap);
  sleeper = mi_heap_theap(heap);
  pthread_barrier_wait(&barrier); /* it sleeps */
  pthread_barrier_wait(&barrier); /* its pages are gone */
  void* const again = mi_theap_malloc(sleeper, SIZE);
  CHECK(again != NULL);
  mi_free(again);
  return NULL;
}

static bool count_area(const mi_heap_t* heap, const mi_heap_area_t* area, void* block, size_t size,
                       void* arg) {
  (void)heap;
  (void)block;
  (void)size;
  *(size_t*)arg += area->used;
  return true;
}

static size_t abandoned_blocks(mi_heap_t* heap) {
  size_t count = 0;
  CHECK(mi_heap_visit_abandoned_blocks(heap, false, count_area, &count));
  return count;
}

TEST(the_pages_of_a_sleeping_thread_are_given_up_by_another) {
  pthread_t thread;
  mi_heap_t* const heap = mi_heap_new();
  CHECK_EQ(pthread_barrier_init(&barrier, NULL, 2), 0);
  CHECK_EQ(pthread_create(&thread, NULL, sleep_with_pages, heap), 0);
  pthread_barrier_wait(&barrier);
  CHECK(abandoned_blocks(heap) < COUNT);
  mi_theap_quiescent_abandon(sleeper);
  CHECK_EQ(abandoned_blocks(heap), COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    CHECK_EQ(blocks[i][2], i);
    if (i % 2 == 0) { mi_free(blocks[i]); }
  }
  pthread_barrier_wait(&barrier);
  pthread_join(thread, NULL);
  for (size_t i = 1; i < COUNT; i += 2) { mi_free(blocks[i]); }
  mi_heap_collect(heap, true);
  mi_heap_destroy(heap);
}

TEST(the_own_pages_are_given_up_and_taken_again) {
  fill_blocks(mi_heap_main());
  mi_theap_quiescent_abandon(mi_theap_get_default());
  void* const p = mi_malloc(SIZE);
  CHECK(p != NULL);
  mi_free(p);
  free_blocks(NULL);
  mi_theap_quiescent_abandon(NULL);
}

TEST(a_theap_ends_and_its_blocks_live_on) {
  mi_heap_t* const heap = mi_heap_new();
  fill_blocks(heap);
  mi_theap_set_default(mi_heap_theap(heap));
  mi_theap_delete(mi_heap_theap(heap));
  void* const p = mi_malloc(10);
  CHECK(mi_heap_of(p) == mi_heap_main());
  mi_free(p);
  for (size_t i = 0; i < COUNT; i++) { CHECK(mi_heap_of(blocks[i]) == heap); }
  fill_blocks(heap); /* a new one */
  free_blocks(NULL);
  mi_theap_delete(mi_theap_get_default());
  mi_theap_delete(NULL);
  mi_free(mi_malloc(10));
  mi_heap_destroy(heap);
}

TEST_MAIN()
