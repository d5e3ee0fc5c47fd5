/* thread_slot.h - one pointer of each thread that is sooner reached than a thread-local variable,
 * where an OS has such a thing: Windows, whose thread block holds 64 slots for TlsAlloc (it is
 * TlsSlots in winternl.h).  That is two loads, one after the other, where a variable takes three.
 *
 * NULL until the thread writes to it, and where there is no slot; then the variable counts. */
#ifndef MIM_PRIM_THREAD_SLOT_H
#define MIM_PRIM_THREAD_SLOT_H

#include "base/compiler.h"

#if defined(_WIN32)
#include <stdatomic.h>

/* The slot's place in the thread's block; 0: there is none. */
extern _Atomic(size_t) mim_thread_slot_place;

#if defined(__aarch64__) || defined(__arm64ec__) /* which says that it is x64, too */
#define MIM_THREAD_SLOT_READ "ldr %0, [x18, %1]"
#define MIM_THREAD_SLOT_WRITE "str %0, [x18, %1]"
#elif defined(__x86_64__)
#define MIM_THREAD_SLOT_READ "movq %%gs:(%1), %0"
#define MIM_THREAD_SLOT_WRITE "movq %0, %%gs:(%1)"
#else
#define MIM_THREAD_SLOT_READ "movl %%fs:(%1), %0"
#define MIM_THREAD_SLOT_WRITE "movl %0, %%fs:(%1)"
#endif

/* Volatile: what this thread has written it reads. */
MIM_INLINE void* mim_thread_slot_at(size_t place) {
  void* value;
  __asm__ volatile(MIM_THREAD_SLOT_READ : "=r"(value) : "r"(place));
  return value;
}

MIM_INLINE void* mim_thread_slot_read(void) {
  const size_t place = atomic_load_explicit(&mim_thread_slot_place, memory_order_relaxed);
  return mim_likely(place != 0) ? mim_thread_slot_at(place) : NULL;
}

MIM_INLINE void mim_thread_slot_write(void* value) {
  const size_t place = atomic_load_explicit(&mim_thread_slot_place, memory_order_relaxed);
  if (place != 0) { __asm__ volatile(MIM_THREAD_SLOT_WRITE : : "r"(value), "r"(place)); }
}
#else
MIM_INLINE void* mim_thread_slot_read(void) { return NULL; }
MIM_INLINE void mim_thread_slot_write(void* value) { (void)value; }
#endif

#endif
