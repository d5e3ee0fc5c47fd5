/* lock_ranks.h - which ranks the calling thread holds: what every lock does beside locking. */
#ifndef MIM_PRIM_LOCK_RANKS_H
#define MIM_PRIM_LOCK_RANKS_H

#include "prim/lock.h"

void mim_lock_note_acquired(const mim_lock_t* lock);
void mim_lock_note_released(const mim_lock_t* lock); /* while it is still held */

#endif
