/* user.h - freebsd: the process as KERN_PROC_PID tells of it. */
#ifndef MIM_STUB_FREEBSD_SYS_USER_H
#define MIM_STUB_FREEBSD_SYS_USER_H

#include <sys/types.h>

struct kinfo_proc {
  int ki_structsize;
  long ki_rssize;
};

#endif
