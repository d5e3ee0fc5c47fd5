/* thread_leak.c - threads created and ended, like the mleak row: every thread allocates a few
   blocks of many classes, frees most of them and leaves one to the main thread, which frees it
   after the thread has ended. An allocator that keeps something of every dead thread shows it in
   final_rss_kib. */
#include "../common/bench.h"

enum { THREADS_TOTAL = 20000, BLOCKS = 24 };

typedef struct worker {
  BENCH_APART bench_block_t left; /* outlives the thread */
  uint32_t tag;
} worker_t;

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  bench_block_t blocks[BLOCKS];
  for (uint32_t i = 0; i < BLOCKS; i++) {
    blocks[i] = bench_block_new(16 + (size_t)i * i * 8, worker->tag + i);
  }
  worker->left = blocks[worker->tag % BLOCKS];
  blocks[worker->tag % BLOCKS].p = NULL;
  for (int i = 0; i < BLOCKS; i++) { bench_block_free(&blocks[i]); }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  worker_t workers[BENCH_THREADS_MAX];
  memset(workers, 0, sizeof(workers));
  const size_t round_count = bench_scaled(&options, THREADS_TOTAL / (size_t)options.thread_count);
  for (size_t round = 0; round < round_count; round++) {
    for (int i = 0; i < options.thread_count; i++) {
      workers[i].tag = (uint32_t)(round * BENCH_THREADS_MAX) + (uint32_t)i;
    }
    bench_run_short_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
    for (int i = 0; i < options.thread_count; i++) { bench_block_free(&workers[i].left); }
  }
  bench_report("final_rss_kib", bench_rss_kib());
  return 0;
}
