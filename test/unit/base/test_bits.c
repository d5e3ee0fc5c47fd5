/* test_bits.c - words, bits, rounding, overflow: each against a plain loop or a known value. */
#include "base/bits.h"

#include "test/unit/unit.h"

TEST(bits_lowest_and_highest_of_every_single_and_double_bit) {
  for (unsigned low = 0; low < 64; low++) {
    for (unsigned high = low; high < 64; high++) {
      const uint64_t x = (uint64_t)1 << low | (uint64_t)1 << high;
      CHECK_EQ(mim_lowest_bit(x), low);
      CHECK_EQ(mim_highest_bit(x), high);
      CHECK_EQ(mim_count_bits(x), low == high ? 1 : 2);
    }
  }
  CHECK_EQ(mim_count_bits(0), 0);
  CHECK_EQ(mim_count_bits(UINT64_MAX), 64);
}

TEST(bits_mask_has_exactly_the_bits_of_its_range) {
  for (unsigned first = 0; first < 64; first++) {
    uint64_t expected = 0;
    for (unsigned count = 1; first + count <= 64; count++) {
      expected |= (uint64_t)1 << (first + count - 1);
      CHECK(mim_bit_mask(first, count) == expected);
    }
  }
}

TEST(bits_alignment_rounds_to_the_nearest_multiple) {
  for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
    CHECK(mim_is_power_of_two(alignment));
    for (size_t x = 0; x < 3 * alignment && x < 6000; x++) {
      const size_t down = x / alignment * alignment;
      CHECK_EQ(mim_align_down(x, alignment), down);
      CHECK_EQ(mim_align_up(x, alignment), x % alignment == 0 ? down : down + alignment);
      CHECK_EQ(mim_is_aligned((void*)(uintptr_t)x, alignment), x % alignment == 0);
    }
  }
  CHECK(!mim_is_power_of_two(0));
  CHECK(!mim_is_power_of_two(6));
  CHECK(!mim_is_power_of_two(SIZE_MAX));
  CHECK(mim_is_power_of_two((SIZE_MAX >> 1) + 1));
}

TEST(bits_divide_up_and_order) {
  CHECK_EQ(mim_divide_up(0, 64), 0);
  CHECK_EQ(mim_divide_up(1, 64), 1);
  CHECK_EQ(mim_divide_up(64, 64), 1);
  CHECK_EQ(mim_divide_up(65, 64), 2);
  CHECK_EQ(mim_min(3, 5), 3);
  CHECK_EQ(mim_max(3, 5), 5);
  CHECK_EQ(mim_min(SIZE_MAX, 0), 0);
  CHECK_EQ(mim_max(SIZE_MAX, 0) == SIZE_MAX, true);
}

TEST(bits_multiply_finds_every_overflow) {
  size_t total = 1;
  CHECK(mim_multiply(0, SIZE_MAX, &total) && total == 0);
  CHECK(mim_multiply(1, SIZE_MAX, &total) && total == SIZE_MAX);
  CHECK(mim_multiply(3, 7, &total) && total == 21);
  CHECK(!mim_multiply(2, SIZE_MAX, &total));
  const size_t half = (size_t)1 << (4 * sizeof(size_t));
  CHECK(mim_multiply(half, half - 1, &total) && total == half * (half - 1));
  CHECK(!mim_multiply(half, half, &total));
}

TEST(bits_relax_only_waits) { mim_cpu_relax(); }

TEST_MAIN()
