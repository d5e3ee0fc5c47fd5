/* api_test.h - what the tests of the public interface share: they see the public headers only.
 *
 * The compiler knows what malloc promises and removes code that relies on more; `hide_*` make a
 * value opaque to it, so that each call and each check really happens.
 */
#ifndef MIM_TEST_API_API_TEST_H
#define MIM_TEST_API_API_TEST_H

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "mimalloc.h"
#include "test/emulated.h"
#include "test/test.h"

enum { KIB = 1024, MIB = 1024 * 1024, GIB = 1024 * 1024 * 1024 };

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static inline void* hide(void* p) {
  __asm__ volatile("" : "+r"(p) : : "memory");
  return p;
}

static inline size_t hide_size(size_t size) {
  __asm__ volatile("" : "+r"(size));
  return size;
}

/* The address, for comparisons after the block is gone. */
static inline uintptr_t address_of(const void* p) {
  uintptr_t address = (uintptr_t)p;
  __asm__ volatile("" : "+r"(address));
  return address;
}

static inline bool is_aligned(const void* p, size_t alignment) {
  return address_of(p) % alignment == 0;
}

enum { FILL_ROW = 251 };

/* A pattern that differs from byte to byte, from row to row and from seed to seed. */
static inline void fill(void* p, size_t size, unsigned seed) {
  unsigned char* bytes = (unsigned char*)p;
  for (size_t i = 0, row = 0; i < size; row++) {
    const size_t end = (size - i < FILL_ROW ? size : i + FILL_ROW);
    for (; i < end; i++) { bytes[i] = (unsigned char)(seed * 31u + i * 7u + row); }
  }
}

static inline bool is_filled(const void* p, size_t size, unsigned seed) {
  const unsigned char* bytes = (const unsigned char*)p;
  for (size_t i = 0, row = 0; i < size; row++) {
    const size_t end = (size - i < FILL_ROW ? size : i + FILL_ROW);
    for (; i < end; i++) {
      if (bytes[i] != (unsigned char)(seed * 31u + i * 7u + row)) { return false; }
    }
  }
  return true;
}

static inline bool is_zero(const void* p, size_t size) {
  const unsigned char* bytes = (const unsigned char*)p;
  return size == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, size - 1) == 0);
}

/* Every block has OS pages and a mapping of its own (the tests run like that, too): what counts
 * memory or time, or asks for the owner of a block, does not apply. */
static inline bool is_guarded(void) { return mi_option_get(mi_option_guarded_sample_rate) == 1; }

/* xorshift64 (Marsaglia 2003): the same numbers in every run. */
static inline uint64_t next_random(uint64_t* state) {
  uint64_t x = *state;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return *state = x;
}

/* Another thread, from its start to after its exit. */
static inline void in_thread(void* (*work)(void*), void* arg) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, work, arg), 0);
  CHECK_EQ(pthread_join(thread, NULL), 0);
}

#endif
