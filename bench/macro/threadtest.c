/* threadtest.c - after Berger et al., "Hoard: A scalable memory allocator for multithreaded
   applications", ASPLOS 2000: every thread allocates its share of many small objects and then
   frees them all, again and again. Nothing is shared: a row that should scale perfectly. */
#include "../common/bench.h"

enum { OBJECTS = 100000, OBJECT_SIZE = 64, ITERATIONS = 800 };

typedef struct worker {
  bench_block_t* blocks;
  size_t block_count, iteration_count;
  uint32_t tag;
} worker_t;

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  for (size_t i = 0; i < worker->iteration_count; i++) {
    for (size_t b = 0; b < worker->block_count; b++) {
      worker->blocks[b] = bench_block_new(OBJECT_SIZE, worker->tag + (uint32_t)(i + b));
    }
    for (size_t b = 0; b < worker->block_count; b++) { bench_block_free(&worker->blocks[b]); }
  }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  worker_t workers[BENCH_THREADS_MAX];
  for (int i = 0; i < options.thread_count; i++) {
    worker_t* const worker = &workers[i];
    worker->block_count = OBJECTS / (size_t)options.thread_count;
    worker->iteration_count = bench_scaled(&options, ITERATIONS);
    worker->tag = (uint32_t)i << 24;
    worker->blocks = bench_table_new(worker->block_count, sizeof(bench_block_t));
  }
  bench_run_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
  return 0;
}
