/* numa.c - of a system that does not tell of NUMA nodes, or of OS pages of 1 GiB. */
#include <errno.h>

#include "prim/prim.h"

unsigned mim_prim_numa_count(void) { return 1; }
unsigned mim_prim_numa_node(void) { return 0; }

int mim_prim_map_gigantic(void* base, size_t size, mim_prim_wish_t* wish) {
  (void)base, (void)size, (void)wish;
  return ENOSYS;
}
