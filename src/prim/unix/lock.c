/* lock.c - POSIX mutexes: they neither allocate nor fail for a default mutex. */
#include "prim/lock.h"

#include "prim/lock_ranks.h"

void mim_lock_acquire(mim_lock_t* lock) {
  pthread_mutex_lock(&lock->mutex);
  mim_lock_note_acquired(lock);
}

bool mim_lock_try_acquire(mim_lock_t* lock) {
  if (pthread_mutex_trylock(&lock->mutex) != 0) { return false; }
  mim_lock_note_acquired(lock);
  return true;
}

void mim_lock_release(mim_lock_t* lock) {
  mim_lock_note_released(lock);
  pthread_mutex_unlock(&lock->mutex);
}
