/* test_large.c - 1 GiB OS pages and NUMA nodes: most machines have none, and say so. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

#include "mimalloc-stats.h"

static void note_message(const char* text, void* arg) {
  strncat((char*)arg, text, 1000 - strlen((const char*)arg));
}

/* How many 1 GiB pages the administrator has set aside and nobody uses. */
static long pages_set_aside(void) {
  long pages = 0;
  FILE* const file = fopen("/sys/kernel/mm/hugepages/hugepages-1048576kB/free_hugepages", "r");
  if (file == NULL) { return 0; }
  if (fscanf(file, "%ld", &pages) != 1) { pages = 0; }
  fclose(file);
  return pages;
}

TEST(huge_os_pages_are_reserved_or_their_lack_is_told) {
  char message[1001] = "";
  mi_arena_id_t arena = &arena;
  mi_option_enable(mi_option_show_errors);
  mi_register_output(note_message, message);
  errno = 0;
  const int error = mi_reserve_huge_os_pages_at_ex(1, 0, 5000, true, &arena);
  mi_register_output(NULL, NULL);
  mi_option_disable(mi_option_show_errors);
  const int error_number = errno;
  if (pages_set_aside() == 0 && error != 0) {
    CHECK_EQ(error, ENOMEM);
    CHECK_EQ(error_number, ENOMEM);
    CHECK(arena == NULL);
    CHECK(strstr(message, "0 of 1 huge OS pages") != NULL);
    return;
  }
  CHECK_EQ(error, 0);
  mi_heap_t* const heap = mi_heap_new_in_arena(arena);
  char* const p = mi_heap_malloc(heap, 100 * MIB);
  CHECK(mi_arena_contains(arena, p));
  memset(p, 1, 100 * MIB);
  mi_heap_destroy(heap);
}

TEST(too_many_huge_os_pages_cannot_be_had) {
  size_t reserved = 1;
  CHECK_EQ(mi_reserve_huge_os_pages_at(100000, -1, 10), ENOMEM);
  CHECK_EQ(mi_reserve_huge_os_pages_interleave(100000, 0, 10), ENOMEM);
  CHECK_EQ(mi_reserve_huge_os_pages(100000, 0.01, &reserved), ENOMEM);
  CHECK(reserved < 100000);
  CHECK_EQ(mi_reserve_huge_os_pages_at(SIZE_MAX, 0, 10), ENOMEM);
  CHECK_EQ(mi_reserve_huge_os_pages_at(0, 0, 0), 0);
}

TEST(a_heap_may_prefer_any_node) {
  mi_heap_t* const heap = mi_heap_new();
  const int nodes[] = {0, 1, -1, 1000, -1000};
  for (size_t i = 0; i < COUNT_OF(nodes); i++) {
    mi_heap_set_numa_affinity(heap, nodes[i]);
    void* const p = mi_heap_malloc(heap, 100 << i);
    CHECK(p != NULL);
    memset(p, 1, 100 << i);
    mi_free(p);
  }
  mi_heap_set_numa_affinity(NULL, 0);
  mi_heap_destroy(heap);
}

TEST(arenas_are_printed) {
  static char text[1 << 20];
  void* const p = mi_malloc(MIB);
  text[0] = 0;
  mi_register_output(note_message, text);
  mi_arenas_print();
  mi_debug_show_arenas();
  mi_register_output(NULL, NULL);
  CHECK(strstr(text, "arena") != NULL);
  mi_free(p);
}

TEST_MAIN()
