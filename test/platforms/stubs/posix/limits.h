/* limits.h - POSIX: the longest path; the compiler has the rest. */
#ifndef MIM_STUB_POSIX_LIMITS_H
#define MIM_STUB_POSIX_LIMITS_H

#include_next <limits.h>

#define PATH_MAX 1024

#endif
