/* test_aligned.c - every *_aligned and *_aligned_at function, alignments from 1 to 1 GiB. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

/* One signature for all, so that one loop covers them; `old` is the block that is resized. */
typedef void* (*aligned_fun_t)(void* old, size_t size, size_t alignment, size_t offset);

static void* call_malloc(void* old, size_t size, size_t alignment, size_t offset) {
  (void)old, (void)offset;
  return mi_malloc_aligned(size, alignment);
}
static void* call_malloc_at(void* old, size_t size, size_t alignment, size_t offset) {
  (void)old;
  return mi_malloc_aligned_at(size, alignment, offset);
}
static void* call_zalloc(void* old, size_t size, size_t alignment, size_t offset) {
  (void)old, (void)offset;
  return mi_zalloc_aligned(size, alignment);
}
static void* call_zalloc_at(void* old, size_t size, size_t alignment, size_t offset) {
  (void)old;
  return mi_zalloc_aligned_at(size, alignment, offset);
}
static void* call_calloc(void* old, size_t size, size_t alignment, size_t offset) {
  (void)old, (void)offset;
  return mi_calloc_aligned(size, 1, alignment);
}
static void* call_calloc_at(void* old, size_t size, size_t alignment, size_t offset) {
  (void)old;
  return mi_calloc_aligned_at(1, size, alignment, offset);
}
static void* call_realloc(void* old, size_t size, size_t alignment, size_t offset) {
  (void)offset;
  return mi_realloc_aligned(old, size, alignment);
}
static void* call_realloc_at(void* old, size_t size, size_t alignment, size_t offset) {
  return mi_realloc_aligned_at(old, size, alignment, offset);
}
static void* call_rezalloc(void* old, size_t size, size_t alignment, size_t offset) {
  (void)offset;
  return mi_rezalloc_aligned(old, size, alignment);
}
static void* call_rezalloc_at(void* old, size_t size, size_t alignment, size_t offset) {
  return mi_rezalloc_aligned_at(old, size, alignment, offset);
}
static void* call_recalloc(void* old, size_t size, size_t alignment, size_t offset) {
  (void)offset;
  return mi_recalloc_aligned(old, size, 1, alignment);
}
static void* call_recalloc_at(void* old, size_t size, size_t alignment, size_t offset) {
  return mi_recalloc_aligned_at(old, 1, size, alignment, offset);
}

static const struct {
  aligned_fun_t call;
  bool has_offset, is_zeroed, resizes;
} functions[] = {
  {call_malloc, false, false, false}, {call_malloc_at, true, false, false},
  {call_zalloc, false, true, false},  {call_zalloc_at, true, true, false},
  {call_calloc, false, true, false},  {call_calloc_at, true, true, false},
  {call_realloc, false, false, true}, {call_realloc_at, true, false, true},
  {call_rezalloc, false, true, true}, {call_rezalloc_at, true, true, true},
  {call_recalloc, false, true, true}, {call_recalloc_at, true, true, true},
};

static void check_block(size_t f, void* p, size_t size, size_t alignment, size_t offset) {
  CHECK(p != NULL);
  CHECK(is_aligned((char*)p + (functions[f].has_offset ? offset : 0), alignment));
  CHECK(mi_usable_size(p) >= size);
  if (functions[f].is_zeroed) { CHECK(is_zero(p, size)); }
}

TEST(all_aligned_functions_align_and_zero_as_they_say) {
  static const size_t sizes[] = {0,   1,    7,    8,    16,    24,    100,
                                 511, 1024, 1025, 4000, 10000, 70000, 600000};
  static const size_t offsets[] = {0, 1, 8, 16, 100, 4096, 100000};
  for (size_t f = 0; f < COUNT_OF(functions); f++) {
    for (size_t alignment = 1; alignment <= (size_t)128 * KIB; alignment *= 2) {
      for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        for (size_t o = 0; o < (functions[f].has_offset ? COUNT_OF(offsets) : 1); o++) {
          void* p = functions[f].call(NULL, sizes[s], alignment, offsets[o]);
          check_block(f, p, sizes[s], alignment, offsets[o]);
          memset(p, 0xb7, sizes[s]); /* so that the next zeroed one has work to do */
          mi_free(p);
        }
      }
    }
  }
}

