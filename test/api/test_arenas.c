/* test_arenas.c - reserved and managed memory, and heaps that take memory from one arena only. */
#define _GNU_SOURCE
#include <sys/mman.h>

#include "test/api/api_test.h"

static void* map(size_t size, int protection) {
  void* const p = mmap(NULL, size, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(p != MAP_FAILED);
  return p;
}

/* Fills a heap until it gives no more; how many blocks that were. All lie in the arena. */
static size_t exhaust(mi_heap_t* heap, mi_arena_id_t arena, size_t size) {
  size_t count = 0;
  void* p;
  while ((p = mi_heap_malloc(heap, size)) != NULL) {
    CHECK(mi_arena_contains(arena, p));
    memset(p, 0x55, size);
    count++;
  }
  CHECK_EQ(errno, ENOMEM);
  return count;
}

TEST(arenas_reserved_serve_their_heap_only) {
  mi_arena_id_t arena = NULL;
  CHECK_EQ(mi_reserve_os_memory_ex(8 * MIB, false, false, true, &arena), 0);
  CHECK(arena != NULL);
  size_t size = 0;
  char* const start = mi_arena_area(arena, &size);
  CHECK(start != NULL && size >= 8 * MIB && size < 10 * MIB);
  for (int i = 0; i < 1000; i++) {
    void* const p = mi_malloc(5000);
    CHECK(!mi_arena_contains(arena, p));
    mi_free(p);
  }
  for (int round = 0; round < 3; round++) {
    mi_heap_t* const heap = mi_heap_new_in_arena(arena);
    CHECK(exhaust(heap, arena, 1000) * 1000 >= 7 * MIB);
    CHECK(mi_heap_malloc(heap, 10 * MIB) == NULL);
    mi_heap_destroy(heap);
  }
  mi_heap_t* const heap = mi_heap_new_in_arena(arena);
  void* const large = mi_heap_malloc(heap, 7 * MIB);
  CHECK(mi_arena_contains(arena, large));
  mi_free(large);
  mi_heap_delete(heap);
}

TEST(arenas_reserved_and_committed_at_once) {
  mi_arena_id_t arena = NULL;
  CHECK_EQ(mi_reserve_os_memory_ex(4 * MIB, true, false, true, &arena), 0);
  mi_heap_t* const heap = mi_heap_new_in_arena(arena);
  CHECK(is_zero(mi_heap_zalloc(heap, 100000), 100000));
  CHECK(exhaust(heap, arena, 200) > 10000);
  mi_heap_destroy(heap);
  CHECK_EQ(mi_reserve_os_memory(2 * MIB, false, false), 0);
  CHECK_EQ(mi_reserve_os_memory(hide_size(SIZE_MAX - 64 * MIB), false, false), ENOMEM);
}

TEST(arenas_managed_use_the_memory_they_were_given) {
  mi_arena_id_t arena = NULL;
  char* const memory = map(6 * MIB, PROT_READ | PROT_WRITE);
  memset(memory, 0xAA, 6 * MIB);
  CHECK(mi_manage_os_memory_ex(memory + 4096, 6 * MIB - 4096, true, true, false, -1, true, &arena));
  mi_heap_t* const heap = mi_heap_new_in_arena(arena);
  char* const zeroed = mi_heap_zalloc(heap, 300000);
  CHECK(zeroed > memory && zeroed < memory + 6 * MIB);
  CHECK(is_zero(zeroed, 300000));
  CHECK(is_zero(mi_heap_zalloc(heap, 40), 40));
  CHECK(exhaust(heap, arena, 3000) * 3000 >= 5 * MIB);
  mi_heap_destroy(heap);
  mi_collect(true); /* pinned: nothing is given back */
}

static size_t committed, commit_calls;

static bool commit_part(bool commit, void* start, size_t size, bool* is_zeroed, void* arg) {
  CHECK(arg == &committed);
  commit_calls++;
  if (is_zeroed != NULL) { *is_zeroed = false; }
  committed += commit ? size : 0 - size;
  return mprotect(start, size, commit ? PROT_READ | PROT_WRITE : PROT_NONE) == 0;
}

TEST(arenas_managed_commit_as_the_program_says) {
  mi_arena_id_t arena = NULL;
  void* const memory = map(8 * MIB, PROT_NONE);
  CHECK(mi_manage_memory(memory, 8 * MIB, false, false, true, -1, true, commit_part, &committed,
                         &arena));
  mi_heap_t* const heap = mi_heap_new_in_arena(arena);
  const size_t before = committed;
  char* const p = mi_heap_malloc(heap, 2 * MIB);
  memset(p, 1, 2 * MIB);
  CHECK(committed >= before + 2 * MIB);
  mi_free(p);
  mi_collect(true);
  CHECK_EQ(committed, before);
  char* const q = mi_heap_zalloc(heap, 2 * MIB);
  CHECK(is_zero(q, 2 * MIB));
  mi_heap_destroy(heap);
  CHECK(commit_calls >= 4);
}

TEST(arenas_that_cannot_be_are_refused) {
  mi_arena_id_t arena = &arena;
  char* const memory = map(2 * MIB, PROT_READ | PROT_WRITE);
  CHECK(!mi_manage_os_memory_ex(memory, 1000, true, false, true, -1, false, &arena));
  CHECK(arena == NULL);
  CHECK(!mi_manage_os_memory(NULL, 10 * MIB, true, false, true, -1));
  CHECK(!mi_manage_os_memory(memory + 1, 0, true, false, true, -1));
  CHECK(mi_arena_min_size() <= 2 * MIB && mi_arena_min_size() % mi_arena_min_alignment() == 0);
  CHECK(mi_arena_max_object_size() > 0);
  size_t size = 1;
  CHECK(mi_arena_area(NULL, &size) == NULL && size == 0);
  CHECK(mi_arena_contains(NULL, mi_malloc(100)));
}

TEST(an_id_that_names_no_arena_is_refused) {
  size_t size = 1;
  errno = 0;
  CHECK(mi_heap_new_in_arena(&size) == NULL);
  CHECK_EQ(errno, EINVAL);
  CHECK(mi_arena_area(&size, &size) == NULL && size == 0);
  CHECK(!mi_arena_contains(&size, &size));
}

TEST_MAIN()
