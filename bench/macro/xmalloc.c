/* xmalloc.c - after Lever and Boreham, "malloc() performance in a multithreaded Linux
   environment", USENIX 2000: producers allocate batches of blocks, consumers free them. Every
   free is remote; the batch queue is bounded, so that memory use tells about the allocator and
   not about which side ran ahead. Threads come in pairs: --threads 2 is one producer and one
   consumer. */
#include "../common/bench.h"

enum { BATCH_BLOCKS = 120, QUEUE_BATCHES = 64, BATCHES = 120000, SIZE_LOW = 16, SIZE_HIGH = 512 };

typedef struct batch {
  bench_block_t blocks[BATCH_BLOCKS];
} batch_t;

/* A ring of batches for one pair. */
typedef struct pair {
  pthread_mutex_t lock;
  pthread_cond_t can_push, can_pop;
  batch_t* ring;
  size_t head, tail, batch_count;
  uint32_t seed;
} pair_t;

static void produce_batch(batch_t* batch, bench_random_t* random) {
  for (int i = 0; i < BATCH_BLOCKS; i++) {
    const uint32_t size = bench_random_skewed(random, SIZE_LOW, SIZE_HIGH);
    batch->blocks[i] = bench_block_new(size, bench_random_next(random));
  }
}

/* The slot at the tail belongs to the producer until the tail moves, so the batch is filled
   outside of the lock; the consumer's end likewise. */
static void produce(pair_t* pair) {
  bench_random_t random = bench_random_seed(pair->seed);
  for (size_t i = 0; i < pair->batch_count; i++) {
    pthread_mutex_lock(&pair->lock);
    while (pair->tail - pair->head == QUEUE_BATCHES) {
      pthread_cond_wait(&pair->can_push, &pair->lock);
    }
    pthread_mutex_unlock(&pair->lock);
    produce_batch(&pair->ring[i % QUEUE_BATCHES], &random);
    pthread_mutex_lock(&pair->lock);
    pair->tail++;
    pthread_cond_signal(&pair->can_pop);
    pthread_mutex_unlock(&pair->lock);
  }
}

static void consume(pair_t* pair) {
  for (size_t i = 0; i < pair->batch_count; i++) {
    pthread_mutex_lock(&pair->lock);
    while (pair->tail == pair->head) { pthread_cond_wait(&pair->can_pop, &pair->lock); }
    pthread_mutex_unlock(&pair->lock);
    batch_t* const batch = &pair->ring[i % QUEUE_BATCHES];
    for (int b = 0; b < BATCH_BLOCKS; b++) { bench_block_free(&batch->blocks[b]); }
    pthread_mutex_lock(&pair->lock);
    pair->head++;
    pthread_cond_signal(&pair->can_push);
    pthread_mutex_unlock(&pair->lock);
  }
}

typedef struct worker {
  pair_t* pair;
  bool is_producer;
} worker_t;

static void worker_run(void* arg) {
  const worker_t* const worker = arg;
  if (worker->is_producer) {
    produce(worker->pair);
  } else {
    consume(worker->pair);
  }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  const int pair_count = (options.thread_count + 1) / 2;
  static pair_t pairs[BENCH_THREADS_MAX];
  worker_t workers[BENCH_THREADS_MAX + 1];
  for (int i = 0; i < pair_count; i++) {
    pair_t* const pair = &pairs[i];
    pthread_mutex_init(&pair->lock, NULL);
    pthread_cond_init(&pair->can_push, NULL);
    pthread_cond_init(&pair->can_pop, NULL);
    pair->ring = bench_table_new(QUEUE_BATCHES, sizeof(batch_t));
    pair->batch_count = bench_scaled(&options, BATCHES / (size_t)pair_count);
    pair->seed = (uint32_t)i;
    workers[(size_t)i * 2] = (worker_t){pair, true};
    workers[(size_t)i * 2 + 1] = (worker_t){pair, false};
  }
  bench_run_threads(2 * pair_count, worker_run, workers, sizeof(worker_t));
  return 0;
}
