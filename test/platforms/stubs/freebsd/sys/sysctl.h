/* sysctl.h - freebsd: sysctl(3). */
#ifndef MIM_STUB_FREEBSD_SYS_SYSCTL_H
#define MIM_STUB_FREEBSD_SYS_SYSCTL_H

#include <sys/types.h>

#define CTL_KERN 1
#define KERN_PROC 14
#define KERN_PROC_PID 1
int sysctl(const int* name, unsigned length, void* old, size_t* old_size, const void* value,
           size_t value_size);

#endif
