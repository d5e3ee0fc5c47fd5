/* sched.h - POSIX: giving way to other threads. */
#ifndef MIM_STUB_POSIX_SCHED_H
#define MIM_STUB_POSIX_SCHED_H

int sched_yield(void);
#include <sched_extras.h>

#endif
