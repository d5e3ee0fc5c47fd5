/* lock.c - POSIX mutexes with ranks: they neither allocate nor fail for a default mutex. */
#include "prim/lock.h"

#include "base/assert.h"

/* The ranks that this thread holds, a bit each. */
static _Thread_local uint32_t lock_held;

static void lock_note_acquired(const mim_lock_t* lock) {
  mim_assert((lock_held >> lock->rank) == 0);
  lock_held |= (uint32_t)1 << lock->rank;
}

void mim_lock_acquire(mim_lock_t* lock) {
  pthread_mutex_lock(&lock->mutex);
  lock_note_acquired(lock);
}

bool mim_lock_try_acquire(mim_lock_t* lock) {
  if (pthread_mutex_trylock(&lock->mutex) != 0) { return false; }
  lock_note_acquired(lock);
  return true;
}

void mim_lock_release(mim_lock_t* lock) {
  lock_held &= ~((uint32_t)1 << lock->rank);
  pthread_mutex_unlock(&lock->mutex);
}

bool mim_lock_is_any_held(void) { return lock_held != 0; }
