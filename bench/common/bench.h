/* bench.h - what every workload shares: options, random numbers, stamped blocks, threads.

   A workload does a fixed amount of work, scaled by --scale, so that its wall time and CPU time
   are the measurement; it prints "key=value" lines only for what rusage cannot show (RSS left at
   the end, live bytes). The allocator under test comes by LD_PRELOAD; nothing here knows it.

   Every workload stamps its blocks with a tag that only the owner of the block knows and verifies
   it before the free: a block handed out twice, overwritten or moved without its contents ends
   the program with an error, so that a broken allocator cannot win a race. */
#ifndef MIM_BENCH_BENCH_H
#define MIM_BENCH_BENCH_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Two cache lines: processors prefetch them in pairs. */
enum { BENCH_THREADS_MAX = 64, BENCH_CACHE_LINE = 128, BENCH_STAMP_SIZE = 8 };

/* What one thread writes all the time begins here, and shares no line with what another uses: or
   where the stack happens to lie would make a row two or three times slower. */
#define BENCH_APART __attribute__((aligned(BENCH_CACHE_LINE)))

typedef struct bench_options {
  double scale;     /* 1.0 is the full row */
  int thread_count; /* threads that work at the same time */
} bench_options_t;

/* Parses --scale F and --threads N; on a bad argument says so and exits with 2. */
bench_options_t bench_options(int argc, char** argv, int default_threads);

/* `count` scaled, at least 1. */
size_t bench_scaled(const bench_options_t* options, size_t count);

/* Ends the program with one line on stderr: the allocator gave wrong memory or none. */
__attribute__((noreturn)) void bench_fail(const char* what);

double bench_now_seconds(void);

/* Resident memory of this process right now, in KiB, read without allocating. */
size_t bench_rss_kib(void);
void bench_report(const char* key, size_t value);

typedef void (*bench_thread_fun_t)(void* arg);
/* Runs fun(args + i * arg_size) on `count` threads, each on its own CPU as long as there are
   enough (then in turns), and waits for all. */
void bench_run_threads(int count, bench_thread_fun_t fun, void* args, size_t arg_size);

/* The same for threads of microseconds: without a CPU for each, which would cost more than their
   work (they stay on the CPUs of their parent), and with small stacks, which are used again. */
void bench_run_short_threads(int count, bench_thread_fun_t fun, void* args, size_t arg_size);

/* Random numbers: one multiply and three shifts (xorshift64*, Vigna 2016). */
typedef struct bench_random {
  uint64_t state;
} bench_random_t;

static inline bench_random_t bench_random_seed(uint64_t seed) {
  const bench_random_t random = {(seed + 1) * UINT64_C(0x9E3779B97F4A7C15)};
  return random;
}

static inline uint32_t bench_random_next(bench_random_t* random) {
  uint64_t x = random->state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  random->state = x;
  return (uint32_t)((x * UINT64_C(0x2545F4914F6CDD1D)) >> 32);
}

/* Uniform in [0, limit). */
static inline uint32_t bench_random_below(bench_random_t* random, uint32_t limit) {
  return (uint32_t)(((uint64_t)bench_random_next(random) * limit) >> 32);
}

static inline uint32_t bench_random_between(bench_random_t* random, uint32_t low, uint32_t high) {
  return low + bench_random_below(random, high - low + 1);
}

/* Heavy-tailed sizes: each doubling is half as likely as the one before, as in real programs. */
static inline uint32_t bench_random_skewed(bench_random_t* random, uint32_t low, uint32_t high) {
  const uint32_t bits = bench_random_next(random) | 1;
  uint32_t top = low;
  for (uint32_t b = bits; (b & 2) == 0 && top < high; b >>= 1) { top *= 2; }
  if (top < low * 2) { top = low * 2; }
  return bench_random_between(random, low, top < high ? top : high);
}

/* A block with its stamp: tag in the first four bytes, its complement in the last four. */
typedef struct bench_block {
  unsigned char* p;
  uint32_t size; /* at least BENCH_STAMP_SIZE */
  uint32_t tag;
} bench_block_t;

static inline void bench_stamp(void* p, size_t size, uint32_t tag) {
  const uint32_t complement = ~tag;
  memcpy(p, &tag, sizeof(tag));
  memcpy((unsigned char*)p + size - sizeof(complement), &complement, sizeof(complement));
}

static inline void bench_verify(const void* p, size_t size, uint32_t tag) {
  uint32_t first, last;
  memcpy(&first, p, sizeof(first));
  memcpy(&last, (const unsigned char*)p + size - sizeof(last), sizeof(last));
  if (first != tag || last != ~tag) { bench_fail("a block does not hold what was written"); }
}

bench_block_t bench_block_new(size_t size, uint32_t tag);
void bench_block_free(bench_block_t* block);

/* An array of `count` zeroed elements for the workload's own books, directly from the OS: the
   books must not be part of what is measured. */
void* bench_table_new(size_t count, size_t size);
void bench_table_free(void* table, size_t count, size_t size);

/* Keeps the compiler from seeing through `p`: a malloc/free pair may legally be removed. */
static inline void* bench_opaque(void* p) {
  __asm__ volatile("" : : "r"(p) : "memory");
  return p;
}

#ifdef __cplusplus
}
#endif
#endif
