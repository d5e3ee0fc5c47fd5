/* test_purge_race.c - threads free slices while another one purges: at rest, one forced purge finds
 * every slice that is free.  None may fall between a purger that has just passed and a flag that
 * was set too early. */
/* links: sim */
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "test/unit/arena/arena_test.h"

/* A round needs each thread to have its turn, which takes long on a machine with other work. */
enum {
  THREADS_MAX = 2,
  ROUNDS = (TEST_IS_EMULATED ? 500 : 10000),
  ROUNDS_LEAST = 100,
  SECONDS_MOST = 20,
  RUN_MAX = 3
};

static mim_slices_t runs[THREADS_MAX];
static int thread_count;
static _Atomic(int) round_number; /* a round begins when it is raised */
static _Atomic(int) working;      /* threads that still have to release */
static _Atomic(bool) is_over;

static void* release_each_round(void* arg) {
  const mim_slices_t* const run = arg;
  for (int round = 1;; round++) {
    while (atomic_load(&round_number) < round) {
      if (atomic_load(&is_over)) { return NULL; }
      sched_yield();
    }
    mim_slices_release(run);
    atomic_fetch_sub(&working, 1);
  }
}

static bool is_any_marked(const mim_arena_t* arena) {
  for (size_t slice = arena->head_slices; slice < arena->slice_count; slice++) {
    if (SLICE_HAS(arena, purge, slice)) { return true; }
  }
  return false;
}

/* At the end of each round, while no other thread is at work. */
typedef void check_fun_t(const mim_arena_t* arena, size_t committed_at_rest);

static void check_all_is_given_back(const mim_arena_t* arena, size_t committed_at_rest) {
  mim_arenas_purge(&arenas, true);
  CHECK(!is_any_marked(arena));
  for (size_t slice = arena->head_slices; slice < arena->slice_count; slice++) {
    CHECK(SLICE_HAS(arena, free, slice));
    CHECK(!SLICE_HAS(arena, committed, slice));
  }
  CHECK_EQ(sim_committed(), committed_at_rest);
}

/* Otherwise no purge would come unasked. */
static void check_due_time(const mim_arena_t* arena, size_t committed_at_rest) {
  (void)committed_at_rest;
  CHECK(!is_any_marked(arena) || mim_arenas_purge_waits(&arenas));
}

/* While the others release. */
typedef void purge_fun_t(uint64_t* seed);

static void purge_to_the_end(uint64_t* seed) {
  (void)seed;
  while (atomic_load(&working) > 0) { mim_arenas_purge(&arenas, true); }
}

/* At a random moment, and only once: another purge would find what this one missed. */
static void purge_once(uint64_t* seed) {
  const size_t delay = random_below(seed, 500);
  for (volatile size_t i = 0; i < delay; i++) {}
  mim_arenas_purge(&arenas, true);
  while (atomic_load(&working) > 0) { sched_yield(); }
}

static mim_slices_t claim(size_t count) {
  mim_slices_t slices;
  CHECK(mim_slices_claim(&arenas, NULL, count, MIM_SLICE_SIZE, &slices));
  return slices;
}

/* When the round begins a slice of the first arena waits: so a purge is due already, though none
 * for the arena of the runs. */
static void run_round(uint64_t* seed, purge_fun_t* purge) {
  mim_arenas_purge(&arenas, true);
  const mim_slices_t waiting = claim(1);
  CHECK(waiting.arena == arenas.first);
  for (int t = 0; t < thread_count; t++) {
    runs[t] = claim(1 + random_below(seed, RUN_MAX));
    CHECK(runs[t].arena == arenas.last);
  }
  mim_slices_release(&waiting);
  CHECK(mim_arenas_purge_waits(&arenas));
  atomic_store(&working, thread_count);
  atomic_fetch_add(&round_number, 1);
  purge(seed);
}

/* Two arenas, the first of them full but for one slice.  Returns the bytes that are committed while
 * all others are free. */
static size_t start(void) {
  arenas_start(&sim_windows, 4 * 1024);
  mim_option_set(MIM_OPTION_arena_purge_immediate_size, 0);
  atomic_store(&round_number, 0);
  atomic_store(&is_over, false);
  const mim_slices_t first = claim(1);
  claim(arenas.first->free_count);
  const mim_slices_t second = claim(1);
  CHECK(arenas.first != arenas.last);
  mim_slices_release(&first);
  mim_slices_release(&second);
  mim_arenas_purge(&arenas, true);
  return sim_committed();
}

static void run_rounds(int count, purge_fun_t* purge, check_fun_t* check) {
  uint64_t seed = 1;
  pthread_t threads[THREADS_MAX];
  const size_t committed_at_rest = start();
  thread_count = count;
  for (int t = 0; t < thread_count; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, release_each_round, &runs[t]), 0);
  }
  const time_t begin = time(NULL);
  int round = 0;
  for (; round < ROUNDS; round++) {
    if (round >= ROUNDS_LEAST && time(NULL) - begin >= SECONDS_MOST) { break; }
    run_round(&seed, purge);
    check(arenas.last, committed_at_rest);
  }
  printf("    %d rounds\n", round);
  atomic_store(&is_over, true);
  for (int t = 0; t < thread_count; t++) { pthread_join(threads[t], NULL); }
  CHECK_EQ(arenas.count, 2);
  check_all_is_given_back(arenas.last, committed_at_rest);
  CHECK(!mim_arenas_purge_waits(&arenas));
  check_accounting();
}

TEST(purge_finds_all_slices_that_were_freed_while_a_purger_passed) {
  run_rounds(2, purge_to_the_end, check_all_is_given_back);
}

/* One thread: another one that comes later would set the time for both. */
TEST(purge_has_a_due_time_whenever_freed_slices_wait) { run_rounds(1, purge_once, check_due_time); }

TEST_MAIN()
