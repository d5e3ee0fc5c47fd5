/* tight_loops.c - tight malloc/free loops, like the malloc-thread benchmark of the glibc test
   suite, written after its published description: each thread has a working set of pointers and
   loops over "free a random one, allocate a new one in its place", with sizes from a steep
   inverse power distribution, and does nothing else with the memory. */
#include "../common/bench.h"

#include <stdlib.h>

enum { WORKING_SET = 1024, STEPS = 60000000, SIZE_TABLE = 1024, SIZE_LOW = 8, SIZE_HIGH = 2048 };

typedef struct worker {
  BENCH_APART bench_random_t random;
  size_t step_count;
  uint32_t** working_set;
  uint32_t* sizes;
} worker_t;

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  for (size_t i = 0; i < worker->step_count; i++) {
    const uint32_t bits = bench_random_next(&worker->random);
    const uint32_t slot = bits % WORKING_SET;
    uint32_t* const old = worker->working_set[slot];
    if (old != NULL && *old != slot) { bench_fail("tight-loops: a block was overwritten"); }
    free(old);
    uint32_t* const block = malloc(worker->sizes[(bits >> 16) % SIZE_TABLE]);
    if (block == NULL) { bench_fail("tight-loops: no memory"); }
    *block = slot;
    worker->working_set[slot] = block;
  }
  for (int i = 0; i < WORKING_SET; i++) { free(worker->working_set[i]); }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  worker_t workers[BENCH_THREADS_MAX];
  for (int i = 0; i < options.thread_count; i++) {
    worker_t* const worker = &workers[i];
    worker->random = bench_random_seed((uint64_t)i);
    worker->step_count = bench_scaled(&options, STEPS);
    worker->working_set = bench_table_new(WORKING_SET, sizeof(uint32_t*));
    worker->sizes = bench_table_new(SIZE_TABLE, sizeof(uint32_t));
    for (int s = 0; s < SIZE_TABLE; s++) {
      worker->sizes[s] = bench_random_skewed(&worker->random, SIZE_LOW, SIZE_HIGH);
    }
  }
  bench_run_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
  return 0;
}
