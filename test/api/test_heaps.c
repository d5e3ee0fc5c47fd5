/* test_heaps.c - first-class heaps: any thread allocates, frees, deletes and destroys. */
#define _GNU_SOURCE
#include <pthread.h>

#include "test/api/api_test.h"

enum { COUNT = 3000 };

typedef struct share {
  mi_heap_t* heap;
  void* blocks[COUNT];
  unsigned seed;
} share_t;

static size_t size_at(size_t i) { return i % 97 == 0 ? 70000 + i * 10 : 8 + i * 37 % 3000; }

static void* fill_heap(void* arg) {
  share_t* const share = arg;
  for (size_t i = 0; i < COUNT; i++) {
    share->blocks[i] = mi_heap_malloc(share->heap, size_at(i));
    CHECK(share->blocks[i] != NULL);
    fill(share->blocks[i], size_at(i), share->seed + (unsigned)i);
  }
  return NULL;
}

static void check_heap(const share_t* share, const mi_heap_t* expected) {
  for (size_t i = 0; i < COUNT; i++) {
    if (share->blocks[i] == NULL) { continue; }
    CHECK(is_filled(share->blocks[i], size_at(i), share->seed + (unsigned)i));
    CHECK(mi_heap_of(share->blocks[i]) == expected);
    CHECK(mi_heap_contains(expected, share->blocks[i]));
  }
}

static void* free_half(void* arg) {
  share_t* const share = arg;
  for (size_t i = 0; i < COUNT; i += 2) {
    mi_free(share->blocks[i]);
    share->blocks[i] = NULL;
  }
  return NULL;
}

static void* free_all(void* arg) {
  share_t* const share = arg;
  for (size_t i = 0; i < COUNT; i++) { mi_free(share->blocks[i]); }
  memset(share->blocks, 0, sizeof(share->blocks));
  return NULL;
}

TEST(heaps_own_their_blocks) {
  mi_heap_t* const a = mi_heap_new();
  mi_heap_t* const b = mi_heap_new();
  CHECK(a != NULL && b != NULL && a != b);
  void* const in_a = mi_heap_malloc(a, 100);
  void* const in_b = mi_heap_zalloc(b, 100);
  void* const in_main = mi_malloc(100);
  CHECK(mi_heap_of(in_a) == a && mi_heap_of(in_b) == b && mi_heap_of(in_main) == mi_heap_main());
  CHECK(mi_heap_contains(a, in_a) && !mi_heap_contains(a, in_b) && !mi_heap_contains(a, in_main));
  CHECK(mi_any_heap_contains(in_a) && !mi_any_heap_contains(&in_a));
  CHECK(mi_heap_of(NULL) == NULL && mi_heap_of(&in_a) == NULL);
  CHECK(!mi_heap_contains(a, NULL) && !mi_heap_contains(NULL, in_a));
  CHECK(is_zero(in_b, 100));
  mi_free(in_a);
  mi_free(in_b);
  mi_free(in_main);
  mi_heap_delete(a);
  mi_heap_destroy(b);
}

TEST(heaps_every_function_allocates_there) {
  mi_heap_t* const heap = mi_heap_new();
  void* const blocks[] = {
    mi_heap_malloc(heap, 10),
    mi_heap_zalloc(heap, 20),
    mi_heap_calloc(heap, 3, 30),
    mi_heap_mallocn(heap, 3, 40),
    mi_heap_malloc_small(heap, 50),
    mi_heap_zalloc_small(heap, 60),
    mi_heap_realloc(heap, NULL, 70),
    mi_heap_reallocn(heap, NULL, 2, 80),
    mi_heap_reallocf(heap, NULL, 90),
    mi_heap_rezalloc(heap, NULL, 100),
    mi_heap_recalloc(heap, NULL, 2, 110),
    mi_heap_strdup(heap, "text"),
    mi_heap_strndup(heap, "text", 2),
    mi_heap_realpath(heap, "/", NULL),
    mi_heap_malloc_aligned(heap, 120, 256),
    mi_heap_malloc_aligned_at(heap, 130, 512, 8),
    mi_heap_zalloc_aligned(heap, 140, 1024),
    mi_heap_zalloc_aligned_at(heap, 150, 64, 24),
    mi_heap_calloc_aligned(heap, 2, 160, 128),
    mi_heap_calloc_aligned_at(heap, 2, 170, 32, 8),
    mi_heap_realloc_aligned(heap, NULL, 180, 64),
    mi_heap_realloc_aligned_at(heap, NULL, 190, 64, 8),
    mi_heap_rezalloc_aligned(heap, NULL, 200, 64),
    mi_heap_rezalloc_aligned_at(heap, NULL, 210, 64, 8),
    mi_heap_recalloc_aligned(heap, NULL, 2, 220, 64),
    mi_heap_recalloc_aligned_at(heap, NULL, 2, 230, 64, 8),
    mi_heap_malloc(heap, 5 * MIB),
    mi_heap_malloc_aligned(heap, 100, 4 * MIB),
  };
  for (size_t i = 0; i < COUNT_OF(blocks); i++) {
    CHECK(blocks[i] != NULL);
    CHECK(mi_heap_of(blocks[i]) == heap);
  }
  CHECK_EQ(mi_heap_calloc(heap, hide_size(SIZE_MAX), 2) == NULL ? errno : 0, ENOMEM);
  mi_heap_destroy(heap);
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { CHECK(mi_heap_of(blocks[i]) == NULL); }
}

