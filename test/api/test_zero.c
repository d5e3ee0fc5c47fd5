/* test_zero.c - what says "zeroed" is zero: memory that was dirty before, growth, every size. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

/* Dirties blocks of one size and gives them back, so that the next ones are used memory. */
static void dirty(size_t size) {
  void* blocks[16];
  for (size_t i = 0; i < COUNT_OF(blocks); i++) {
    blocks[i] = hide(mi_malloc(size));
    CHECK(blocks[i] != NULL);
    memset(blocks[i], 0xcd, mi_usable_size(blocks[i]));
  }
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { mi_free(blocks[i]); }
}

static void check_zeroed(void* p, size_t size) {
  CHECK(p != NULL);
  CHECK(is_zero(hide(p), size));
  memset(p, 0xee, size);
  mi_free(p);
}

TEST(zeroed_allocation_clears_reused_memory_of_every_size) {
  for (size_t size = 1; size < 400000; size += size < 2100 ? 1 : size / 9) {
    dirty(size);
    for (int i = 0; i < 4; i++) {
      check_zeroed(mi_calloc(size, 1), size);
      check_zeroed(mi_calloc(1, size), size);
      check_zeroed(mi_zalloc(size), size);
      check_zeroed(mi_zalloc_aligned(size, 64), size);
    }
  }
}

TEST(zeroed_allocation_clears_reused_large_memory) {
  for (size_t size = 400000; size < (size_t)48 * MIB; size = size * 3 + 1) {
    dirty(size);
    check_zeroed(mi_calloc(size, 1), size);
    mi_collect(true);
    check_zeroed(mi_zalloc(size), size);
    check_zeroed(mi_zalloc_aligned(size, 4 * MIB), size);
  }
}

/* Dirty memory is kept below, so that pages are recycled while others stay in use. */
TEST(zeroed_blocks_stay_zero_among_churn) {
  enum { N = 800, ROUNDS = 30000 };
  static void* blocks[N];
  uint64_t random = 42;
  for (int round = 0; round < ROUNDS; round++) {
    const size_t i = next_random(&random) % N;
    const size_t size = next_random(&random) % (round % 64 == 0 ? 200000u : 4000u);
    mi_free(blocks[i]);
    if (next_random(&random) % 2 == 0) {
      blocks[i] = mi_zalloc(size);
      CHECK(is_zero(blocks[i], size));
    } else {
      blocks[i] = mi_malloc(size);
    }
    memset(blocks[i], 0xff, mi_usable_size(blocks[i]));
    if (round % 5000 == 4999) { mi_collect(round % 10000 == 9999); }
  }
  for (size_t i = 0; i < N; i++) { mi_free(blocks[i]); }
}

/* Grows by steps of odd sizes and shrinks now and then; the tail must be zero at every step. */
static void check_growth(void* (*resize)(void*, size_t), size_t first, size_t limit) {
  size_t size = first;
  unsigned char* p = resize(NULL, size);
  CHECK(p != NULL && is_zero(p, size));
  for (unsigned step = 1; size < limit; step++) {
    fill(p, size, step);
    const size_t next = size + 1 + size / (1 + step % 5);
    p = resize(p, next);
    CHECK(p != NULL);
    CHECK(is_filled(p, size, step));
    CHECK(is_zero(p + size, next - size));
    size = next;
  }
  mi_free(p);
}

static void* grow_rezalloc(void* p, size_t size) { return mi_rezalloc(p, size); }
static void* grow_recalloc(void* p, size_t size) { return mi_recalloc(p, size, 1); }
static void* grow_recalloc_by_one(void* p, size_t size) { return mi_recalloc(p, 1, size); }
static void* grow_aligned(void* p, size_t size) { return mi_rezalloc_aligned(p, size, 128); }
static void* grow_aligned_at(void* p, size_t size) {
  return mi_rezalloc_aligned_at(p, size, 4096, 24);
}
static void* grow_msvc(void* p, size_t size) { return mi_aligned_recalloc(p, size, 1, 64); }
static void* grow_msvc_at(void* p, size_t size) {
  return mi_aligned_offset_recalloc(p, 1, size, 64, 8);
}

TEST(growth_by_the_zero_preserving_functions_is_zero) {
  static void* (*const resizes[])(void*, size_t) = {grow_rezalloc,        grow_recalloc,
                                                    grow_recalloc_by_one, grow_aligned,
                                                    grow_aligned_at,      grow_msvc,
                                                    grow_msvc_at};
  for (size_t r = 0; r < COUNT_OF(resizes); r++) {
    for (size_t first = 1; first < 50; first += 7) {
      for (size_t size = 8; size < 10000; size *= 2) { dirty(size); }
      check_growth(resizes[r], first, 3000000);
    }
  }
}

/* The old rest of a block is beyond what the program asked for, but zero all the same. */
TEST(growth_within_the_usable_size_is_zero) {
  for (size_t size = 1; size < 3000; size += 3) {
    dirty(size);
    unsigned char* p = mi_zalloc(size);
    memset(p, 0xaa, size);
    const size_t usable = mi_usable_size(p);
    p = mi_rezalloc(p, usable);
    CHECK(p != NULL);
    CHECK(is_zero(p + size, usable - size));
    mi_free(p);
  }
}

TEST(growth_after_shrinking_is_zero) {
  static const size_t sizes[] = {100, 1000, 5000, 40000, 300000, 5000000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    const size_t size = sizes[i];
    unsigned char* p = mi_zalloc(size);
    memset(p, 0xaa, size);
    p = mi_rezalloc(p, size / 4);
    CHECK(p != NULL);
    p = mi_rezalloc(p, size * 2);
    CHECK(p != NULL);
    CHECK(is_zero(p + size, size));
    mi_free(p);
  }
}

TEST_MAIN()
