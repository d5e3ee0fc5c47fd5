/* memory.c - how Haiku maps memory: without MAP_NORESERVE all of a mapping is committed at once. */
#include <sys/mman.h>
#include <sys/resource.h>

#include "prim/mmap/mmap.h"

const mim_mmap_rules_t mim_mmap_rules = {
  .overcommits = true,
  .flags = MAP_NORESERVE,
  .file = -1,
  .limit = RLIMIT_AS,
};
