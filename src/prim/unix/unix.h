/* unix.h - what the files of prim/unix ask of the folder of an OS, and what they share. */
#ifndef MIM_PRIM_UNIX_UNIX_H
#define MIM_PRIM_UNIX_UNIX_H

#include <errno.h>

#include "base/compiler.h"

/* The result of a system call as an error code; errno stays as it was. */
#define PRIM_RESULT(call) \
  do { \
    const int saved_errno = errno; \
    const int error = ((call) == 0 ? 0 : errno); \
    errno = saved_errno; \
    return error; \
  } while (0)

/* Bytes of memory that the process occupies now; 0: the OS does not say.  errno may change. */
size_t mim_unix_current_rss(void);

/* The unit of getrusage's ru_maxrss, in bytes. */
size_t mim_unix_maxrss_unit(void);

#endif
