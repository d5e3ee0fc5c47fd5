/* mixed_stress.c - mixed stress like the mstress row of the mimalloc-bench collection, written
   after its published description: threads allocate and free blocks of skewed sizes, keep some,
   exchange others with all threads through a shared transfer array, and end; the next generation
   of threads frees what is left there. Every hundredth block is large. */
#include "../common/bench.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
  GENERATIONS = 100,
  STEPS = 320000,
  TRANSFER_SLOTS = 1000,
  RETAINED = 2000,
  WINDOW = 1000,
  SMALL_MIN = 8,
  SMALL_MAX = 1024,
  LARGE_MIN = 8192,
  LARGE_MAX = 65536
};

/* The block itself says its size and tag: a transfer slot is one atomic word. The tag is odd as
   long as the parcel lives: a block that two owners got at once is freed twice, and shows. */
typedef struct parcel {
  uint32_t size, tag;
} parcel_t;

static _Atomic(parcel_t*) transfer[TRANSFER_SLOTS];

typedef struct worker {
  BENCH_APART bench_random_t random;
  size_t step_count;
  parcel_t** retained;
  parcel_t** window;
} worker_t;

static parcel_t* parcel_new(bench_random_t* random) {
  const bool is_large = bench_random_below(random, 100) == 0;
  const uint32_t size =
    (uint32_t)sizeof(parcel_t) + (is_large ? bench_random_between(random, LARGE_MIN, LARGE_MAX)
                                           : bench_random_skewed(random, SMALL_MIN, SMALL_MAX));
  parcel_t* const parcel = malloc(size);
  if (parcel == NULL) { bench_fail("mixed-stress: no memory"); }
  *parcel = (parcel_t){size, bench_random_next(random) | 1};
  bench_stamp(parcel + 1, size - sizeof(parcel_t), parcel->tag);
  return parcel;
}

static void parcel_free(parcel_t* parcel) {
  if (parcel == NULL) { return; }
  if ((parcel->tag & 1) == 0) { bench_fail("mixed-stress: a block had two owners"); }
  bench_verify(parcel + 1, parcel->size - sizeof(parcel_t), parcel->tag);
  *(volatile uint32_t*)&parcel->tag = 0;
  free(parcel);
}

static void worker_step(worker_t* worker) {
  bench_random_t* const random = &worker->random;
  const uint32_t choice = bench_random_below(random, 100);
  parcel_t* const parcel = parcel_new(random);
  if (choice < 10) { /* exchanged: the other thread's block is freed here */
    const uint32_t slot = bench_random_below(random, TRANSFER_SLOTS);
    parcel_free(atomic_exchange_explicit(&transfer[slot], parcel, memory_order_acq_rel));
    return;
  }
  parcel_t** const table = choice < 20 ? worker->retained : worker->window;
  const uint32_t slot = bench_random_below(random, choice < 20 ? RETAINED : WINDOW);
  parcel_free(table[slot]);
  table[slot] = parcel;
}

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  for (size_t i = 0; i < worker->step_count; i++) { worker_step(worker); }
  for (int i = 0; i < RETAINED; i++) { parcel_free(worker->retained[i]); }
  for (int i = 0; i < WINDOW; i++) { parcel_free(worker->window[i]); }
  memset(worker->retained, 0, RETAINED * sizeof(parcel_t*));
  memset(worker->window, 0, WINDOW * sizeof(parcel_t*));
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  worker_t workers[BENCH_THREADS_MAX];
  for (int i = 0; i < options.thread_count; i++) {
    workers[i].random = bench_random_seed((uint64_t)i);
    workers[i].step_count = STEPS / (size_t)options.thread_count;
    workers[i].retained = bench_table_new(RETAINED, sizeof(parcel_t*));
    workers[i].window = bench_table_new(WINDOW, sizeof(parcel_t*));
  }
  const size_t generation_count = bench_scaled(&options, GENERATIONS);
  for (size_t g = 0; g < generation_count; g++) {
    bench_run_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
    for (int i = 0; i < TRANSFER_SLOTS; i += 2) {
      parcel_free(atomic_exchange_explicit(&transfer[i], NULL, memory_order_acq_rel));
    }
  }
  for (int i = 0; i < TRANSFER_SLOTS; i++) { parcel_free(atomic_load(&transfer[i])); }
  return 0;
}
