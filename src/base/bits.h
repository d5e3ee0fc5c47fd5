/* bits.h - words, bits, rounding, overflow.  Pure functions. */
#ifndef MIM_BASE_BITS_H
#define MIM_BASE_BITS_H

#include "base/config.h"

/* The index of the lowest set bit; x must not be 0. */
MIM_INLINE unsigned mim_lowest_bit(uint64_t x) { return (unsigned)__builtin_ctzll(x); }

/* The index of the highest set bit; x must not be 0. */
MIM_INLINE unsigned mim_highest_bit(uint64_t x) { return 63u - (unsigned)__builtin_clzll(x); }

MIM_INLINE unsigned mim_count_bits(uint64_t x) { return (unsigned)__builtin_popcountll(x); }

/* Bits [first, first + count) of a word; 0 < count, first + count <= 64. */
MIM_INLINE uint64_t mim_bit_mask(unsigned first, unsigned count) {
  return (UINT64_MAX >> (64 - count)) << first;
}

MIM_INLINE bool mim_is_power_of_two(size_t x) { return x != 0 && (x & (x - 1)) == 0; }

/* alignment is a power of two; the caller knows that x + alignment does not overflow. */
MIM_INLINE size_t mim_align_up(size_t x, size_t alignment) {
  return (x + alignment - 1) & ~(alignment - 1);
}

MIM_INLINE size_t mim_align_down(size_t x, size_t alignment) { return x & ~(alignment - 1); }

MIM_INLINE bool mim_is_aligned(const void* p, size_t alignment) {
  return ((uintptr_t)p & (alignment - 1)) == 0;
}

MIM_INLINE size_t mim_divide_up(size_t x, size_t divisor) { return (x + divisor - 1) / divisor; }

MIM_INLINE size_t mim_min(size_t a, size_t b) { return a < b ? a : b; }
MIM_INLINE size_t mim_max(size_t a, size_t b) { return a > b ? a : b; }

/* False if count * size does not fit a size_t. */
MIM_INLINE bool mim_multiply(size_t count, size_t size, size_t* total) {
  return !__builtin_mul_overflow(count, size, total);
}

/* Tells a busy waiter's core to rest.  ARM has a hint from v6k on (ACLE: __ARM_ARCH, and LDREX
 * for bytes tells v6k from v6); byte order has no say in it.  RISC-V's pause, by its code, and that
 * of MIPS do nothing where they are not known.  Other machines only forget what they have read. */
MIM_INLINE void mim_cpu_relax(void) {
#if (defined(__x86_64__) && !defined(__arm64ec__)) || defined(__i386__)
  __asm__ volatile("pause" ::: "memory");
#elif defined(__aarch64__) || defined(__arm64ec__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7) || \
  (defined(__ARM_FEATURE_LDREX) && (__ARM_FEATURE_LDREX & 1))
  __asm__ volatile("yield" ::: "memory");
#elif defined(__arm__)
  __asm__ volatile("nop" ::: "memory");
#elif defined(__powerpc__)
  __asm__ volatile("or 27,27,27" ::: "memory");
#elif defined(__riscv)
  __asm__ volatile(".4byte 0x0100000f" ::: "memory");
#elif defined(__mips__) && !defined(__mips16) && !defined(__mips_micromips)
  __asm__ volatile(".4byte 0x00000140" ::: "memory");
#else
  __asm__ volatile("" ::: "memory");
#endif
}

#endif
