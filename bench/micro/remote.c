/* remote.c - the paths with two threads: blocks freed by a thread that did not allocate them, and
   the cost of a thread that allocates once. */
#include "micro.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { RING = 1024 };

/* A ring with one writer and one reader; each index lies on a line of its own. */
static _Alignas(BENCH_CACHE_LINE) _Atomic(size_t) ring_head; /* moved by the freeing thread */
static _Alignas(BENCH_CACHE_LINE) _Atomic(size_t) ring_tail; /* moved by the allocating thread */
static _Alignas(BENCH_CACHE_LINE) void* ring_slots[RING];
static size_t block_size, block_count;

static void remote_allocate(void) {
  for (size_t i = 0; i < block_count; i++) {
    while (i - atomic_load_explicit(&ring_head, memory_order_acquire) == RING) { sched_yield(); }
    size_t* const block = malloc(block_size);
    if (block == NULL) { bench_fail("bench-micro: no memory"); }
    *block = i;
    ring_slots[i % RING] = block;
    atomic_store_explicit(&ring_tail, i + 1, memory_order_release);
  }
}

static void remote_free(void) {
  for (size_t i = 0; i < block_count; i++) {
    while (atomic_load_explicit(&ring_tail, memory_order_acquire) == i) { sched_yield(); }
    size_t* const block = ring_slots[i % RING];
    if (*block != i) { bench_fail("bench-micro: a remote block changed"); }
    free(block);
    atomic_store_explicit(&ring_head, i + 1, memory_order_release);
  }
}

static void remote_run(void* arg) {
  if (*(const bool*)arg) {
    remote_allocate();
  } else {
    remote_free();
  }
}

void micro_remote_pair(size_t size, size_t count) {
  bool roles[2] = {true, false};
  atomic_store(&ring_head, 0);
  atomic_store(&ring_tail, 0);
  block_size = size;
  block_count = count;
  bench_run_threads(2, remote_run, roles, sizeof(bool));
}

static void thread_run(void* arg) { free(bench_opaque(malloc(*(const size_t*)arg))); }

void micro_thread(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) { bench_run_short_threads(1, thread_run, &size, 0); }
}
