/* stress.h - what the stress programs share: random numbers, blocks that know what they hold,
   memory figures of the process, arguments. Everything is static: each program is one file. */
#ifndef MIM_TEST_STRESS_H
#define MIM_TEST_STRESS_H
#include <fcntl.h>
#include <mimalloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(_WIN32)
#include <windows.h>
#else
#include <unistd.h>
#endif

#include "test/crash.h"

/* ASan and TSan bring a malloc of their own, whose locks a fork may find taken. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define STRESS_HAS_FOREIGN_MALLOC 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define STRESS_HAS_FOREIGN_MALLOC 1
#endif
#endif
#ifndef STRESS_HAS_FOREIGN_MALLOC
#define STRESS_HAS_FOREIGN_MALLOC 0
#endif

#define STRESS_FAIL(...) \
  (fflush(stdout), fprintf(stderr, "%s:%d: failed: ", __FILE__, __LINE__), \
   fprintf(stderr, __VA_ARGS__), fputc('\n', stderr), abort())

enum { MIB = 1024 * 1024 };

typedef uint64_t random_t;

static inline random_t random_start(uint64_t seed) { return seed * 0x9e3779b97f4a7c15ull + 1; }

/* xorshift64*. */
static inline uint64_t random_next(random_t* random) {
  *random ^= *random >> 12;
  *random ^= *random << 25;
  *random ^= *random >> 27;
  return *random * 0x2545f4914f6cdd1dull;
}

/* 0 to bound - 1. */
static inline size_t random_below(random_t* random, size_t bound) {
  return (size_t)((random_next(random) >> 24) % bound);
}

static inline bool random_one_in(random_t* random, size_t n) {
  return random_below(random, n) == 0;
}

/* Skewed as in programs: half of the blocks up to 64 bytes, a tail up to 2 MiB, and one in
   `huge_rate` (0: none) of 40 MiB. */
static inline size_t random_size(random_t* random, size_t huge_rate) {
  if (huge_rate != 0 && random_one_in(random, huge_rate)) { return 40 * (size_t)MIB; }
  const size_t kind = random_below(random, 1000);
  if (kind < 500) { return 1 + random_below(random, 64); }
  if (kind < 800) { return 1 + random_below(random, 1024); }
  if (kind < 950) { return 1 + random_below(random, 16 * 1024); }
  if (kind < 995) { return 1 + random_below(random, 256 * 1024); }
  return 1 + random_below(random, 2 * MIB);
}

/* A block that knows what it holds: any thread can check and free it. `p` may be as small as one
   byte, so size and seed lie beside it. */
typedef struct block {
  uint8_t* p;
  size_t size;
  uint8_t seed;
} block_t;

/* All of a small block; of a large one both ends and a byte of each OS page. */
static inline size_t block_step(size_t i, size_t size) {
  return i < 256 || i + 256 >= size || size <= 8192 ? i + 1 : (i | 4095) + 1;
}

static inline size_t block_next(size_t i, size_t size) {
  const size_t next = block_step(i, size);
  return next > size - 256 && i < size - 256 && size > 8192 ? size - 256 : next;
}

static inline void block_fill(block_t* block, uint8_t seed) {
  block->seed = seed;
  for (size_t i = 0; i < block->size; i = block_next(i, block->size)) {
    block->p[i] = (uint8_t)(seed + i * 31);
  }
}

static inline void block_check_kept(const block_t* block, const uint8_t* p, size_t kept) {
  for (size_t i = 0; i < kept; i = block_next(i, block->size)) {
    if (p[i] != (uint8_t)(block->seed + i * 31)) {
      STRESS_FAIL("block %p of %zu bytes: byte %zu is 0x%02x, but 0x%02x was written",
                  (const void*)p, block->size, i, p[i], (uint8_t)(block->seed + i * 31));
    }
  }
}

