/* test_thread.c - thread identity, thread exit, fork handlers. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/assert.h"
#include "prim/prim.h"
#include "prim/thread_id.h"
#include "test/unit/unit.h"

enum { THREADS = 8 };

static uintptr_t ids[THREADS];
static pthread_barrier_t barrier;

static void* note_id(void* arg) {
  uintptr_t* const id = arg;
  *id = mim_thread_id();
  CHECK(mim_is_this_thread(*id));
  CHECK(!mim_is_this_thread(*id | 1) && !mim_is_this_thread(0));
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < THREADS; i++) { CHECK(mim_is_this_thread(ids[i]) == (&ids[i] == id)); }
  return NULL;
}

/* The main thread's descriptor is laid out elsewhere than those of the others. */
TEST(thread_ids_differ_and_leave_room_for_flags) {
  pthread_t threads[THREADS];
  CHECK(mim_thread_id() != 0 && mim_thread_id() % 8 == 0);
  pthread_barrier_init(&barrier, NULL, THREADS);
  for (int t = 0; t < THREADS; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, note_id, &ids[t]), 0);
  }
  for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
  for (int t = 0; t < THREADS; t++) {
    CHECK(ids[t] != 0 && ids[t] % 8 == 0 && ids[t] != mim_thread_id());
  }
}

static _Atomic(int) exits;
static _Thread_local int late_calls;

/* Asks again from within, as an allocation in a later destructor would. */
static void on_exit_again(void) {
  atomic_fetch_add(&exits, 1);
  if (++late_calls < 2) { mim_prim_at_thread_exit(); }
}

static void* ask(void* arg) {
  if (arg != NULL) { CHECK_EQ(mim_prim_at_thread_exit(), 0); }
  return NULL;
}

static void run_thread(void* arg) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, ask, arg), 0);
  pthread_join(thread, NULL);
}

TEST(thread_exit_is_told_to_those_who_asked_and_again_if_asked_again) {
  CHECK_EQ(mim_prim_at_thread_exit(), 0); /* before there is anything to call: no effect */
  CHECK_EQ(mim_prim_thread_exit_init(on_exit_again), 0);
  CHECK_EQ(mim_prim_thread_exit_init(on_exit_again), 0);
  run_thread(NULL);
  CHECK_EQ(exits, 0);
  run_thread(&exits);
  CHECK_EQ(exits, 2);
  run_thread(&exits);
  CHECK_EQ(exits, 4);
}

#if !defined(_WIN32)
static int fork_events[3];
static int fork_count;
static void at_prepare(void) { fork_events[0] = ++fork_count; }
static void at_parent(void) { fork_events[1] = ++fork_count; }
static void at_child(void) { fork_events[2] = ++fork_count; }

static void check_child_events(void* arg) {
  (void)arg;
  CHECK(fork_events[0] == 1 && fork_events[2] == 2 && fork_events[1] == 0);
}

TEST(thread_fork_handlers_run_before_and_after_on_both_sides) {
  if (!TEST_HAS_PROCESSES) { SKIP_PART(TEST_NO_PROCESSES); }
  CHECK_EQ(mim_prim_at_fork(at_prepare, at_parent, at_child), 0);
  run_in_child(check_child_events, NULL);
  CHECK(fork_events[0] == 1 && fork_events[1] == 2 && fork_events[2] == 0);
}
#endif

TEST_MAIN()
