/* shbench.c - block arrays with skewed sizes, after the published description of MicroQuill's
   SmartHeap benchmark (sh6, and sh8 with threads): most blocks are small, an array of them is
   filled, freed half in LIFO and half in FIFO order, and some blocks outlive the array by a few
   generations. */
#include "../common/bench.h"

enum { ARRAY = 4096, SURVIVORS = 512, GENERATIONS = 12000 };

typedef struct worker {
  BENCH_APART bench_random_t random;
  size_t generation_count;
  bench_block_t* array;
  bench_block_t* survivors;
} worker_t;

/* Three of four blocks up to 64 bytes, one of eight up to 256, the rest up to 1000. */
static uint32_t random_size(bench_random_t* random) {
  const uint32_t choice = bench_random_below(random, 8);
  const uint32_t limit = choice < 6 ? 64 : choice == 6 ? 256 : 1000;
  return bench_random_between(random, BENCH_STAMP_SIZE, limit);
}

static void array_fill(worker_t* worker) {
  for (int i = 0; i < ARRAY; i++) {
    const uint32_t size = random_size(&worker->random);
    worker->array[i] = bench_block_new(size, bench_random_next(&worker->random));
  }
}

static void array_keep_some(worker_t* worker) {
  for (int i = 0; i < ARRAY / 64; i++) {
    const uint32_t from = bench_random_below(&worker->random, ARRAY);
    const uint32_t to = bench_random_below(&worker->random, SURVIVORS);
    bench_block_free(&worker->survivors[to]);
    worker->survivors[to] = worker->array[from];
    worker->array[from].p = NULL;
  }
}

static void array_free(worker_t* worker) {
  for (int i = ARRAY; i-- > ARRAY / 2;) { bench_block_free(&worker->array[i]); }
  for (int i = 0; i < ARRAY / 2; i++) { bench_block_free(&worker->array[i]); }
}

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  for (size_t g = 0; g < worker->generation_count; g++) {
    array_fill(worker);
    array_keep_some(worker);
    array_free(worker);
  }
  for (int i = 0; i < SURVIVORS; i++) { bench_block_free(&worker->survivors[i]); }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  worker_t workers[BENCH_THREADS_MAX];
  for (int i = 0; i < options.thread_count; i++) {
    workers[i].random = bench_random_seed((uint64_t)i);
    workers[i].generation_count = bench_scaled(&options, GENERATIONS);
    workers[i].array = bench_table_new(ARRAY, sizeof(bench_block_t));
    workers[i].survivors = bench_table_new(SURVIVORS, sizeof(bench_block_t));
  }
  bench_run_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
  return 0;
}
