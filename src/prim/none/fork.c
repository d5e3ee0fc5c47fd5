/* fork.c - of a system without fork: handlers around it would never be called. */
#include "prim/prim.h"

int mim_prim_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  (void)prepare, (void)parent, (void)child;
  return 0;
}