TEST(heaps_resized_blocks_move_into_them) {
  mi_heap_t* const heap = mi_heap_new();
  char* p = mi_malloc(100);
  fill(p, 100, 3);
  p = mi_heap_realloc(heap, p, 5000);
  CHECK(mi_heap_of(p) == heap && is_filled(p, 100, 3));
  p = mi_realloc(p, 50000);
  CHECK(mi_heap_of(p) == mi_heap_main() && is_filled(p, 100, 3));
  mi_free(p);
  mi_heap_delete(heap);
}

enum { FILLERS = 4 };

static void fill_by_threads(share_t* shares, mi_heap_t* heap) {
  pthread_t threads[FILLERS];
  for (unsigned t = 0; t < FILLERS; t++) {
    shares[t].heap = heap;
    shares[t].seed = t * 100;
    CHECK_EQ(pthread_create(&threads[t], NULL, fill_heap, &shares[t]), 0);
  }
  for (int t = 0; t < FILLERS; t++) { pthread_join(threads[t], NULL); }
}

TEST(heaps_used_by_several_threads_are_deleted_by_any) {
  static share_t shares[FILLERS];
  mi_heap_t* const heap = mi_heap_new();
  fill_by_threads(shares, heap);
  fill_heap(&shares[0]); /* the old blocks of share 0 stay allocated: they live in the heap */
  for (int t = 0; t < FILLERS; t++) { check_heap(&shares[t], heap); }
  in_thread(free_half, &shares[1]);
  mi_heap_delete(heap);
  for (int t = 0; t < FILLERS; t++) { check_heap(&shares[t], mi_heap_main()); }
  for (int t = 0; t < FILLERS; t++) { in_thread(free_all, &shares[t]); }
}

TEST(heaps_used_by_several_threads_are_destroyed_by_any) {
  static share_t shares[FILLERS];
  for (int round = 0; round < 5; round++) {
    mi_heap_t* const heap = mi_heap_new();
    fill_by_threads(shares, heap);
    fill_heap(&shares[3]);
    in_thread(free_half, &shares[2]);
    mi_heap_destroy(heap);
    for (int t = 0; t < FILLERS; t++) { CHECK(mi_heap_of(shares[t].blocks[1]) != heap); }
  }
}

/* ---- threads that live on when the heap ends ---- */

static pthread_barrier_t barrier;

typedef struct living {
  share_t share;
  bool is_destroyed;
} living_t;

static void* live_on(void* arg) {
  living_t* const living = arg;
  fill_heap(&living->share);
  pthread_barrier_wait(&barrier); /* filled */
  pthread_barrier_wait(&barrier); /* ended */
  if (living->is_destroyed) {
    mi_heap_t* const fresh = mi_heap_new(); /* perhaps at the same address */
    void* const p = mi_heap_malloc(fresh, 100);
    CHECK(mi_heap_of(p) == fresh);
    mi_heap_destroy(fresh);
  } else {
    check_heap(&living->share, mi_heap_main());
    free_half(&living->share);
    check_heap(&living->share, mi_heap_main());
  }
  return NULL;
}

static void end_under_threads(bool is_destroyed) {
  static living_t living[3];
  mi_heap_t* const heap = mi_heap_new();
  pthread_t threads[3];
  pthread_barrier_init(&barrier, NULL, 4);
  for (unsigned t = 0; t < 3; t++) {
    living[t] = (living_t){.share = {.heap = heap, .seed = t}, .is_destroyed = is_destroyed};
    CHECK_EQ(pthread_create(&threads[t], NULL, live_on, &living[t]), 0);
  }
  pthread_barrier_wait(&barrier);
  if (is_destroyed) {
    mi_heap_destroy(heap);
  } else {
    mi_heap_delete(heap);
  }
  pthread_barrier_wait(&barrier);
  for (int t = 0; t < 3; t++) { pthread_join(threads[t], NULL); }
  pthread_barrier_destroy(&barrier);
  if (is_destroyed) { return; }
  for (int t = 0; t < 3; t++) {
    check_heap(&living[t].share, mi_heap_main());
    free_all(&living[t].share);
  }
}

TEST(heaps_deleted_under_living_threads) { end_under_threads(false); }
TEST(heaps_destroyed_under_living_threads) { end_under_threads(true); }

/* ---- many ---- */