TEST(alignments_up_to_1_gib_work_for_every_function) {
  for (size_t f = 0; f < COUNT_OF(functions); f++) {
    for (size_t alignment = (size_t)256 * KIB; alignment <= (size_t)GIB; alignment *= 2) {
      static const size_t sizes[] = {1, 5000, 3000000};
      for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        void* p = functions[f].call(NULL, sizes[s], alignment, 64);
        check_block(f, p, sizes[s], alignment, 64);
        memset(p, 0xb7, sizes[s]);
        mi_free(p);
      }
    }
  }
}

TEST(resizing_keeps_alignment_and_contents) {
  for (size_t f = 0; f < COUNT_OF(functions); f++) {
    if (!functions[f].resizes) { continue; }
    for (size_t alignment = 16; alignment <= (size_t)1 * MIB; alignment *= 8) {
      const size_t offset = functions[f].has_offset ? 40 : 0;
      size_t size = 10;
      void* p = functions[f].call(NULL, size, alignment, offset);
      CHECK(p != NULL);
      for (int step = 0; step < 20; step++) {
        const size_t next = step % 4 == 3 ? size / 2 : size * 2 + 5;
        const size_t kept = next < size ? next : size;
        fill(p, size, (unsigned)step);
        p = functions[f].call(p, next, alignment, offset);
        CHECK(p != NULL);
        CHECK(is_aligned((char*)p + offset, alignment));
        CHECK(is_filled(p, kept, (unsigned)step));
        if (functions[f].is_zeroed && next > size) { CHECK(is_zero((char*)p + size, next - size)); }
        size = next;
      }
      mi_free(p);
    }
  }
}

TEST(an_aligned_resize_takes_an_unaligned_block) {
  for (size_t alignment = 32; alignment <= (size_t)64 * KIB; alignment *= 2) {
    char* p = mi_malloc(100);
    fill(p, 100, 9);
    p = mi_realloc_aligned(p, 100, alignment);
    CHECK(p != NULL && is_aligned(p, alignment) && is_filled(p, 100, 9));
    mi_free(p);
  }
}

TEST(aligned_blocks_can_be_resized_by_the_plain_functions) {
  for (size_t alignment = 16; alignment <= (size_t)4 * MIB; alignment *= 4) {
    char* p = mi_malloc_aligned_at(3000, alignment, 16);
    CHECK(p != NULL);
    fill(p, 3000, 3);
    p = mi_realloc(p, 200000);
    CHECK(p != NULL && is_filled(p, 3000, 3));
    p = mi_realloc(p, 100);
    CHECK(p != NULL && is_filled(p, 100, 3));
    mi_free(p);
  }
}

TEST(an_alignment_that_is_no_power_of_two_is_refused) {
  static const size_t bad[] = {0, 3, 24, 100, 4097, SIZE_MAX};
  for (size_t i = 0; i < COUNT_OF(bad); i++) {
    const size_t alignment = hide_size(bad[i]);
    CHECK(mi_malloc_aligned(8, alignment) == NULL);
    CHECK(mi_zalloc_aligned(8, alignment) == NULL);
    CHECK(mi_calloc_aligned(2, 8, alignment) == NULL);
    CHECK(mi_malloc_aligned_at(8, alignment, 8) == NULL);
    CHECK(mi_zalloc_aligned_at(8, alignment, 8) == NULL);
    CHECK(mi_calloc_aligned_at(2, 8, alignment, 8) == NULL);
  }
}

TEST(many_aligned_blocks_live_side_by_side) {
  enum { N = 3000 };
  static char* blocks[N];
  uint64_t random = 1234567;
  for (size_t i = 0; i < N; i++) {
    const size_t alignment = (size_t)1 << (next_random(&random) % 14);
    const size_t size = next_random(&random) % 3000;
    blocks[i] = mi_malloc_aligned(size + sizeof(size_t), alignment);
    CHECK(blocks[i] != NULL && is_aligned(blocks[i], alignment));
    memcpy(blocks[i], &size, sizeof(size));
    fill(blocks[i] + sizeof(size), size, (unsigned)i);
  }
  for (size_t i = 0; i < N; i++) {
    size_t size;
    memcpy(&size, blocks[i], sizeof(size));
    CHECK(is_filled(blocks[i] + sizeof(size), size, (unsigned)i));
    mi_free(blocks[i]);
  }
}

TEST_MAIN()
