/* memory.c - how macOS maps memory: OS pages are 16 KiB on Apple's own processors. */
#include <mach/vm_statistics.h>
#include <sys/resource.h>

#include "prim/mmap/mmap.h"

/* vmmap and Instruments show memory by such tags. */
enum { MEMORY_TAG = 100 };

const mim_mmap_rules_t mim_mmap_rules = {
  .overcommits = true,
  .file = VM_MAKE_TAG(MEMORY_TAG),
  .limit = RLIMIT_AS,
};
