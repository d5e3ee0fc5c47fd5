/* resource.h - POSIX: limits and usage, with the members that all but Haiku have. */
#ifndef MIM_STUB_POSIX_SYS_RESOURCE_H
#define MIM_STUB_POSIX_SYS_RESOURCE_H

#include <sys/types.h>

struct timeval {
  time_t tv_sec;
  long tv_usec;
};
struct rusage {
  struct timeval ru_utime, ru_stime;
#if !defined(__HAIKU__)
  long ru_maxrss, ru_majflt;
#endif
};
typedef unsigned long rlim_t;
struct rlimit {
  rlim_t rlim_cur, rlim_max;
};
#define RUSAGE_SELF 0
#define RLIM_INFINITY (~(rlim_t)0)
#define RLIMIT_DATA 2
#if !defined(__OpenBSD__) /* getrlimit(2) there has no limit of address space */
#define RLIMIT_AS 5
#endif
int getrlimit(int resource, struct rlimit* limit);
int getrusage(int who, struct rusage* usage);

#endif
