/* test_ends.c - the end of a process: what destructors and handlers still allocate and free, and
 * threads that are ended while they hold a lock of the allocator. */
#include <process.h>
#include <stdbool.h>
#include <windows.h>

#include "mimalloc.h"
#include "test/test.h"

#include "test/api/child.h" /* behind what it uses */

static char* kept;

static void work_at_exit(void) {
  CHECK(strcmp(kept, "kept") == 0);
  mi_free(kept);
  for (size_t size = 1; size < 3000000; size *= 3) { mi_free(mi_zalloc(size)); }
  write_text("atexit ");
}

static bool is_child;

__attribute__((destructor)) static void work_in_destructor(void) {
  if (!is_child) { return; }
  void* const p = mi_malloc(100);
  if (p != NULL) { write_text("destructor"); }
  mi_free(p);
}

static void end_normally(void) {
  is_child = true;
  kept = mi_strdup("kept");
  atexit(work_at_exit);
}

TEST(handlers_and_destructors_can_allocate) {
  const child_t* child = run_child("end_normally", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "atexit destructor");
  child = run_child("end_normally", "MIMALLOC_SHOW_STATS=1 MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "atexit destructor");
  CHECK(strstr(child->err, "mimalloc") != NULL);
}

TEST(memory_can_be_given_back_at_the_end) {
  CHECK(child_succeeded(run_child("end_normally", "MIMALLOC_DESTROY_ON_EXIT=1")));
}

/* Holds the locks of arenas and of abandoned pages most of the time. */
static DWORD WINAPI allocate_for_ever(void* arg) {
  for (size_t i = (size_t)arg; i != SIZE_MAX; i++) {
    void* const p = mi_malloc(i % 64 == 0 ? 3000000 : 40000);
    mi_free(p);
    mi_collect(true);
  }
  return 0;
}

/* Windows ends the threads wherever they are, and only then tells the DLLs and destructors. */
static void end_while_threads_allocate(void) {
  for (size_t i = 0; i < 6; i++) { CreateThread(NULL, 0, allocate_for_ever, (void*)i, 0, NULL); }
  Sleep(20);
  end_normally();
}

TEST(a_process_ends_while_its_threads_allocate) {
  for (int round = 0; round < 20; round++) {
    CHECK(child_succeeded(run_child("end_while_threads_allocate", "MIMALLOC_SHOW_STATS=1")));
  }
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {
    {"end_normally", end_normally},
    {"end_while_threads_allocate", end_while_threads_allocate},
    {NULL, NULL},
  };
  return child_main(argc, argv, parts);
}
