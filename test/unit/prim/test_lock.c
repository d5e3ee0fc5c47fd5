/* test_lock.c - locks exclude each other, and ranks find a deadlock before it happens. */
#include "prim/lock.h"

#include <pthread.h>

#include "base/assert.h"
#include "test/unit/unit.h"

enum { THREADS = 4, ROUNDS = 2000 };

static mim_lock_t lock = MIM_LOCK_INIT(MIM_RANK_ARENAS);
static long plain_counter;

static void* count_under_lock(void* arg) {
  for (int i = 0; i < ROUNDS; i++) {
    while (arg != NULL && !mim_lock_try_acquire(&lock)) {}
    if (arg == NULL) { mim_lock_acquire(&lock); }
    plain_counter++;
    mim_lock_release(&lock);
  }
  return NULL;
}

TEST(lock_excludes_whoever_acquires_or_tries) {
  pthread_t threads[THREADS];
  for (int t = 0; t < THREADS; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, count_under_lock, t == 0 ? &lock : NULL), 0);
  }
  for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
  CHECK_EQ(plain_counter, THREADS * ROUNDS);
}

static void* try_it(void* arg) {
  *(bool*)arg = mim_lock_try_acquire(&lock);
  if (*(bool*)arg) { mim_lock_release(&lock); }
  return NULL;
}

static bool others_can_take_it(void) {
  bool result = false;
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, try_it, &result), 0);
  pthread_join(thread, NULL);
  return result;
}

TEST(lock_try_fails_only_while_it_is_held) {
  CHECK(others_can_take_it());
  mim_lock_acquire(&lock);
  CHECK(!others_can_take_it());
  mim_lock_release(&lock);
  CHECK(others_can_take_it());
}

static mim_lock_t low = MIM_LOCK_INIT(MIM_RANK_THEAPS), high = MIM_LOCK_INIT(MIM_RANK_METADATA);

static void take(void* arg) {
  mim_lock_t* const* const order = arg;
  mim_lock_acquire(order[0]);
  mim_lock_acquire(order[1]);
  mim_lock_release(order[1]);
  mim_lock_release(order[0]);
}

TEST(lock_ranks_allow_only_one_order) {
  mim_lock_t same = MIM_LOCK_INIT(MIM_RANK_THEAPS);
  run_in_child(take, (mim_lock_t*[]){&low, &high});
  if (MIM_ASSERT_LEVEL == 0) { return; }
  check_aborts(take, (mim_lock_t*[]){&high, &low});
  check_aborts(take, (mim_lock_t*[]){&low, &same});
}

TEST(lock_made_at_run_time_is_free) {
  mim_lock_t made = MIM_LOCK_INIT(MIM_RANK_LATE);
  CHECK_EQ(made.rank, MIM_RANK_LATE);
  CHECK(mim_lock_try_acquire(&made));
  mim_lock_release(&made);
}

TEST_MAIN()
