/* thread.c - thread exit by a pthread key.
 *
 * A key's destructor runs after C++ thread-local destructors, and again (up to four rounds) if one
 * of them sets the key anew: so a thread that allocates late is cleaned up too. */
#include <pthread.h>

#include "prim/prim.h"
#include "prim/thread_id.h"

#if defined(MIM_THREAD_ID_IS_ANCHOR)
MIM_THREAD_LOCAL _Alignas(8) uint64_t mim_thread_anchor;
#endif

static pthread_key_t thread_exit_key;
static bool thread_exit_has_key;
static mim_prim_thread_exit_fun_t* thread_exit_fun;

static void thread_exit_run(void* value) {
  if (value != NULL) { thread_exit_fun(); }
}

int mim_prim_thread_exit_init(mim_prim_thread_exit_fun_t* on_exit) {
  if (thread_exit_has_key) { return 0; }
  thread_exit_fun = on_exit;
  const int error = pthread_key_create(&thread_exit_key, thread_exit_run);
  thread_exit_has_key = (error == 0);
  return error;
}

int mim_prim_at_thread_exit(void) {
  /* Any value but NULL will do.  glibc may allocate here for a late key: the caller's thread heap
   * must be in place by now. */
  return thread_exit_has_key ? pthread_setspecific(thread_exit_key, &thread_exit_key) : 0;
}
