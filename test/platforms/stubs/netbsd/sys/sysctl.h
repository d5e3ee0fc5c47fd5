/* sysctl.h - netbsd: sysctl, with the process as it tells of it. */
#ifndef MIM_STUB_NETBSD_SYS_SYSCTL_H
#define MIM_STUB_NETBSD_SYS_SYSCTL_H

#include <sys/types.h>

#define CTL_KERN 1
#define KERN_PROC 14
#define KERN_PROC_PID 1
int sysctl(const int* name, unsigned length, void* old, size_t* old_size, const void* value,
           size_t value_size);
#define KERN_PROC2 47
struct kinfo_proc2 {
  int p_pid;
  int p_vm_rssize;
};

#endif
