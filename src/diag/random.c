/* random.c - a secret from the OS, and a counter that is mixed with it. */
#include "diag/random.h"

#include <stdatomic.h>

#include "prim/prim.h"

uintptr_t mim_random_mix(uintptr_t x) {
  const uintptr_t odd =
    (uintptr_t)UINT64_C(0x9E3779B97F4A7C15) | 1; /* 2^64 over the golden ratio */
  const unsigned half = 4 * sizeof(x);
  x = (x ^ (x >> half)) * odd;
  x = (x ^ (x >> (half - 3))) * odd;
  return x ^ (x >> half);
}

/* Without the OS's help: the clock, and where the loader and the stack happen to lie. */
static uintptr_t weak_secret(void) {
  uintptr_t here = 0;
  return mim_random_mix((uintptr_t)mim_prim_clock_ns()) ^ mim_random_mix((uintptr_t)&here) ^
         (uintptr_t)&weak_secret;
}

uintptr_t mim_random(void) {
  static _Atomic(uintptr_t) secret, counter;
  uintptr_t s = atomic_load_explicit(&secret, memory_order_relaxed);
  if (s == 0) {
    uintptr_t fresh = 0;
    if (!mim_prim_random(&fresh, sizeof(fresh)) || fresh == 0) { fresh = weak_secret() | 1; }
    if (atomic_compare_exchange_strong_explicit(&secret, &s, fresh, memory_order_relaxed,
                                                memory_order_relaxed)) {
      s = fresh;
    }
  }
  const uintptr_t n = atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
  return mim_random_mix(s + mim_random_mix(n + 1));
}
