/* getrandom.c - random bytes, where they come from getrandom. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <unistd.h>

#if defined(__ANDROID__) /* which has getrandom from version 9 on, and the system call before */
#include <sys/syscall.h>
#define GRND_NONBLOCK 1
#define getrandom(buffer, size, flags) syscall(SYS_getrandom, buffer, size, flags)
#else
#include <sys/random.h>
#endif

#include "prim/prim.h"

bool mim_prim_random(void* buffer, size_t size) {
  const int saved_errno = errno;
  const bool is_filled = getrandom(buffer, size, GRND_NONBLOCK) == (ssize_t)size;
  errno = saved_errno;
  return is_filled;
}
