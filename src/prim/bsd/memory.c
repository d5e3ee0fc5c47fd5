/* memory.c - how the BSDs map memory.  OpenBSD has no limit of address space, but counts anonymous
 * mappings against that of data. */
#include <sys/types.h>

#include <sys/resource.h>

#include "prim/mmap/mmap.h"

const mim_mmap_rules_t mim_mmap_rules = {
  .overcommits = true,
  .file = -1,
#if defined(RLIMIT_AS)
  .limit = RLIMIT_AS,
#else
  .limit = RLIMIT_DATA,
#endif
};
