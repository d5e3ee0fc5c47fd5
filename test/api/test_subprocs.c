/* test_subprocs.c - sub-processes: sets of heaps and arenas that share nothing. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

#include "mimalloc-stats.h"

static bool is_same(mi_subproc_id_t a, mi_subproc_id_t b) {
  return a._mi_subproc_id == b._mi_subproc_id;
}

static int64_t live_bytes(mi_subproc_id_t id) {
  mi_stats_t_decl(stats);
  CHECK(mi_subproc_stats_get(id, &stats));
  return stats.allocated.current;
}

TEST(each_thread_starts_in_the_main_one) {
  CHECK(mi_subproc_main()._mi_subproc_id != NULL);
  CHECK(is_same(mi_subproc_current(), mi_subproc_main()));
}

static void* kept;
static mi_heap_t* made;

static void* work_inside(void* arg) {
  const mi_subproc_id_t* const id = arg;
  mi_subproc_add_current_thread(*id);
  CHECK(is_same(mi_subproc_current(), *id));
  kept = mi_malloc(1000);
  fill(kept, 1000, 3);
  CHECK(mi_heap_of(kept) == mi_heap_main());
  made = mi_heap_new();
  for (size_t i = 0; i < 10000; i++) { CHECK(mi_heap_malloc(made, 100) != NULL); }
  CHECK(mi_malloc(5 * MIB) != NULL && mi_heap_malloc(made, 200 * MIB) != NULL);
  return NULL;
}

TEST(a_thread_inside_allocates_apart_from_the_others) {
  mi_subproc_id_t id = mi_subproc_new();
  CHECK(id._mi_subproc_id != NULL);
  const int64_t before = live_bytes(mi_subproc_main());
  in_thread(&work_inside, &id);
  CHECK(live_bytes(id) >= 10000 * 100 + 205 * MIB);
  CHECK(live_bytes(mi_subproc_main()) - before < 10000); /* the C library's own */
  CHECK(mi_heap_of(kept) != mi_heap_main());
  CHECK(is_filled(kept, 1000, 3));
  mi_free(kept); /* from outside */
  mi_subproc_destroy(id);
  CHECK(!mi_any_heap_contains(kept));
}

TEST(its_memory_ends_with_it) {
  enum { ROUNDS = 10 };
  if (TEST_IS_EMULATED) { SKIP_PART("an emulator gives fresh addresses, so the page map grows"); }
  mi_stats_t_decl(first);
  mi_stats_t_decl(last);
  for (int i = 0; i < ROUNDS; i++) {
    mi_subproc_id_t id = mi_subproc_new();
    in_thread(&work_inside, &id);
    mi_subproc_destroy(id);
    CHECK(mi_stats_get(i == 0 ? &first : &last));
  }
  CHECK_EQ(last.reserved.current, first.reserved.current);
  CHECK_EQ(last.committed.current, first.committed.current);
}

TEST(the_calling_thread_can_enter_and_comes_back_when_it_ends) {
  void* const before = mi_malloc(100);
  mi_subproc_id_t id = mi_subproc_new();
  mi_subproc_add_current_thread(id);
  void* const inside = mi_malloc(100);
  CHECK(mi_heap_of(inside) == mi_heap_main() && mi_heap_of(before) != mi_heap_main());
  mi_free(before);
  mi_subproc_destroy(id);
  CHECK(is_same(mi_subproc_current(), mi_subproc_main()));
  void* const after = mi_malloc(100);
  CHECK(mi_heap_of(after) == mi_heap_main());
  mi_free(after);
}

static bool count_heap(mi_heap_t* heap, void* arg) {
  CHECK(heap != NULL);
  return ++*(size_t*)arg < 100;
}

static bool end_heap(mi_heap_t* heap, void* arg) {
  ++*(size_t*)arg;
  if (heap != mi_heap_main()) { mi_heap_destroy(heap); }
  return true;
}

static bool stop(mi_heap_t* heap, void* arg) {
  (void)heap;
  (void)arg;
  return false;
}

TEST(its_heaps_are_visited_and_may_end_meanwhile) {
  size_t count = 0;
  CHECK(mi_subproc_visit_heaps(mi_subproc_main(), &count_heap, &count));
  const size_t before = count;
  for (int i = 0; i < 5; i++) { CHECK(mi_heap_new() != NULL); }
  mi_heap_delete(mi_heap_new());
  count = 0;
  CHECK(mi_subproc_visit_heaps(mi_subproc_main(), &end_heap, &count));
  CHECK_EQ(count, before + 5);
  count = 0;
  CHECK(mi_subproc_visit_heaps(mi_subproc_main(), &count_heap, &count));
  CHECK_EQ(count, 1);
  CHECK(!mi_subproc_visit_heaps(mi_subproc_main(), &stop, NULL));
  CHECK(!mi_subproc_visit_heaps(mi_subproc_main(), NULL, NULL));
}

static void* leave_deleted(void* arg) {
  const mi_subproc_id_t* const id = arg;
  mi_subproc_add_current_thread(*id);
  mi_heap_t* const heap = mi_heap_new();
  kept = mi_heap_malloc(heap, 500);
  mi_heap_delete(heap);
  CHECK(mi_heap_of(kept) == mi_heap_main());
  return NULL;
}

TEST(a_deleted_heap_stays_in_its_sub_process) {
  mi_subproc_id_t id = mi_subproc_new();
  in_thread(&leave_deleted, &id);
  CHECK(mi_heap_of(kept) != mi_heap_main());
  CHECK(live_bytes(id) >= 500);
  mi_subproc_destroy(id);
  CHECK(!mi_any_heap_contains(kept));
}

static void ignore_error(int error, void* arg) { *(int*)arg = error; }

TEST(the_main_one_and_none_have_no_end) {
  int error = 0;
  const mi_subproc_id_t none = {NULL};
  mi_register_error(&ignore_error, &error);
  mi_subproc_destroy(mi_subproc_main());
  mi_register_error(NULL, NULL);
  CHECK_EQ(error, EINVAL);
  mi_subproc_destroy(none);
  mi_subproc_add_current_thread(none);
  CHECK(is_same(mi_subproc_current(), mi_subproc_main()));
  CHECK(!mi_subproc_visit_heaps(none, &count_heap, NULL));
}

TEST(arenas_are_its_own) {
  mi_arena_id_t arena = NULL;
  mi_subproc_id_t id = mi_subproc_new();
  mi_subproc_add_current_thread(id);
  CHECK_EQ(mi_reserve_os_memory_ex(16 * MIB, true, false, false, &arena), 0);
  void* const p = mi_malloc(100);
  CHECK(mi_arena_contains(arena, p));
  mi_subproc_destroy(id);
  void* const q = mi_malloc(100);
  CHECK(!mi_any_heap_contains(p) || p == q);
  mi_free(q);
}

TEST_MAIN()
