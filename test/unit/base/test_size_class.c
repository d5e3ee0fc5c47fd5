/* test_size_class.c - every size up to the largest block of a bin. */
#include "base/size_class.h"

#include "test/unit/unit.h"

TEST(size_class_every_size_gets_the_smallest_bin_that_fits) {
  for (size_t size = 1; size <= MIM_MEDIUM_BLOCK_MAX; size++) {
    const unsigned bin = mim_bin_of_size(size);
    CHECK(bin >= 1 && bin <= MIM_BIN_LAST);
    CHECK(mim_bin_block_size(bin) >= size);
    CHECK(bin == 1 || mim_bin_block_size(bin - 1) < size);
  }
}

TEST(size_class_block_sizes_grow_and_are_their_own_inverse) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    const size_t size = mim_bin_block_size(bin);
    CHECK_EQ(size % MIM_GRANULE, 0);
    CHECK_EQ(mim_bin_of_size(size), bin);
    if (bin > 1) { CHECK_EQ(mim_bin_of_size(mim_bin_block_size(bin - 1) + 1), bin); }
  }
  CHECK_EQ(mim_bin_block_size(1), MIM_GRANULE);
  CHECK_EQ(mim_bin_block_size(MIM_BIN_LAST), MIM_MEDIUM_BLOCK_MAX);
}

/* Counted from the granule on: below, a block cannot be smaller. */
TEST(size_class_rounding_wastes_at_most_an_eighth) {
  for (size_t size = 1; size <= MIM_MEDIUM_BLOCK_MAX; size++) {
    const size_t needed = mim_granules_of(size) * MIM_GRANULE;
    const size_t waste = mim_good_size(size) - needed;
    CHECK(8 * waste <= mim_good_size(size));
  }
}

/* aligned.c builds on it: a size that is a multiple of an alignment gets blocks that are, too. */
TEST(size_class_a_multiple_of_an_alignment_gets_blocks_of_that_alignment) {
  for (size_t alignment = MIM_GRANULE; alignment <= MIM_MEDIUM_BLOCK_MAX; alignment *= 2) {
    for (size_t size = alignment; size <= MIM_MEDIUM_BLOCK_MAX; size += alignment) {
      CHECK_EQ(mim_bin_block_size(mim_bin_of_size(size)) % alignment, 0);
    }
  }
}

TEST(size_class_good_size_is_stable_and_honest) {
  CHECK_EQ(mim_good_size(0), MIM_GRANULE);
  const size_t sizes[] = {1, 17, 1000, 8192, 8193, 65536, 65537, 100000, 1 << 20, (1 << 20) + 1};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    const size_t good = mim_good_size(sizes[i]);
    CHECK(good >= sizes[i]);
    CHECK_EQ(mim_good_size(good), good);
  }
  CHECK_EQ(mim_good_size(MIM_MEDIUM_BLOCK_MAX + 1), MIM_MEDIUM_BLOCK_MAX + MIM_HUGE_ROUND);
  CHECK(mim_good_size(MIM_SIZE_MAX) >= MIM_SIZE_MAX);
  CHECK(mim_good_size(SIZE_MAX) == SIZE_MAX);
}

TEST(size_class_pages_of_every_bin_hold_blocks_enough) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    const size_t blocks = mim_bin_slices(bin) * MIM_SLICE_SIZE / mim_bin_block_size(bin);
    CHECK(blocks >= (MIM_IS_64BIT ? 8 : mim_bin_block_size(bin) <= 64 * MIM_KIB ? 4 : 2));
    CHECK(blocks <= UINT16_MAX);
  }
}

/* Where addresses are scarce, what is left behind the last block must not add up. */
TEST(size_class_pages_leave_little_behind_the_last_block_on_32_bit_machines) {
  if (MIM_IS_64BIT) { return; }
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    const size_t page = mim_bin_slices(bin) * MIM_SLICE_SIZE;
    CHECK(page % mim_bin_block_size(bin) * 100 <= page * 7);
  }
}

TEST_MAIN()
