/* paths.c - the single-threaded paths: pairs by size, batches in three orders, calloc, realloc,
   aligned. The blocks are touched at one byte, no more: what is measured is the allocator. */
#include "micro.h"

#include <stdlib.h>

enum { BATCH = 1000 };

static void* batch[BATCH];

static void fail_if_null(const void* p) {
  if (p == NULL) { bench_fail("bench-micro: no memory"); }
}

/* The calls stand alone in functions of their own, so that callgrind's call edges tell the cost
   of malloc and of free whatever names the library gives them. */
__attribute__((noinline)) static void* call_malloc(size_t size) {
  return bench_opaque(malloc(size));
}
__attribute__((noinline)) static void call_free(void* p) {
  free(bench_opaque(p));
  __asm__ volatile("" : : : "memory"); /* no tail call: the edge would start in our caller */
}

static void run_pair(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) { free(bench_opaque(malloc(size))); }
}

static void run_call_edges(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) { call_free(call_malloc(size)); }
}

static void batch_fill(size_t size) {
  for (int i = 0; i < BATCH; i++) {
    batch[i] = malloc(size);
    fail_if_null(batch[i]);
    *(unsigned char*)batch[i] = (unsigned char)i;
  }
}

static void batch_free_one(int i) {
  if (*(unsigned char*)batch[i] != (unsigned char)i) { bench_fail("bench-micro: a block changed"); }
  free(batch[i]);
}

static void run_lifo(size_t size, size_t count) {
  for (size_t done = 0; done < count; done += BATCH) {
    batch_fill(size);
    for (int i = BATCH; i-- > 0;) { batch_free_one(i); }
  }
}

static void run_fifo(size_t size, size_t count) {
  for (size_t done = 0; done < count; done += BATCH) {
    batch_fill(size);
    for (int i = 0; i < BATCH; i++) { batch_free_one(i); }
  }
}

/* 389 and 1000 have no common divisor: each block once, in a scattered order. */
static void run_scattered(size_t size, size_t count) {
  for (size_t done = 0; done < count; done += BATCH) {
    batch_fill(size);
    for (int i = 0; i < BATCH; i++) { batch_free_one((i * 389) % BATCH); }
  }
}

/* Sizes vary from call to call: the size class must be computed each time. */
static void run_random_sizes(size_t size, size_t count) {
  bench_random_t random = bench_random_seed(1);
  for (size_t i = 0; i < count; i++) {
    free(bench_opaque(malloc(bench_random_between(&random, 1, (uint32_t)size))));
  }
}

static void run_calloc(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    unsigned char* const p = bench_opaque(calloc(1, size));
    fail_if_null(p);
    if (p[0] != 0 || p[size - 1] != 0) { bench_fail("bench-micro: calloc gave dirty memory"); }
    p[0] = p[size - 1] = 1;
    free(p);
  }
}

/* A buffer that grows by a quarter from 16 bytes to `size`, as strings and vectors do. */
static void run_realloc(size_t size, size_t count) {
  size_t capacity = 16;
  unsigned char* p = malloc(capacity);
  fail_if_null(p);
  for (size_t i = 0; i < count; i++) {
    p[0] = p[capacity - 1] = (unsigned char)i;
    const size_t next = capacity >= size ? 16 : capacity + capacity / 4 + 1;
    const size_t kept = next < capacity ? next : capacity;
    p = realloc(p, next);
    fail_if_null(p);
    if (p[0] != (unsigned char)i || (kept == capacity && p[kept - 1] != (unsigned char)i)) {
      bench_fail("bench-micro: realloc lost the contents");
    }
    capacity = next;
  }
  free(p);
}

static void run_aligned(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    void* const p = bench_opaque(aligned_alloc(64, size));
    fail_if_null(p);
    if ((uintptr_t)p % 64 != 0) { bench_fail("bench-micro: aligned_alloc is not aligned"); }
    free(p);
  }
}

static void run_page_aligned(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    void* p = NULL;
    if (posix_memalign(&p, 4096, size) != 0 || (uintptr_t)p % 4096 != 0) {
      bench_fail("bench-micro: posix_memalign is not aligned");
    }
    free(bench_opaque(p));
  }
}

enum { KIB = 1 << 10, MIB = 1 << 20 };

const micro_path_t micro_paths[] = {
  {"pair-16", "pair", run_pair, 16, BATCH},
  {"pair-32", "pair", run_pair, 32, BATCH},
  {"pair-64", "pair", run_pair, 64, BATCH},
  {"pair-256", "pair", run_pair, 256, BATCH},
  {"pair-1k", "pair", run_pair, KIB, BATCH},
  {"pair-4k", "pair", run_pair, 4096, BATCH},
  {"pair-16k", "pair", run_pair, 16384, BATCH},
  {"pair-64k", "pair", run_pair, 65536, BATCH},
  {"pair-256k", "pair", run_pair, 262144, BATCH},
  {"pair-1m", "pair", run_pair, MIB, BATCH},
  {"pair-random-1k", "pair", run_random_sizes, KIB, BATCH},
  {"pair-random-32k", "pair", run_random_sizes, 32768, BATCH},
  {"call-edges-32", "pair", run_call_edges, 32, BATCH},
  {"lifo-64", "block", run_lifo, 64, BATCH},
  {"fifo-64", "block", run_fifo, 64, BATCH},
  {"scattered-64", "block", run_scattered, 64, BATCH},
  {"lifo-1k", "block", run_lifo, KIB, BATCH},
  {"fifo-1k", "block", run_fifo, KIB, BATCH},
  {"scattered-1k", "block", run_scattered, KIB, BATCH},
  {"calloc-64", "pair", run_calloc, 64, BATCH},
  {"calloc-64k", "pair", run_calloc, 65536, BATCH},
  {"calloc-1m", "pair", run_calloc, MIB, 10},
  {"realloc-64k", "realloc", run_realloc, 65536, BATCH},
  {"realloc-16m", "realloc", run_realloc, 16777216, 100},
  {"aligned-64", "pair", run_aligned, 192, BATCH},
  {"aligned-4096", "pair", run_page_aligned, 4096, BATCH},
  {"remote-64", "block", micro_remote_pair, 64, BATCH},
  {"remote-1k", "block", micro_remote_pair, KIB, BATCH},
  {"thread", "thread", micro_thread, 64, 16},
};

const size_t micro_path_count = sizeof(micro_paths) / sizeof(micro_paths[0]);
