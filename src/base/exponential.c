/* exponential.c - see exponential.h.  Whole numbers only: no floating-point state of the program is
 * touched, and no mathematical library is needed. */
#include "base/exponential.h"

#include "base/assert.h"
#include "base/bits.h"

enum { LN_2 = 45426 }; /* ln 2, in units of 2^-16 */

/* Means above are taken as this: no process allocates so much. */
static const uint64_t mean_most = (uint64_t)1 << 40;

/* log2 of mantissa / 2^31, which lies in [1, 2), in units of 2^-16: each squaring doubles the
 * logarithm, and its whole part is the next bit. */
static uint32_t log2_of_mantissa(uint32_t mantissa) {
  uint32_t log = 0;
  for (int bit = 0; bit < MIM_LOG_ONE_SHIFT; bit++) {
    const uint64_t square = (uint64_t)mantissa * mantissa;
    const unsigned is_above_two = (unsigned)(square >> 63);
    mantissa = (uint32_t)(square >> (31 + is_above_two));
    log = 2 * log + is_above_two;
  }
  return log;
}

uint32_t mim_log_of_fraction(uint64_t x) {
  mim_assert(x > 0);
  const unsigned high = mim_highest_bit(x);
  const uint32_t mantissa = (uint32_t)((x << (63 - high)) >> 32);
  const uint32_t log2 = (high << MIM_LOG_ONE_SHIFT) + log2_of_mantissa(mantissa);
  const uint64_t minus_log2 = ((uint64_t)64 << MIM_LOG_ONE_SHIFT) - log2;
  return (uint32_t)((minus_log2 * LN_2) >> MIM_LOG_ONE_SHIFT);
}

size_t mim_exponential(uint64_t random, size_t mean) {
  if (mean <= 1) { return 0; }
  const uint64_t bounded = mean > mean_most ? mean_most : mean;
  const uint64_t distance = (mim_log_of_fraction(random | 1) * bounded) >> MIM_LOG_ONE_SHIFT;
  return distance > SIZE_MAX ? SIZE_MAX : (size_t)distance;
}
