/* deferred.c - the program's own deferred free function. */
#include <stdatomic.h>

#include "heap/theap.h"

static _Atomic(mim_deferred_free_fun_t*) deferred_fun;
static _Atomic(void*) deferred_arg;

void mim_deferred_free_register(mim_deferred_free_fun_t* fun, void* arg) {
  atomic_store_explicit(&deferred_arg, arg, memory_order_relaxed);
  /* Release: who sees the function sees its argument; partner: the acquire below. */
  atomic_store_explicit(&deferred_fun, fun, memory_order_release);
}

void mim_deferred_free(const mim_theap_t* theap, bool is_forced) {
  static MIM_THREAD_LOCAL bool is_running; /* what it allocates must not call it again */
  mim_deferred_free_fun_t* const fun = atomic_load_explicit(&deferred_fun, memory_order_acquire);
  if (fun == NULL || mim_tls(is_running)) { return; }
  mim_tls(is_running) = true;
  fun(is_forced, theap->slow_count, atomic_load_explicit(&deferred_arg, memory_order_relaxed));
  mim_tls(is_running) = false;
}