static inline void block_check_zero(const block_t* block) {
  for (size_t i = 0; i < block->size; i = block_next(i, block->size)) {
    if (block->p[i] != 0) {
      STRESS_FAIL("zeroed block %p of %zu bytes: byte %zu is 0x%02x", (void*)block->p, block->size,
                  i, block->p[i]);
    }
  }
}

/* One of the ways to allocate, by chance; the block is filled. */
static inline block_t block_new(random_t* random, size_t size) {
  const uint64_t way = random_below(random, 16);
  block_t block = {.size = size};
  if (way < 3) {
    block.p = mi_calloc(1, size);
  } else if (way == 3) {
    const size_t alignment = (size_t)16 << random_below(random, 9);
    block.p = mi_malloc_aligned(size, alignment);
    if ((uintptr_t)block.p % alignment != 0) {
      STRESS_FAIL("block %p is not aligned to %zu", (void*)block.p, alignment);
    }
  } else {
    block.p = mi_malloc(size);
  }
  if (block.p == NULL) { STRESS_FAIL("a request of %zu bytes returned NULL", size); }
  if (way < 3) { block_check_zero(&block); }
  block_fill(&block, (uint8_t)random_next(random));
  return block;
}

static inline void block_resize(block_t* block, random_t* random, size_t size) {
  uint8_t* p = mi_realloc(block->p, size);
  if (p == NULL) { STRESS_FAIL("a resize to %zu bytes returned NULL", size); }
  block_check_kept(block, p, size < block->size ? size : block->size);
  *block = (block_t){.p = p, .size = size};
  block_fill(block, (uint8_t)random_next(random));
}

static inline void block_delete(block_t* block) {
  if (block->p == NULL) { return; }
  block_check_kept(block, block->p, block->size);
  mi_free(block->p);
  block->p = NULL;
}

#if defined(_WIN32)
/* The figures of Windows under the names that Linux has for them. */
static inline long proc_status_kib(const char* field) {
  size_t current, peak;
  mi_process_info(NULL, NULL, NULL, &current, &peak, NULL, NULL, NULL);
  return (long)((strcmp(field, "VmHWM:") == 0 ? peak : current) / 1024);
}

static inline long proc_rss_kib(void) { return proc_status_kib("VmRSS:"); }

static inline void sleep_ms(long ms) { Sleep((DWORD)ms); }
#else
/* Reads a small file of /proc without allocating; `text` ends with 0. */
static inline void proc_read(const char* path, char* text, size_t text_size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = file >= 0 ? read(file, text, text_size - 1) : -1;
  if (n < 0) { STRESS_FAIL("cannot read %s; mount /proc", path); }
  text[n] = 0;
  close(file);
}

/* A field of /proc/self/status, such as "VmRSS:" or "VmHWM:", in KiB. */
static inline long proc_status_kib(const char* field) {
  char text[4096];
  proc_read("/proc/self/status", text, sizeof(text));
  const char* place = strstr(text, field);
  if (place == NULL) { STRESS_FAIL("/proc/self/status has no %s", field); }
  return strtol(place + strlen(field), NULL, 10);
}

/* The kernel counts resident pages in batches of each thread; smaps_rollup walks and is exact. */
static inline long proc_rss_kib(void) {
  char text[4096];
  proc_read("/proc/self/smaps_rollup", text, sizeof(text));
  const char* place = strstr(text, "Rss:");
  return place != NULL ? strtol(place + 4, NULL, 10) : proc_status_kib("VmRSS:");
}

static inline void sleep_ms(long ms) {
  const struct timespec time = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&time, NULL);
}
#endif

static inline double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* The value after `--name` among the arguments, or `otherwise`. */
static inline unsigned long argument(int argc, char** argv, const char* name,
                                     unsigned long otherwise) {
  for (int i = 1; i + 1 < argc; i++) {
    if (strcmp(argv[i], name) == 0) { return strtoul(argv[i + 1], NULL, 10); }
  }
  return otherwise;
}

#endif
