/* fork.c - handlers around a fork. */
#include <pthread.h>

#include "prim/prim.h"

int mim_prim_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  return pthread_atfork(prepare, parent, child);
}
