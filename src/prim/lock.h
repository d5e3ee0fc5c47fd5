/* lock.h - mutual exclusion, with ranks.
 *
 * Locks are taken in the order of their ranks, lowest first; a thread never holds two of one rank.
 * Level-1 assertions check it, so that a deadlock is found on any run, not on the unlucky one. */
#ifndef MIM_PRIM_LOCK_H
#define MIM_PRIM_LOCK_H

#include "base/compiler.h"

#if defined(_WIN32)
typedef void* mim_mutex_t; /* a slim lock (SRWLOCK), without the OS's header */
#define MIM_MUTEX_INIT NULL
#else
#include <pthread.h>
typedef pthread_mutex_t mim_mutex_t;
#define MIM_MUTEX_INIT PTHREAD_MUTEX_INITIALIZER
#endif

/* In the order in which they are taken; the fork handlers take them all in this order. */
typedef enum mim_lock_rank {
  MIM_RANK_PROCESS,   /* api: start-up                                */
  MIM_RANK_HEAPS,     /* heap: first-class heaps, their thread heaps  */
  MIM_RANK_THEAPS,    /* heap: the thread heaps of the main heap      */
  MIM_RANK_LATE,      /* heap: the heap of threads that have ended    */
  MIM_RANK_ABANDONED, /* heap: the abandoned pages of the main heap   */
  MIM_RANK_ASIDE,     /* heap: pages without owner of the other heaps */
  MIM_RANK_PROFILE,   /* profile: live samples, their stacks          */
  MIM_RANK_ARENAS,    /* arena: growth                                */
  MIM_RANK_PURGE,     /* arena: one purger at a time                  */
  MIM_RANK_BIG_PAGES, /* page: blocks straight from the OS            */
  MIM_RANK_GUARDED,   /* page: guarded blocks that were freed         */
  MIM_RANK_PAGE_MAP,  /* arena: growth of the page map                */
  MIM_RANK_METADATA,  /* arena: metadata memory                       */
  MIM_RANK_COUNT
} mim_lock_rank_t;

typedef struct mim_lock {
  mim_mutex_t mutex;
  mim_lock_rank_t rank;
} mim_lock_t;

#define MIM_LOCK_INIT(lock_rank) \
  { MIM_MUTEX_INIT, lock_rank }

void mim_lock_acquire(mim_lock_t* lock);
bool mim_lock_try_acquire(mim_lock_t* lock);
void mim_lock_release(mim_lock_t* lock);

/* Whether the calling thread holds any lock: then it must not call into the program. */
bool mim_lock_is_any_held(void);

#endif
