/* size_class.c - see size_class.h. */
#include "base/size_class.h"

#if MIM_IS_64BIT

size_t mim_bin_slices(unsigned bin) {
  return mim_bin_block_size(bin) <= MIM_SMALL_BLOCK_MAX ? MIM_PAGE_SLICES_MIN : MIM_PAGE_SLICES_MAX;
}

#else

/* As few as hold some blocks, since a thread has a page of each size that it uses; but some more,
 * if otherwise more than 1/64 were left behind the last block. */
size_t mim_bin_slices(unsigned bin) {
  const size_t size = mim_bin_block_size(bin);
  const size_t blocks = size <= 64 * MIM_KIB ? 4 : 2;
  const size_t least = mim_max(mim_divide_up(blocks * size, MIM_SLICE_SIZE), MIM_PAGE_SLICES_MIN);
  size_t best = least;
  size_t best_rest = best * MIM_SLICE_SIZE % size;
  for (size_t count = least + 1; count <= 2 * least && 64 * best_rest > best * MIM_SLICE_SIZE;
       count++) {
    const size_t rest = count * MIM_SLICE_SIZE % size;
    if (rest * best < best_rest * count) {
      best = count;
      best_rest = rest;
    }
  }
  mim_assert(best <= MIM_PAGE_SLICES_MAX);
  return best;
}

#endif

size_t mim_good_size(size_t size) {
  if (size == 0) { return MIM_GRANULE; }
  if (size <= MIM_MEDIUM_BLOCK_MAX) { return mim_bin_block_size(mim_bin_of_size(size)); }
  if (size > MIM_SIZE_MAX) { return size; }
  return mim_align_up(size, MIM_HUGE_ROUND);
}
