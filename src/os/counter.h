/* counter.h - a quantity with its history: bytes, or a plain count.
 *
 * Its words have the size of a pointer, so that no 32-bit machine needs a 64-bit atomic: there, the
 * total is kept in two words, and what is current may reach nearly 4 GiB, or be a little below 0.
 * Any thread may add and read. */
#ifndef MIM_OS_COUNTER_H
#define MIM_OS_COUNTER_H

#include <stdatomic.h>

#include "base/config.h"

enum { MIM_TOTAL_WORDS = (MIM_IS_64BIT ? 1 : 2) };

typedef struct mim_total {
  _Atomic(size_t) words[MIM_TOTAL_WORDS]; /* the low one first */
} mim_total_t;

typedef struct mim_counter {
  _Atomic(ptrdiff_t) current, peak;
  mim_total_t total; /* of all that was added */
} mim_counter_t;

typedef struct mim_quantity {
  int64_t current, peak, total;
} mim_quantity_t;

/* current and total are exact; peak may miss the moment when two threads raise it at once. */
void mim_counter_add(mim_counter_t* counter, ptrdiff_t amount);

/* On a 32-bit machine, in the moment when the total passes a multiple of 4 GiB, it may be seen so
 * much smaller. */
mim_quantity_t mim_counter_read(mim_counter_t* counter);

/* The same in bytes, where it cannot be negative but for a moment. */
size_t mim_counter_current(mim_counter_t* counter);

void mim_counter_reset(mim_counter_t* counter); /* what is current stays counted */

/* The history of `from` goes over to `to`, and what is current, too, if moves_current; returns what
 * is current and stays with `from`. */
int64_t mim_counter_fold(mim_counter_t* to, mim_counter_t* from, bool moves_current);

#endif
