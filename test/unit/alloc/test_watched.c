/* test_watched.c - watched thread heaps: what there is to watch changes at the worst moment. */
/* links: sim */
#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "test/unit/heap/heap_test.h"

enum { BLOCKS = 2000 };

static mim_profiler_t profiler;
static void* blocks[BLOCKS];
static size_t restarts;

/* The slow path has seen that the profiler was stopped, and is about to get a page. */
static void start_again(sim_kind_t kind) {
  if (kind != SIM_COMMIT || mim_theap_self->is_watched) { return; }
  mim_profiler_run(&profiler, true);
  restarts++;
}

/* Stopped before the call, where the thread heap does not know yet. */
static void* malloc_while_stopped(size_t size) {
  mim_profiler_run(&profiler, true);
  mim_watch_update(mim_theap_self);
  CHECK(mim_theap_self->is_watched);
  mim_profiler_run(&profiler, false);
  return mim_malloc(size);
}

HEAP_TEST(a_profiler_may_stop_and_start_while_a_page_is_looked_for) {
  uint64_t seed = 1;
  mim_free(mim_malloc(1)); /* the thread has its heap */
  profiler.sample_rate = (size_t)1 << 30;
  mim_profile_subproc(&mim_subproc_main, &profiler);
  sim_during_calls(start_again);
  for (size_t i = 0; i < BLOCKS; i++) {
    const size_t size = 1 + random_below(&seed, 40000);
    blocks[i] = malloc_while_stopped(size);
    CHECK(blocks[i] != NULL);
    memset(blocks[i], 1, size);
    check_theap();
  }
  sim_during_calls(NULL);
  CHECK(restarts > 0);
  mim_profiler_run(&profiler, false);
  mim_profile_subproc(&mim_subproc_main, NULL);
  for (size_t i = 0; i < BLOCKS; i++) { mim_free(blocks[i]); }
}

TEST_MAIN()
