/* test_threads.c - threads of Windows, however they are made, leave nothing behind.
 *
 * Elsewhere programs of MinGW lost 23 GB: the end of a thread was learned only by a DLL's entry
 * point, or only by Microsoft's runtime. */
#include <process.h>
#include <windows.h>

#include "mimalloc-stats.h"
#include "mimalloc.h"
#include "test/emulated.h"
#include "test/test.h"

enum {
  THREADS = (TEST_IS_OTHER_PROCESSOR ? 1000 : 10000),
  TOGETHER = 8,
  BLOCKS = 20,
  LEFT_MIB = 8
};

static const mi_stats_t* stats_now(void) {
  static mi_stats_t stats;
  mi_stats_init(&stats);
  CHECK(mi_stats_get(&stats));
  return &stats;
}

static long long threads_now(void) { return stats_now()->threads.current; }

/* What the process has; where an emulator counts as well, what the allocator has of it. */
static size_t memory_now(void) {
  size_t rss;
  if (TEST_IS_OTHER_PROCESSOR) { return (size_t)stats_now()->committed.current; }
  mi_process_info(NULL, NULL, NULL, &rss, NULL, NULL, NULL, NULL);
  return rss;
}

/* Leaves one block, which somebody else frees. */
static void* work(void) {
  void* blocks[BLOCKS];
  for (size_t i = 0; i < BLOCKS; i++) {
    blocks[i] = mi_malloc(100 * i + 1);
    memset(blocks[i], (int)i, 100 * i + 1);
  }
  for (size_t i = 1; i < BLOCKS; i++) { mi_free(blocks[i]); }
  return blocks[0];
}

static void* left[TOGETHER];

static DWORD WINAPI run_windows(void* arg) {
  *(void**)arg = work();
  return 0;
}

static unsigned __stdcall run_crt(void* arg) {
  *(void**)arg = work();
  return 0;
}

static HANDLE start_windows(void* arg) { return CreateThread(NULL, 0, run_windows, arg, 0, NULL); }

static HANDLE start_crt(void* arg) {
  return (HANDLE)_beginthreadex(NULL, 0, run_crt, arg, 0, NULL);
}

static void run_many(HANDLE (*start)(void* arg), int count) {
  for (int done = 0; done < count; done += TOGETHER) {
    HANDLE threads[TOGETHER];
    for (int i = 0; i < TOGETHER; i++) { CHECK((threads[i] = start(&left[i])) != NULL); }
    CHECK_EQ(WaitForMultipleObjects(TOGETHER, threads, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < TOGETHER; i++) {
      CloseHandle(threads[i]);
      mi_free(left[i]);
    }
  }
}

static void check_nothing_left(HANDLE (*start)(void* arg)) {
  mi_free(mi_malloc(1));
  run_many(start, 100); /* what the system keeps for threads to come */
  const long long threads = threads_now();
  const size_t before = memory_now();
  run_many(start, THREADS);
  const size_t after = memory_now();
  CHECK_EQ(threads_now(), threads);
  printf("    %lld KiB more after %d threads\n", ((long long)after - (long long)before) / 1024,
         (int)THREADS);
  CHECK(after < before + ((size_t)LEFT_MIB << 20));
}

TEST(threads_of_windows_leave_nothing) { check_nothing_left(start_windows); }

TEST(threads_of_the_c_runtime_leave_nothing) { check_nothing_left(start_crt); }

/* A fiber that ends is no thread that ends. */
static void CALLBACK run_fiber(void* back) {
  mi_free(mi_malloc(1000));
  SwitchToFiber(back);
}

TEST(fibers_share_what_their_thread_has) {
  void* const self = ConvertThreadToFiber(NULL);
  CHECK(self != NULL);
  void* const block = mi_malloc(1000);
  memset(block, 1, 1000);
  const long long threads = threads_now();
  for (int i = 0; i < 50; i++) {
    void* const fiber = CreateFiber(0, run_fiber, self);
    CHECK(fiber != NULL);
    SwitchToFiber(fiber);
    DeleteFiber(fiber);
  }
  CHECK_EQ(threads_now(), threads);
  CHECK(((char*)block)[999] == 1);
  mi_free(block);
  CHECK(ConvertFiberToThread());
}

/* A thread that is ended by force says nothing to anybody: what it had is lost, and only that. */
static DWORD WINAPI run_for_ever(void* arg) {
  *(void**)arg = work();
  Sleep(INFINITE);
  return 0;
}

TEST(a_thread_ended_by_force_does_no_harm) {
  left[0] = NULL;
  HANDLE const thread = CreateThread(NULL, 0, run_for_ever, &left[0], 0, NULL);
  CHECK(thread != NULL);
  while (*(void* volatile*)&left[0] == NULL) { Sleep(1); }
  CHECK(TerminateThread(thread, 0));
  CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
  CloseHandle(thread);
  mi_free(left[0]);
  run_many(start_windows, 100);
}

TEST_MAIN()
