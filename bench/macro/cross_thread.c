/* cross_thread.c - random blocks of 8 B to 16 KiB freed by other threads, like the rptest row,
   written after the published description of the rpmalloc benchmark: each thread loops over
   "allocate some, free some of mine, give some to another thread, free all that I was given".
   A gift is a chain of blocks pushed to the other thread's lock-free stack. */
#include "../common/bench.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
  SIZE_LOW = 32,
  SIZE_HIGH = 16384,
  OWN_BLOCKS = 1500,
  LOOPS = 40000,
  PER_LOOP = 150,
  GIFT_PERIOD = 3,
  GIFTS_PENDING_MAX = 4
};

/* The head of every block. The tag is odd as long as the block lives: a block that two owners got
   at once is freed twice, and shows. */
typedef struct gift {
  struct gift* next;
  uint32_t size, tag;
} gift_t;

typedef struct worker {
  BENCH_APART _Atomic(gift_t*) inbox;
  _Atomic(int) pending; /* gifts in the inbox: bounded, or one thread would run far ahead */
  _Atomic(bool) is_done;
  BENCH_APART bench_random_t random;
  size_t loop_count;
  gift_t** own;
  struct worker* next;
} worker_t;

/* Half of the blocks up to 256 bytes, the rest evenly up to 16 KiB. */
static gift_t* gift_new(bench_random_t* random) {
  const uint32_t limit = (bench_random_next(random) & 1) != 0 ? 256 : SIZE_HIGH;
  const uint32_t size = bench_random_between(random, SIZE_LOW, limit);
  gift_t* const gift = malloc(size);
  if (gift == NULL) { bench_fail("cross-thread: no memory"); }
  *gift = (gift_t){NULL, size, bench_random_next(random) | 1};
  bench_stamp(gift + 1, size - sizeof(gift_t), gift->tag);
  return gift;
}

static void gift_free(gift_t* gift) {
  if (gift == NULL) { return; }
  if ((gift->tag & 1) == 0) { bench_fail("cross-thread: a block had two owners"); }
  bench_verify(gift + 1, gift->size - sizeof(gift_t), gift->tag);
  *(volatile uint32_t*)&gift->tag = 0;
  free(gift);
}

static void inbox_empty(worker_t* worker) {
  atomic_store_explicit(&worker->pending, 0, memory_order_relaxed);
  gift_t* gift = atomic_exchange_explicit(&worker->inbox, NULL, memory_order_acquire);
  while (gift != NULL) {
    gift_t* const next = gift->next;
    gift_free(gift);
    gift = next;
  }
}

static void inbox_push(worker_t* receiver, gift_t* first, gift_t* last) {
  gift_t* head = atomic_load_explicit(&receiver->inbox, memory_order_relaxed);
  do {
    last->next = head;
  } while (!atomic_compare_exchange_weak_explicit(&receiver->inbox, &head, first,
                                                  memory_order_release, memory_order_relaxed));
}

/* Waits until the receiver has room; empties the own inbox meanwhile, so that a ring of waiting
   threads goes on. False when the receiver has ended and takes no more gifts. */
static bool inbox_wait(worker_t* worker) {
  worker_t* const receiver = worker->next;
  while (atomic_load_explicit(&receiver->pending, memory_order_relaxed) >= GIFTS_PENDING_MAX) {
    if (atomic_load_explicit(&receiver->is_done, memory_order_relaxed)) { return false; }
    inbox_empty(worker);
    sched_yield();
  }
  atomic_fetch_add_explicit(&receiver->pending, 1, memory_order_relaxed);
  return true;
}

/* Replaces PER_LOOP random blocks of mine; the old ones are freed here or become the gift. */
static void worker_loop(worker_t* worker, bool gives) {
  gives = gives && inbox_wait(worker);
  gift_t* first = NULL;
  gift_t* last = NULL;
  for (int i = 0; i < PER_LOOP; i++) {
    const uint32_t slot = bench_random_below(&worker->random, OWN_BLOCKS);
    gift_t* const old = worker->own[slot];
    worker->own[slot] = gift_new(&worker->random);
    if (!gives || old == NULL) {
      gift_free(old);
      continue;
    }
    old->next = first;
    first = old;
    if (last == NULL) { last = old; }
  }
  if (first != NULL) { inbox_push(worker->next, first, last); }
}

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  for (size_t i = 0; i < worker->loop_count; i++) {
    worker_loop(worker, i % GIFT_PERIOD == 0);
    inbox_empty(worker);
  }
  atomic_store_explicit(&worker->is_done, true, memory_order_relaxed);
  for (int i = 0; i < OWN_BLOCKS; i++) { gift_free(worker->own[i]); }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  static worker_t workers[BENCH_THREADS_MAX];
  for (int i = 0; i < options.thread_count; i++) {
    workers[i].random = bench_random_seed((uint64_t)i);
    workers[i].loop_count = bench_scaled(&options, LOOPS);
    workers[i].own = bench_table_new(OWN_BLOCKS, sizeof(gift_t*));
    workers[i].next = &workers[(i + 1) % options.thread_count];
  }
  bench_run_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
  for (int i = 0; i < options.thread_count; i++) { inbox_empty(&workers[i]); }
  return 0;
}
