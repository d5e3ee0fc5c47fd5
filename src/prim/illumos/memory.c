/* memory.c - how illumos maps memory: one that can be written needs swap for all of it. */
#include <sys/resource.h>

#include "prim/mmap/mmap.h"

const mim_mmap_rules_t mim_mmap_rules = {
  .overcommits = false,
  .file = -1,
  .limit = RLIMIT_AS,
};
