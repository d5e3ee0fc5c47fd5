/* arena_bits.h - the same operation on a bitmap of each group that a run of slices touches. */
#ifndef MIM_ARENA_ARENA_BITS_H
#define MIM_ARENA_ARENA_BITS_H

#include "arena/arena.h"
#include "base/bits.h"

/* The part of a run that lies in one group. */
typedef struct mim_slice_part {
  mim_slice_group_t* group;
  mim_slice_word_t mask;
  size_t slices;
} mim_slice_part_t;

MIM_INLINE mim_slice_part_t mim_slice_part(mim_arena_t* arena, size_t first, size_t count) {
  const size_t bit = first % MIM_GROUP_SLICES;
  const size_t n = mim_min(count, MIM_GROUP_SLICES - bit);
  return (mim_slice_part_t){
    .group = &arena->groups[first / MIM_GROUP_SLICES],
    .mask = (mim_slice_word_t)mim_bit_mask((unsigned)bit, (unsigned)n),
    .slices = n,
  };
}

/* for-each over the parts of [from, from + total): `part` is one after the other. */
#define MIM_FOR_EACH_PART(part, arena, from, total) \
  for (size_t at_ = (from), left_ = (total), once_ = 1; once_ != 0; once_ = 0) \
    for (mim_slice_part_t part; left_ > 0 && (part = mim_slice_part((arena), at_, left_), true); \
         at_ += part.slices, left_ -= part.slices)

#endif
