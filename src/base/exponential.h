/* exponential.h - random distances of a Poisson process: what sampling steps by.
 *
 * A point every `mean` bytes on average, each independent of the others, meets a block of n bytes
 * with the probability 1 - exp(-n / mean), whatever was allocated before it. */
#ifndef MIM_BASE_EXPONENTIAL_H
#define MIM_BASE_EXPONENTIAL_H

#include "base/config.h"

enum { MIM_LOG_ONE_SHIFT = 16 };

/* -ln(x / 2^64), in units of 2^-16 rounded down; x > 0. */
uint32_t mim_log_of_fraction(uint64_t x);

/* The distance to the next point, from 64 random bits; 0, always, for a mean of 0 or 1. */
size_t mim_exponential(uint64_t random, size_t mean);

#endif
