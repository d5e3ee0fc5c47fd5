/* larson_inline.h - server churn after Larson and Krishnan, "Memory allocation for long-running
   server applications", ISMM 1998. The includer gives larson_allocate and larson_release, so
   that the same body runs over malloc/free and over operator new and sized delete.

   Each of N workers owns a table of blocks and replaces random ones by blocks of random size.
   After a round the worker hands its table to a fresh thread and ends: blocks live longer than
   the thread that allocated them and are freed by another, as sessions of a server are. */
#include "../common/bench.h"

static void* larson_allocate(size_t size);
static void larson_release(void* p, size_t size);

enum {
  LARSON_BLOCKS = 5000,
  LARSON_SIZE_MIN = 8,
  LARSON_SIZE_MAX = 1000,
  LARSON_REPLACEMENTS = 50000,
  LARSON_ROUNDS = 300
};

typedef struct larson_worker {
  BENCH_APART bench_block_t* blocks;
  size_t rounds_left;
  bench_random_t random;
} larson_worker_t;

static void larson_fill(larson_worker_t* worker, uint32_t slot) {
  bench_block_t* const block = &worker->blocks[slot];
  block->size = bench_random_between(&worker->random, LARSON_SIZE_MIN, LARSON_SIZE_MAX);
  block->tag = bench_random_next(&worker->random);
  block->p = (unsigned char*)larson_allocate(block->size);
  if (block->p == NULL) { bench_fail("larson: no memory"); }
  bench_stamp(block->p, block->size, block->tag);
}

static void larson_empty(larson_worker_t* worker, uint32_t slot) {
  bench_block_t* const block = &worker->blocks[slot];
  bench_verify(block->p, block->size, block->tag);
  larson_release(block->p, block->size);
  block->p = NULL;
}

static void larson_round(void* arg) {
  larson_worker_t* const worker = (larson_worker_t*)arg;
  for (int i = 0; i < LARSON_REPLACEMENTS; i++) {
    const uint32_t slot = bench_random_below(&worker->random, LARSON_BLOCKS);
    larson_empty(worker, slot);
    larson_fill(worker, slot);
  }
}

/* One chain of short-lived threads, each doing a round on the table that it got. */
static void larson_chain(void* arg) {
  larson_worker_t* const worker = (larson_worker_t*)arg;
  while (worker->rounds_left-- > 0) {
    bench_run_short_threads(1, larson_round, worker, sizeof(*worker));
  }
}

static int larson_run(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  const size_t count = (size_t)options.thread_count;
  larson_worker_t* const workers = (larson_worker_t*)bench_table_new(count, sizeof(*workers));
  for (size_t i = 0; i < count; i++) {
    larson_worker_t* const worker = &workers[i];
    worker->blocks = (bench_block_t*)bench_table_new(LARSON_BLOCKS, sizeof(bench_block_t));
    worker->rounds_left = bench_scaled(&options, LARSON_ROUNDS);
    worker->random = bench_random_seed(i);
    for (uint32_t slot = 0; slot < LARSON_BLOCKS; slot++) { larson_fill(worker, slot); }
  }
  bench_run_threads(options.thread_count, larson_chain, workers, sizeof(*workers));
  for (size_t i = 0; i < count; i++) {
    for (uint32_t slot = 0; slot < LARSON_BLOCKS; slot++) { larson_empty(&workers[i], slot); }
  }
  return 0;
}
