/* procfs.h - illumos: proc(5). */
#ifndef MIM_STUB_ILLUMOS_PROCFS_H
#define MIM_STUB_ILLUMOS_PROCFS_H

#include <sys/types.h>

typedef struct psinfo {
  int pr_flag;
  size_t pr_rssize;
} psinfo_t;

#endif
