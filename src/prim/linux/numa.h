/* numa.h - what the memory of prim/linux asks of its NUMA nodes. */
#ifndef MIM_PRIM_LINUX_NUMA_H
#define MIM_PRIM_LINUX_NUMA_H

#include "prim/prim.h"

/* Heeds wish->numa_node for a range that nobody has touched yet. */
void mim_linux_numa_bind(void* base, size_t size, mim_prim_wish_t* wish);

#endif
