/* getentropy.c - random bytes, where they come from getentropy. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <unistd.h>

#if defined(__APPLE__)
#include <sys/random.h>
#endif

#include "prim/prim.h"

bool mim_prim_random(void* buffer, size_t size) {
  const int saved_errno = errno;
  const bool is_filled = getentropy(buffer, size) == 0;
  errno = saved_errno;
  return is_filled;
}
