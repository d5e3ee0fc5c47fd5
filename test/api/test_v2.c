/* test_v2.c - names of version 2 that no program of compare_v2.py's version knows yet, and what
 * they mean for today's heaps. */
#define MI_V2_API 1
#include <pthread.h>

#include "test/api/api_test.h"

TEST(v2_default_is_the_main_heap_of_every_thread) {
  CHECK(mi_heap_get_default() == mi_heap_main());
  CHECK(mi_heap_get_backing() == mi_heap_main());
  CHECK(mi_heap_set_default(NULL) == mi_heap_main());
  CHECK(mi_heap_get_default() == mi_heap_main());
}

static void* allocate_in(void* heap) {
  mi_heap_t* const before = mi_heap_set_default((mi_heap_t*)heap);
  CHECK(before == mi_heap_main());
  void* const p = mi_malloc(100);
  CHECK(mi_heap_contains_block((mi_heap_t*)heap, p));
  return p;
}

TEST(v2_default_may_be_a_heap_of_another_thread) {
  mi_heap_t* const heap = mi_heap_new();
  pthread_t thread;
  void* p = NULL;
  CHECK_EQ(pthread_create(&thread, NULL, &allocate_in, heap), 0);
  CHECK_EQ(pthread_join(thread, &p), 0);
  CHECK(mi_heap_get_default() == mi_heap_main()); /* of this thread, still */
  CHECK(mi_heap_check_owned(heap, p));
  CHECK(!mi_heap_check_owned(mi_heap_main(), p));
  mi_heap_destroy(heap);
}

TEST(v2_heap_destroyed_is_no_default_any_more) {
  mi_heap_t* const heap = mi_heap_new();
  mi_heap_set_default(heap);
  mi_heap_destroy(heap);
  CHECK(mi_heap_get_default() == mi_heap_main());
  void* const p = mi_malloc(100);
  CHECK(mi_heap_of(p) == mi_heap_main());
  mi_free(p);
}

TEST(v2_heap_that_may_not_be_destroyed_is_deleted) {
  mi_heap_t* const heap = mi_heap_new_ex(3, false, NULL);
  char* const p = mi_heap_strdup(heap, "survives");
  mi_heap_destroy(heap);
  CHECK(mi_heap_of(p) == mi_heap_main());
  CHECK_STR(p, "survives");
  mi_free(p);
}

TEST(v2_heap_that_may_be_destroyed_is) {
  size_t before = 0, after = 0;
  mi_heap_t* const heap = mi_heap_new_ex(0, true, NULL);
  mi_process_info(NULL, NULL, NULL, NULL, NULL, &before, NULL, NULL);
  char* const p = mi_heap_malloc(heap, 64 * MIB);
  fill(p, 64 * MIB, 1);
  mi_heap_destroy(heap);
  mi_collect(true);
  mi_process_info(NULL, NULL, NULL, NULL, NULL, &after, NULL, NULL);
  CHECK(after < before + 32 * MIB);
  CHECK(!mi_any_heap_contains(p));
}

TEST(v2_heap_in_an_arena_takes_memory_from_there) {
  mi_arena_id_t arena = NULL;
  CHECK_EQ(mi_reserve_os_memory_ex(8 * MIB, false, false, true, &arena), 0);
  mi_heap_t* const heap = mi_heap_new_ex(0, true, arena);
  void* const p = mi_heap_malloc(heap, 1000);
  CHECK(mi_arena_contains(arena, p));
  mi_heap_destroy(heap);
}

/* ---- abandoned blocks, sub-processes ---- */

enum { ABANDONED = 100, ABANDONED_SIZE = 5000 };

static void* abandon(void* heap) {
  for (int i = 0; i < ABANDONED; i++) { CHECK(mi_heap_malloc(heap, ABANDONED_SIZE) != NULL); }
  return NULL;
}

static bool count_abandoned(const mi_heap_t* heap, const mi_heap_area_t* area, void* block,
                            size_t size, void* arg) {
  CHECK(heap != NULL && size == area->block_size);
  if (block != NULL && size >= ABANDONED_SIZE) { ++*(size_t*)arg; }
  return true;
}

TEST(v2_abandoned_blocks_of_all_heaps_are_visited) {
  mi_heap_t* const heaps[] = {mi_heap_new(), mi_heap_new()};
  size_t before = 0, count = 0;
  CHECK(mi_abandoned_visit_blocks(mi_subproc_main(), -1, true, &count_abandoned, &before));
  for (size_t i = 0; i < COUNT_OF(heaps); i++) {
    pthread_t thread;
    CHECK_EQ(pthread_create(&thread, NULL, &abandon, heaps[i]), 0);
    CHECK_EQ(pthread_join(thread, NULL), 0);
  }
  CHECK(mi_abandoned_visit_blocks(mi_subproc_main(), -1, true, &count_abandoned, &count));
  CHECK_EQ(count, before + COUNT_OF(heaps) * ABANDONED);
  for (size_t i = 0; i < COUNT_OF(heaps); i++) { mi_heap_destroy(heaps[i]); }
}

TEST(v2_subprocess_is_deleted_with_its_memory) {
  const mi_subproc_id_t subproc = mi_subproc_new();
  mi_subproc_add_current_thread(subproc);
  void* const p = mi_malloc(ABANDONED_SIZE);
  CHECK(p != NULL && mi_any_heap_contains(p));
  mi_subproc_delete(subproc);
  CHECK(!mi_any_heap_contains(p));
}

/* ---- guard pages ---- */

TEST(v2_guards_can_be_set_for_a_heap) {
  mi_heap_t* const heap = mi_heap_new();
  mi_heap_guarded_set_sample_rate(heap, 1, 7);
  mi_heap_guarded_set_size_bound(heap, 100, 200);
  void* const p = mi_heap_malloc(heap, 150);
  CHECK(mi_heap_contains(heap, p));
  mi_heap_destroy(heap);
}

TEST_MAIN()
