/* user.h - dragonfly: the process as KERN_PROC_PID tells of it. */
#ifndef MIM_STUB_DRAGONFLY_SYS_USER_H
#define MIM_STUB_DRAGONFLY_SYS_USER_H

#include <sys/types.h>

struct kinfo_proc {
  int kp_pid;
  long kp_vm_rssize;
};

#endif
