/* stress_heaps.c - threads allocate and free in heaps that others delete and destroy.

     stress-heaps [--threads 4] [--rounds 10] [--ops 20000] [--seed 1]

   A few heaps are shared by all threads. Who allocates in one or frees holds its lock for reading,
   as many at a time as there are threads; who ends it holds it for writing, and puts a new heap in
   its place. The blocks of a deleted heap stay: anybody frees them later, also while their pages
   move. Those of a destroyed heap are forgotten, and a new one may get their memory at once.
   Threads end, and leave their part of each heap behind. Each block is checked when it is freed,
   and must be in its heap, or in the main one. */
#include <pthread.h>
#include <stdatomic.h>

#include "stress.h"

enum { THREADS_MAX = 64, HEAPS = 6, SLOTS = 400, ORPHANS = 1000 };

typedef struct shared_heap {
  pthread_rwlock_t lock;
  mi_heap_t* heap;
  _Atomic(block_t*) slots[SLOTS]; /* blocks in this heap; the records are in the main heap */
} shared_heap_t;

typedef struct task {
  pthread_t thread;
  uint64_t seed;
  unsigned long ops;
} task_t;

static shared_heap_t heaps[HEAPS];
static _Atomic(block_t*) orphans[ORPHANS]; /* blocks of deleted heaps */

static void record_delete(block_t* block, const mi_heap_t* heap) {
  if (block == NULL) { return; }
  if (!mi_heap_contains(heap, block->p)) {
    STRESS_FAIL("block %p of %zu bytes is not in its heap", (void*)block->p, block->size);
  }
  block_delete(block);
  mi_free(block);
}

static block_t* record_new(mi_heap_t* heap, random_t* random) {
  block_t* const block = mi_malloc(sizeof(block_t));
  const size_t size = random_size(random, 0) / (random_one_in(random, 20) ? 1 : 8) + 1;
  const bool is_zeroed = random_one_in(random, 4);
  *block = (block_t){.p = is_zeroed ? mi_heap_zalloc(heap, size) : mi_heap_malloc(heap, size),
                     .size = size};
  if (block->p == NULL) { STRESS_FAIL("no memory for %zu bytes", size); }
  if (is_zeroed) { block_check_zero(block); }
  block_fill(block, (uint8_t)random_next(random));
  return block;
}

static void use_heap(shared_heap_t* shared, random_t* random) {
  pthread_rwlock_rdlock(&shared->lock);
  for (int i = 0; i < 20; i++) {
    block_t* const fresh = random_one_in(random, 3) ? NULL : record_new(shared->heap, random);
    record_delete(atomic_exchange(&shared->slots[random_below(random, SLOTS)], fresh),
                  shared->heap);
  }
  if (random_one_in(random, 50)) { mi_heap_collect(shared->heap, random_one_in(random, 2)); }
  pthread_rwlock_unlock(&shared->lock);
}

static void orphan_exchange(block_t* block, random_t* random) {
  record_delete(atomic_exchange(&orphans[random_below(random, ORPHANS)], block), mi_heap_main());
}

static void end_heap(shared_heap_t* shared, random_t* random) {
  pthread_rwlock_wrlock(&shared->lock);
  const bool is_deleted = random_one_in(random, 2);
  if (is_deleted) {
    mi_heap_delete(shared->heap);
  } else {
    mi_heap_destroy(shared->heap);
  }
  for (int i = 0; i < SLOTS; i++) {
    block_t* const block = atomic_exchange(&shared->slots[i], NULL);
    if (is_deleted) {
      orphan_exchange(block, random);
    } else {
      mi_free(block);
    }
  }
  shared->heap = mi_heap_new();
  if (shared->heap == NULL) { STRESS_FAIL("no memory for a heap"); }
  pthread_rwlock_unlock(&shared->lock);
}

static void* task_main(void* arg) {
  task_t* const task = arg;
  random_t random = random_start(task->seed);
  for (unsigned long i = 0; i < task->ops; i++) {
    shared_heap_t* const shared = &heaps[random_below(&random, HEAPS)];
    if (random_one_in(&random, 200)) {
      end_heap(shared, &random);
    } else if (random_one_in(&random, 10)) {
      orphan_exchange(NULL, &random);
    } else {
      use_heap(shared, &random);
    }
    if (random_one_in(&random, 400)) { mi_collect(random_one_in(&random, 2)); }
  }
  return NULL;
}

int main(int argc, char** argv) {
  static task_t tasks[THREADS_MAX];
  const unsigned long threads = argument(argc, argv, "--threads", 4);
  const unsigned long rounds = argument(argc, argv, "--rounds", 10);
  const unsigned long ops = argument(argc, argv, "--ops", 20000);
  const unsigned long seed = argument(argc, argv, "--seed", 1);
  if (threads == 0 || threads > THREADS_MAX) { STRESS_FAIL("--threads takes 1 to 64"); }
  for (int h = 0; h < HEAPS; h++) {
    pthread_rwlock_init(&heaps[h].lock, NULL);
    heaps[h].heap = mi_heap_new();
  }
  for (unsigned long round = 0; round < rounds; round++) {
    for (unsigned long t = 0; t < threads; t++) {
      tasks[t] = (task_t){.seed = seed + round * 1000 + t, .ops = ops / rounds};
      if (pthread_create(&tasks[t].thread, NULL, task_main, &tasks[t]) != 0) {
        STRESS_FAIL("cannot create thread %lu", t);
      }
    }
    for (unsigned long t = 0; t < threads; t++) { pthread_join(tasks[t].thread, NULL); }
  }
  random_t random = random_start(seed);
  for (int h = 0; h < HEAPS; h++) {
    end_heap(&heaps[h], &random);
    mi_heap_destroy(heaps[h].heap);
  }
  for (int i = 0; i < ORPHANS; i++) { record_delete(orphans[i], mi_heap_main()); }
  printf("%lu threads, %lu rounds, %lu operations: no block lost\n", threads, rounds, ops);
  return 0;
}
