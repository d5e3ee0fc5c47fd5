/* system.c - what Linux tells by means of its own: the environment's owner, the CPU, memory
 * in use. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "prim/prim.h"
#include "prim/unix/unix.h"

bool mim_prim_is_secure_execution(void) {
  const int saved_errno = errno; /* getauxval says ENOENT for an entry that is not there */
  const bool is_secure = getauxval(AT_SECURE) != 0;
  errno = saved_errno;
  return is_secure;
}

unsigned mim_prim_cpu(void) {
  const int saved_errno = errno;
  const int cpu = sched_getcpu();
  errno = saved_errno;
  return cpu < 0 ? 0 : (unsigned)cpu;
}

/* The second number of /proc/self/statm counts resident OS pages; 0 where /proc is missing. */
size_t mim_unix_current_rss(void) {
  char text[128];
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) { return 0; }
  const ssize_t length = read(file, text, sizeof(text) - 1);
  close(file);
  if (length <= 0) { return 0; }
  text[length] = 0;
  const char* at = text;
  while (*at >= '0' && *at <= '9') { at++; }
  while (*at == ' ') { at++; }
  size_t pages = 0;
  for (; *at >= '0' && *at <= '9'; at++) { pages = 10 * pages + (size_t)(*at - '0'); }
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

size_t mim_unix_maxrss_unit(void) { return 1024; }
