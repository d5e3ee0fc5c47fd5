/* lock.c - slim locks: a pointer, made by nothing, freed by nothing.
 *
 * At the end of the process Windows ends all other threads wherever they are, then tells the DLLs.
 * What a lock of such a thread guarded may be half done, but nobody will ever release it: the last
 * thread goes on without it rather than wait for ever. */
#include "prim/lock.h"

#include "prim/lock_ranks.h"
#include "prim/windows/api.h"

_Static_assert(sizeof(SRWLOCK) == sizeof(mim_mutex_t), "a slim lock is a pointer");

/* Of ntdll.dll since Windows Vista. To look it up could wait for the loader's own lock. */
__declspec(dllimport) BOOLEAN NTAPI RtlDllShutdownInProgress(void);

static SRWLOCK* srw_lock(mim_lock_t* lock) { return (SRWLOCK*)(void*)&lock->mutex; }

void mim_lock_acquire(mim_lock_t* lock) {
  if (!TryAcquireSRWLockExclusive(srw_lock(lock)) && !RtlDllShutdownInProgress()) {
    AcquireSRWLockExclusive(srw_lock(lock));
  }
  mim_lock_note_acquired(lock);
}

bool mim_lock_try_acquire(mim_lock_t* lock) {
  if (!TryAcquireSRWLockExclusive(srw_lock(lock))) { return false; }
  mim_lock_note_acquired(lock);
  return true;
}

void mim_lock_release(mim_lock_t* lock) {
  mim_lock_note_released(lock);
  ReleaseSRWLockExclusive(srw_lock(lock));
}
