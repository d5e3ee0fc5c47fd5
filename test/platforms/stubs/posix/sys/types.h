/* types.h - POSIX: types that several headers have. */
#ifndef MIM_STUB_POSIX_SYS_TYPES_H
#define MIM_STUB_POSIX_SYS_TYPES_H

#include <stddef.h>
#include <stdint.h>

typedef long ssize_t;
typedef long off_t;
typedef int pid_t;
typedef unsigned uid_t;
typedef unsigned gid_t;
typedef long time_t;
typedef int clockid_t;

#endif