TEST(heaps_many_at_once_keep_apart) {
  enum { HEAPS = 100 };
  mi_heap_t* heaps[HEAPS];
  void* blocks[HEAPS];
  for (int h = 0; h < HEAPS; h++) { heaps[h] = mi_heap_new(); }
  for (int round = 0; round < 50; round++) {
    for (int h = 0; h < HEAPS; h++) {
      blocks[h] = mi_heap_malloc(heaps[h], 64);
      CHECK(mi_heap_of(blocks[h]) == heaps[h]);
    }
  }
  for (int h = 0; h < HEAPS; h += 2) { mi_heap_destroy(heaps[h]); }
  for (int h = 1; h < HEAPS; h += 2) {
    CHECK(mi_heap_of(blocks[h]) == heaps[h]);
    mi_heap_delete(heaps[h]);
    CHECK(mi_heap_of(blocks[h]) == mi_heap_main());
  }
}

TEST(heaps_come_and_go_without_leaving_anything) {
  size_t before = 0, after = 0;
  for (int i = 0; i < 20000; i++) {
    mi_heap_t* const heap = mi_heap_new();
    for (int b = 0; b < 10; b++) { CHECK(mi_heap_malloc(heap, 32) != NULL); }
    mi_heap_destroy(heap);
    if (i == 1000) { mi_process_info(NULL, NULL, NULL, NULL, NULL, &before, NULL, NULL); }
  }
  mi_process_info(NULL, NULL, NULL, NULL, NULL, &after, NULL, NULL);
  CHECK(after <= before + 256 * KIB);
}

TEST(heaps_default_of_a_thread_can_be_another) {
  mi_heap_t* const heap = mi_heap_new();
  mi_theap_t* const before = mi_theap_set_default(mi_heap_theap(heap));
  void* const p = mi_malloc(100);
  CHECK(mi_heap_of(p) == heap);
  CHECK(mi_theap_get_default() == mi_heap_theap(heap));
  mi_theap_set_default(before);
  void* const q = mi_malloc(100);
  CHECK(mi_heap_of(q) == mi_heap_main());
  mi_theap_set_default(mi_heap_theap(heap));
  mi_heap_delete(heap); /* the default is the main heap again */
  CHECK(mi_theap_get_default() == before);
  CHECK(mi_heap_of(p) == mi_heap_main());
  mi_free(p);
  mi_free(q);
}

/* ---- visiting ---- */

typedef struct seen {
  size_t areas, blocks, bytes, used, wanted;
  const void* must_see;
  bool is_seen;
} seen_t;

static bool see(const mi_heap_t* heap, const mi_heap_area_t* area, void* block, size_t size,
                void* arg) {
  seen_t* const seen = arg;
  (void)heap;
  if (block == NULL) {
    seen->areas++;
    seen->used += area->used;
    CHECK(area->committed <= area->reserved && area->used * area->block_size <= area->committed);
    return true;
  }
  CHECK_EQ(size, area->block_size);
  CHECK((char*)block >= (char*)area->blocks);
  CHECK((char*)block + size <= (char*)area->blocks + area->committed);
  seen->blocks++;
  seen->bytes += size;
  if (block == seen->must_see) { seen->is_seen = true; }
  return seen->wanted == 0 || seen->blocks < seen->wanted;
}

TEST(heaps_visited_show_each_live_block_once) {
  static share_t share;
  mi_heap_t* const heap = mi_heap_new();
  share = (share_t){.heap = heap, .seed = 9};
  in_thread(fill_heap, &share);
  free_half(&share);
  for (size_t i = 0; i < COUNT; i += 2) {
    share.blocks[i] = mi_heap_malloc(heap, size_at(i));
    fill(share.blocks[i], size_at(i), share.seed + (unsigned)i);
  }
  in_thread(free_half, &share);
  seen_t seen = {.must_see = share.blocks[1]};
  CHECK(mi_heap_visit_blocks(heap, true, see, &seen));
  CHECK_EQ(seen.blocks, COUNT / 2);
  CHECK_EQ(seen.used, COUNT / 2);
  CHECK(seen.is_seen);
  seen_t areas = {.must_see = NULL};
  CHECK(mi_heap_visit_blocks(heap, false, see, &areas));
  CHECK_EQ(areas.areas, seen.areas);
  CHECK_EQ(areas.blocks, 0);
  seen_t some = {.wanted = 10};
  CHECK(!mi_heap_visit_blocks(heap, true, see, &some));
  CHECK_EQ(some.blocks, 10);
  check_heap(&share, heap);
  mi_heap_destroy(heap);
}

TEST(heaps_visited_while_deleted_ones_live_on_in_the_main_heap) {
  mi_heap_t* const heap = mi_heap_new();
  void* const p = mi_heap_malloc(heap, 3000);
  mi_heap_delete(heap);
  seen_t seen = {.must_see = p};
  CHECK(mi_heap_visit_blocks(mi_heap_main(), true, see, &seen));
  CHECK(seen.is_seen);
  mi_free(p);
}

TEST(heaps_the_main_one_has_no_end) {
  void* const p = mi_malloc(10);
  mi_heap_delete(mi_heap_main());
  mi_heap_destroy(mi_heap_main());
  mi_heap_delete(NULL);
  mi_heap_destroy(NULL);
  CHECK(mi_heap_of(p) == mi_heap_main());
  mi_free(p);
}

TEST_MAIN()
