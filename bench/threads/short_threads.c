/* short_threads.c - 100,000 threads that live for one small piece of work, sixteen at a time.
   Each allocates some blocks, frees them and ends; one block of each is freed by the main thread
   afterwards. Reports how long it took and how much resident memory is left compared to the
   start: a leak of one small thing a thread is 100,000 of them here.

   usage: bench-short-threads [--scale F] [--threads ALIVE] */
#include "../common/bench.h"

enum { THREADS_TOTAL = 100000, ALIVE = 16, BLOCKS = 8 };

typedef struct worker {
  BENCH_APART bench_block_t left;
  uint32_t tag;
} worker_t;

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  bench_block_t blocks[BLOCKS];
  for (uint32_t i = 0; i < BLOCKS; i++) {
    blocks[i] = bench_block_new((size_t)16 << i, worker->tag + i);
  }
  worker->left = blocks[0];
  for (int i = 1; i < BLOCKS; i++) { bench_block_free(&blocks[i]); }
}

static void round_run(worker_t* workers, int count, size_t round) {
  for (int i = 0; i < count; i++) {
    workers[i].tag = (uint32_t)round * BENCH_THREADS_MAX + (uint32_t)i;
  }
  bench_run_short_threads(count, worker_run, workers, sizeof(worker_t));
  for (int i = 0; i < count; i++) { bench_block_free(&workers[i].left); }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, ALIVE);
  worker_t workers[BENCH_THREADS_MAX];
  const size_t total = bench_scaled(&options, THREADS_TOTAL);
  const size_t round_count =
    (total + (size_t)options.thread_count - 1) / (size_t)options.thread_count;
  /* Stacks and the allocator's first memory are not the threads' leftovers. */
  round_run(workers, options.thread_count, 0);
  const size_t rss_before = bench_rss_kib();
  const double start = bench_now_seconds();
  for (size_t round = 1; round <= round_count; round++) {
    round_run(workers, options.thread_count, round);
  }
  const double seconds = bench_now_seconds() - start;
  const size_t rss_after = bench_rss_kib();
  bench_report("milliseconds", (size_t)(seconds * 1000));
  bench_report("left_kib", rss_after > rss_before ? rss_after - rss_before : 0);
  bench_report("final_rss_kib", rss_after);
  return 0;
}
