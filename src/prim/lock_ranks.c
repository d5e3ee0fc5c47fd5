/* lock_ranks.c - see lock_ranks.h; the same on every OS. */
#include "prim/lock_ranks.h"

#include "base/assert.h"

/* A bit for each rank. */
static MIM_THREAD_LOCAL uint32_t lock_held;

void mim_lock_note_acquired(const mim_lock_t* lock) {
  mim_assert((mim_tls(lock_held) >> lock->rank) == 0);
  mim_tls(lock_held) |= (uint32_t)1 << lock->rank;
}

void mim_lock_note_released(const mim_lock_t* lock) {
  mim_tls(lock_held) &= ~((uint32_t)1 << lock->rank);
}

bool mim_lock_is_any_held(void) { return mim_tls(lock_held) != 0; }
