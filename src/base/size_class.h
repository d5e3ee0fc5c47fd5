/* size_class.h - which bin serves a size, and how large the blocks of a bin are.
 *
 * Sizes are counted in granules.  Bins 1 to 16 are exact; above, eight bins share a doubling, so
 * that rounding never wastes more than 12.5 % of a block:
 *
 *   granules  1 2 3 ... 16 | 18 20 ... 32 | 36 40 ... 64 | ...
 *   bin       1 2 3 ... 16 | 17 18 ... 24 | 25 26 ... 32 | ...
 *
 * The last bin, MIM_BIN_HUGE, holds pages of a single block of any size.  Bin 0 does not exist.
 */
#ifndef MIM_BASE_SIZE_CLASS_H
#define MIM_BASE_SIZE_CLASS_H

#include "base/assert.h"
#include "base/bits.h"

enum {
  /* The bin of MIM_MEDIUM_BLOCK_MAX. */
  MIM_BIN_LAST = 80 + (MIM_IS_64BIT ? 0 : 8) + (MIM_GRANULE == 16 ? 0 : 8),
  MIM_BIN_HUGE = MIM_BIN_LAST + 1,
  MIM_BIN_COUNT = MIM_BIN_HUGE + 1
};

MIM_INLINE size_t mim_granules_of(size_t size) {
  return (size + MIM_GRANULE - 1) >> MIM_GRANULE_SHIFT;
}

/* 0 < size <= MIM_MEDIUM_BLOCK_MAX */
MIM_INLINE unsigned mim_bin_of_size(size_t size) {
  const size_t below = mim_granules_of(size) - 1;
  const unsigned high = mim_highest_bit(below | 8);
  const unsigned shift = high - 3;
  return (shift << 3) + (unsigned)(below >> shift) + 1;
}

/* In bytes; 0 < bin <= MIM_BIN_LAST */
MIM_INLINE size_t mim_bin_block_size(unsigned bin) {
  mim_assert(bin > 0 && bin <= MIM_BIN_LAST);
  if (bin <= 16) { return (size_t)bin << MIM_GRANULE_SHIFT; }
  const unsigned shift = (bin - 1) / 8 - 1;
  return (size_t)((bin - 1) % 8 + 9) << (shift + MIM_GRANULE_SHIFT);
}

/* How many slices a page of this bin spans. */
size_t mim_bin_slices(unsigned bin);

/* What a request of `size` bytes is rounded to. */
size_t mim_good_size(size_t size);

#endif
