/* test_arena_race.c - threads claim, release, resize and purge slices of the same arenas.  Each
 * stamps what it owns: a slice that two of them own is found, with and without ThreadSanitizer. */
/* links: sim */
#include <pthread.h>

#include "test/unit/arena/arena_test.h"

enum { THREADS = 3, ROUNDS = 1500, RUNS = 6 };

static void stamp(const mim_slices_t* s, size_t from, uintptr_t id) {
  for (size_t i = from; i < s->count; i++) {
    *(uintptr_t*)(void*)(s->base + i * MIM_SLICE_SIZE) = id;
  }
}

static void check_stamp(const mim_slices_t* s, uintptr_t id) {
  for (size_t i = 0; i < s->count; i++) {
    CHECK_EQ(*(uintptr_t*)(void*)(s->base + i * MIM_SLICE_SIZE), id);
  }
}

static void give_back(mim_slices_t* s, uintptr_t id) {
  check_stamp(s, id);
  mim_slices_release(s);
  s->count = 0;
}

static void* work(void* arg) {
  uint64_t seed = (uintptr_t)arg * 7919;
  const uintptr_t id = (uintptr_t)arg;
  mim_slices_t runs[RUNS] = {{0}};
  for (int i = 0; i < ROUNDS; i++) {
    mim_slices_t* const run = &runs[random_below(&seed, RUNS)];
    const size_t what = random_below(&seed, 8);
    if (i % 100 == 99) { mim_arenas_purge(&arenas, what < 6); }
    if (run->count == 0) {
      CHECK(mim_slices_claim(&arenas, NULL, 1 + random_below(&seed, 5), MIM_SLICE_SIZE, run));
      stamp(run, 0, id);
    } else if (what == 0) {
      const size_t before = run->count;
      if (mim_slices_extend(run, 2)) { stamp(run, before, id); }
    } else if (what == 1 && run->count > 1) {
      mim_slices_shrink(run, 1);
    } else {
      give_back(run, id);
    }
  }
  for (int i = 0; i < RUNS; i++) {
    if (runs[i].count != 0) { give_back(&runs[i], id); }
  }
  return NULL;
}

static void run_race(long reserve_kib, long purge_delay) {
  arenas_start(&sim_windows, reserve_kib);
  mim_option_set(MIM_OPTION_purge_delay, purge_delay);
  pthread_t threads[THREADS];
  for (uintptr_t t = 0; t < THREADS; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, work, (void*)(t + 1)), 0);
  }
  for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
  CHECK_EQ(check_arenas(), 0);
  check_accounting();
  mim_arenas_purge(&arenas, true);
  CHECK_EQ(check_arenas(), 0);
  check_accounting();
}

TEST(arena_no_slice_has_two_owners) { run_race(64 * 1024, 1); }
TEST(arena_no_slice_has_two_owners_when_arenas_are_tiny) { run_race(0, 1); }
TEST(arena_no_slice_has_two_owners_when_all_is_purged_at_once) { run_race(64 * 1024, 0); }

/* ---- the first claims of all: every thread finds no arena at the same time ---- */

static void* claim_one(void* arg) {
  (void)arg;
  static mim_slices_t slices[THREADS];
  static _Atomic(int) next;
  mim_slices_t* const s = &slices[atomic_fetch_add(&next, 1) % THREADS];
  CHECK(mim_slices_claim(&arenas, NULL, 1, MIM_SLICE_SIZE, s));
  return NULL;
}

TEST(arena_one_thread_grows_for_all) {
  for (int i = 0; i < 10; i++) {
    arenas_start(&sim_windows, 1024);
    pthread_t threads[THREADS];
    for (int t = 0; t < THREADS; t++) {
      CHECK_EQ(pthread_create(&threads[t], NULL, claim_one, NULL), 0);
    }
    for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
    CHECK_EQ(arenas.count, 1);
    CHECK_EQ(check_arenas(), THREADS);
  }
}

TEST_MAIN()
