/* test_aligned.c - every alignment, with and without offset, of small to huge blocks. */
/* links: sim */
#include <errno.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "test/unit/heap/heap_test.h"

static const size_t sizes[] = {0, 1, 24, 100, 1000, 5000, 40000, 65536, 70000, 300000, 1500000};
enum { SIZE_COUNT = sizeof(sizes) / sizeof(sizes[0]) };

static uint8_t* aligned(size_t size, size_t alignment, size_t offset, bool zero) {
  uint8_t* const p = mim_malloc_aligned(size, alignment, offset, zero);
  CHECK(p != NULL && mim_is_aligned(p + offset, alignment));
  const size_t usable = mim_usable_size(p);
  CHECK(usable >= size);
  if (zero) { CHECK(is_filled(p, 0, size)); }
  memset(p, 0x3C, usable);
  return p;
}

static void all_alignments(size_t offset, bool zero) {
  for (size_t alignment = 1; alignment <= (size_t)1 << (SIM_IS_LARGE ? 28 : 24); alignment *= 4) {
    for (size_t i = 0; i < SIZE_COUNT; i++) {
      if (offset != 0 && alignment > (size_t)1 << 22) { continue; }
      uint8_t* const p = aligned(sizes[i], alignment, offset, zero);
      uint8_t* const q = aligned(sizes[i], alignment, offset, zero);
      CHECK(is_filled(p, 0x3C, mim_usable_size(p)));
      mim_free(p);
      CHECK(is_filled(q, 0x3C, mim_usable_size(q)));
      mim_free(q);
    }
  }
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
}

HEAP_TEST(aligned_to_everything) { all_alignments(0, false); }
HEAP_TEST(aligned_and_zeroed) { all_alignments(0, true); }
HEAP_TEST(aligned_at_an_offset) { all_alignments(24, false); }
HEAP_TEST(aligned_at_an_odd_offset_and_zeroed) { all_alignments(13, true); }

HEAP_TEST(aligned_wastes_no_room_on_sizes_of_the_same_alignment) {
  for (size_t alignment = 16; alignment <= 65536; alignment *= 2) {
    void* const p = mim_malloc_aligned(alignment, alignment, 0, false);
    CHECK_EQ(mim_usable_size(p), alignment);
    mim_free(p);
  }
}

HEAP_TEST(aligned_refuses_what_is_no_alignment) {
  const size_t bad[] = {0, 3, 24, SIZE_MAX};
  for (int i = 0; i < 4; i++) {
    errno = 0;
    CHECK(mim_malloc_aligned(10, bad[i], 0, false) == NULL);
    CHECK_EQ(errno, EINVAL);
  }
}

HEAP_TEST(aligned_refuses_what_cannot_be) {
  const size_t too_large[][2] = {{SIZE_MAX, 16},
                                 {MIM_SIZE_MAX, 4096},
                                 {100, SIZE_MAX / 2 + 1},
                                 {100, MIM_IS_64BIT ? SIZE_MAX / 8 + 1 : SIZE_MAX / 2 + 1},
                                 {MIM_SIZE_MAX - 5, 1}};
  for (int i = 0; i < 5; i++) {
    for (size_t offset = 0; offset < 9; offset += 8) {
      errno = 0;
      CHECK(mim_malloc_aligned(too_large[i][0], too_large[i][1], offset, false) == NULL);
      CHECK_EQ(errno, ENOMEM);
    }
  }
  errno = 0;
  CHECK(mim_calloc_aligned(SIZE_MAX / 2, 3, 64, 0) == NULL);
  CHECK_EQ(errno, ENOMEM);
  check_accounting();
}

HEAP_TEST(aligned_realloc_keeps_contents_alignment_and_zeros) {
  uint64_t seed = 8;
  for (int round = 0; round < 60; round++) {
    const size_t alignment = (size_t)1 << random_below(&seed, 14);
    const size_t offset = round % 2 == 0 ? 0 : 8;
    size_t size = random_below(&seed, 100000);
    uint8_t* p = mim_malloc_aligned(size, alignment, offset, true);
    memset(p, 0x66, size);
    for (int i = 0; i < 6; i++) {
      const size_t next = random_below(&seed, 200000);
      p = mim_realloc_aligned(p, next, alignment, offset, true);
      CHECK(p != NULL && mim_is_aligned(p + offset, alignment));
      CHECK(is_filled(p, 0x66, mim_min(size, next)));
      if (next > size) { CHECK(is_filled(p + size, 0, next - size)); }
      memset(p, 0x66, next);
      size = next;
    }
    mim_free(p);
  }
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
}

static void* free_in_thread(void* p) {
  mim_free(p);
  return NULL;
}

HEAP_TEST(aligned_blocks_are_freed_by_other_threads) {
  for (size_t i = 0; i < SIZE_COUNT; i++) {
    in_thread(free_in_thread, aligned(sizes[i], 256, 8, false));
    in_thread(free_in_thread, aligned(sizes[i], 8192, 0, false));
  }
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
}

HEAP_TEST(aligned_at_an_offset_without_memory_leaves_nothing) {
  mim_free(mim_malloc(1));
  sim_fail(SIM_ANY, 1, 1);
  errno = 0;
  CHECK(mim_malloc_aligned(100000, 4096, 8, false) == NULL);
  CHECK_EQ(errno, ENOMEM);
  CHECK(mim_malloc_aligned(100000, 4096, 0, false) == NULL);
  sim_fail(SIM_ANY, 0, 0);
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
}

TEST_MAIN()
