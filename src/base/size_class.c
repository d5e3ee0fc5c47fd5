/* size_class.c - see size_class.h. */
#include "base/size_class.h"

size_t mim_good_size(size_t size) {
  if (size == 0) { return MIM_GRANULE; }
  if (size <= MIM_MEDIUM_BLOCK_MAX) { return mim_bin_block_size(mim_bin_of_size(size)); }
  if (size > MIM_SIZE_MAX) { return size; }
  return mim_align_up(size, MIM_HUGE_ROUND);
}
