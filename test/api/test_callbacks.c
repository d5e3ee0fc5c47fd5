/* test_callbacks.c - functions of the program that the library calls, and that allocate.
 *
 * None of them may be called while the library holds a lock that an allocation takes: the thread
 * would wait for itself.  So each part runs in a child, which an alarm ends if it stands still. */
#define _GNU_SOURCE
#include "test/api/api_test.h"
#include "test/api/child.h"

#include <pthread.h>
#include <sys/resource.h>

enum { CHILD_SECONDS = 30 };

/* ---- deferred free ---- */

enum { LATE_BLOCKS = 50000, LATE_BLOCK_SIZE = 64 };
static _Atomic(long) deferred_calls;
static _Atomic(long) late_threads;
static pthread_key_t late_key;

static void allocate_in_deferred_free(bool force, unsigned long long heartbeat, void* arg) {
  (void)force;
  (void)heartbeat;
  (void)arg;
  deferred_calls++;
  for (size_t size = 100; size < 50000; size *= 3) { mi_free(hide(mi_malloc(size))); }
}

/* Enough for hundreds of slow paths. */
static void allocate_many(void) {
  static _Thread_local void* blocks[LATE_BLOCKS];
  for (size_t i = 0; i < LATE_BLOCKS; i++) { blocks[i] = hide(mi_malloc(LATE_BLOCK_SIZE)); }
  for (size_t i = 0; i < LATE_BLOCKS; i++) {
    CHECK(blocks[i] != NULL);
    mi_free(blocks[i]);
  }
}

/* The library's own key is older, so its destructor runs before this one in the first round: in the
 * second round the thread heap is gone. */
static void allocate_in_second_round(void* value) {
  static char second_round;
  if (value != &second_round) {
    pthread_setspecific(late_key, &second_round);
    return;
  }
  allocate_many();
  late_threads++;
}

static void* become_late(void* arg) {
  static char first_round;
  mi_free(hide(mi_malloc(10)));
  CHECK_EQ(pthread_setspecific(late_key, &first_round), 0);
  return arg;
}

static void child_deferred_free_of_late_threads(void) {
  enum { THREADS = 3 };
  pthread_t threads[THREADS];
  alarm(CHILD_SECONDS);
  mi_free(hide(mi_malloc(10)));
  CHECK_EQ(pthread_key_create(&late_key, allocate_in_second_round), 0);
  mi_register_deferred_free(allocate_in_deferred_free, NULL);
  allocate_many();
  CHECK(deferred_calls > 0);
  for (int i = 0; i < THREADS; i++) {
    CHECK_EQ(pthread_create(&threads[i], NULL, become_late, NULL), 0);
  }
  for (int i = 0; i < THREADS; i++) { CHECK_EQ(pthread_join(threads[i], NULL), 0); }
  CHECK_EQ(late_threads, THREADS);
  write_text("done");
}

TEST(deferred_free_functions_may_allocate_also_while_ended_threads_allocate) {
  const child_t* child = run_child("deferred_free_of_late_threads", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "done");
}

/* ---- messages and error handlers, when memory runs out ---- */

enum { LIMIT_MIB = 300, BLOCKS_MAX = 20000 };
static void* blocks[BLOCKS_MAX];
static void* kept[BLOCKS_MAX];
static size_t kept_count;
static long error_calls, output_calls, other_codes;

/* An allocation in a handler may fail, and then the library tells the handler. */
static void keep_one_more(void) {
  static bool is_running;
  if (is_running || kept_count == BLOCKS_MAX) { return; }
  is_running = true;
  kept[kept_count] = mi_malloc(60000);
  if (kept[kept_count] != NULL) { kept_count++; }
  is_running = false;
}

static void allocate_in_error_handler(int code, void* arg) {
  CHECK(arg == &error_calls);
  error_calls++;
  if (code != ENOMEM) { other_codes++; }
  keep_one_more();
}

static void allocate_in_output(const char* text, void* arg) {
  CHECK(arg == &output_calls && text[0] != 0);
  output_calls++;
  keep_one_more();
}

static size_t allocate_until_null(size_t size) {
  size_t count = 0;
  while (count < BLOCKS_MAX && (blocks[count] = hide(mi_malloc(size))) != NULL) { count++; }
  CHECK(count < BLOCKS_MAX);
  return count;
}

static void free_all(size_t count) {
  for (size_t i = 0; i < count; i++) { mi_free(blocks[i]); }
  while (kept_count > 0) { mi_free(kept[--kept_count]); }
}

static void child_memory_runs_out(void) {
  static const size_t sizes[] = {40000, 3 * MIB, 100000, 20 * MIB};
  const struct rlimit limit = {(rlim_t)LIMIT_MIB * MIB, (rlim_t)LIMIT_MIB * MIB};
  alarm(CHILD_SECONDS);
  CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  mi_register_error(allocate_in_error_handler, &error_calls);
  mi_register_output(allocate_in_output, &output_calls);
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    const long calls_before = error_calls;
    errno = 0;
    const size_t count = allocate_until_null(sizes[i]);
    CHECK_EQ(errno, ENOMEM);
    CHECK(error_calls > calls_before);
    free_all(count);
    mi_collect(true);
  }
  CHECK_EQ(other_codes, 0);
  write_format("%d", output_calls > 0);
}

/* musl allocates before main: a large arena would be there before the limit is. */
#define SMALL_ARENAS " MIMALLOC_ARENA_RESERVE=32M"

TEST(error_handlers_may_allocate_when_memory_runs_out) {
  if (TEST_IS_EMULATED) { SKIP_PART(TEST_NO_LIMITS); }
  const child_t* child = run_child("memory_runs_out", "MIMALLOC_SHOW_ERRORS=0" SMALL_ARENAS);
  CHECK(child_succeeded(child));
}

/* A message about memory that the OS refuses arises under a lock, and goes to standard error; the
 * one about the allocation that fails arises under none, and goes to the function. */
TEST(output_functions_may_allocate_when_memory_runs_out) {
  if (TEST_IS_EMULATED) { SKIP_PART(TEST_NO_LIMITS); }
  const child_t* child =
    run_child("memory_runs_out", "MIMALLOC_SHOW_ERRORS=1 MIMALLOC_MAX_ERRORS=-1" SMALL_ARENAS);
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "1");
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"deferred_free_of_late_threads",
                                        child_deferred_free_of_late_threads},
                                       {"memory_runs_out", child_memory_runs_out},
                                       {NULL, NULL}};
  return child_main(argc, argv, parts);
}
