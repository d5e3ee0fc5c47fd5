/* time.h - POSIX: clocks. */
#ifndef MIM_STUB_POSIX_TIME_H
#define MIM_STUB_POSIX_TIME_H

#include <sys/types.h>

struct timespec {
  time_t tv_sec;
  long tv_nsec;
};
#define CLOCK_MONOTONIC 1
int clock_gettime(clockid_t clock, struct timespec* time);

#endif
