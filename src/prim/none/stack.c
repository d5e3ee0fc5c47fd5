/* stack.c - of a system whose programs cannot look at their stack: profiles are refused. */
#include "prim/prim.h"

bool mim_prim_stack_prepare(void) { return false; }

size_t mim_prim_stack(uintptr_t* frames, size_t most) {
  (void)frames, (void)most;
  return 0;
}
