/* wide_atomic.c - the fault that the misplaced builds look for: a 64-bit atomic in bytes that have
 * no alignment.
 *
 * Arenas of mimalloc 2.1.4 had it: on 32-bit ARM with musl each program died of SIGBUS, or not,
 * by the address that the linker chose. */
#include <stdint.h>

int64_t wide_atomic_add(int64_t amount);

static unsigned char metadata[64];

int64_t wide_atomic_add(int64_t amount) {
#if !defined(__ARM_ARCH) || __ARM_ARCH >= 7 /* older ones have no such instruction */
  int64_t* const expires = (int64_t*)(void*)&metadata[8];
  return __atomic_add_fetch(expires, amount, __ATOMIC_RELAXED);
#else
  volatile unsigned char* const first = &metadata[8]; /* there has to be such an object */
  *first = (unsigned char)(*first + amount);
  return *first;
#endif
}
