/* thread_id.h - a number that no other living thread has, in one instruction where possible.
 *
 * It is the thread pointer, or else the address of a thread-local variable: never 0, at least
 * 8-byte aligned (page/ keeps flags in its low bits), the same from the first to the last
 * instruction of a thread, also when thread-local destructors run. */
#ifndef MIM_PRIM_THREAD_ID_H
#define MIM_PRIM_THREAD_ID_H

#include "base/compiler.h"

#if defined(__x86_64__) && defined(__linux__)
MIM_INLINE uintptr_t mim_thread_id(void) {
  uintptr_t id;
#if defined(__ILP32__)
  __asm__("movl %%fs:0, %0" : "=r"(id));
  id &= ~(uintptr_t)7; /* as for i386 */
#else
  __asm__("movq %%fs:0, %0" : "=r"(id));
#endif
  return id;
}
#define MIM_THREAD_ID_AT "%%fs:0"
#elif defined(__i386__) && defined(__linux__)
/* musl aligns what the thread pointer names to 4 bytes only.  It is larger than 8 bytes: what is
 * left of the pointers still tells two threads apart. */
MIM_INLINE uintptr_t mim_thread_id(void) {
  uintptr_t id;
  __asm__("movl %%gs:0, %0" : "=r"(id));
  return id & ~(uintptr_t)7;
}
#elif defined(__aarch64__) && defined(__linux__)
MIM_INLINE uintptr_t mim_thread_id(void) { return (uintptr_t)__builtin_thread_pointer(); }
#elif defined(_WIN32) && (defined(__aarch64__) || defined(__arm64ec__))
/* The thread's block; ARM64EC says that it is x64, too. */
MIM_INLINE uintptr_t mim_thread_id(void) {
  uintptr_t id;
  __asm__("mov %0, x18" : "=r"(id));
  return id;
}
#elif defined(_WIN32) && defined(__x86_64__)
MIM_INLINE uintptr_t mim_thread_id(void) {
  uintptr_t id;
  __asm__("movq %%gs:0x30, %0" : "=r"(id));
  return id;
}
#define MIM_THREAD_ID_AT "%%gs:0x30"
#elif defined(_WIN32) && defined(__i386__)
MIM_INLINE uintptr_t mim_thread_id(void) {
  uintptr_t id;
  __asm__("movl %%fs:0x18, %0" : "=r"(id));
  return id;
}
#elif defined(__APPLE__) || defined(__OpenBSD__) /* thread-local variables are function calls */
#include <pthread.h>
MIM_INLINE uintptr_t mim_thread_id(void) { return (uintptr_t)pthread_self(); }
#else
#define MIM_THREAD_ID_IS_ANCHOR 1
extern MIM_THREAD_LOCAL _Alignas(8) uint64_t mim_thread_anchor;
MIM_INLINE uintptr_t mim_thread_id(void) { return (uintptr_t)&mim_tls(mim_thread_anchor); }
#endif

/* Whether `id` is the calling thread's, by one instruction where the machine can. */
MIM_INLINE bool mim_is_this_thread(uintptr_t id) {
#if defined(MIM_THREAD_ID_AT) && defined(__GCC_ASM_FLAG_OUTPUTS__) && !defined(__ILP32__)
  bool is_equal;
  __asm__("cmpq " MIM_THREAD_ID_AT ", %1" : "=@cce"(is_equal) : "r"(id));
  return is_equal;
#else
  return id == mim_thread_id();
#endif
}

#endif
