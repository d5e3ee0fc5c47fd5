/* system.c - what Haiku tells by means of its own: random bytes, memory in use by areas. */
#include <OS.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "prim/prim.h"
#include "prim/unix/unix.h"

bool mim_prim_is_secure_execution(void) { return getuid() != geteuid() || getgid() != getegid(); }

unsigned mim_prim_cpu(void) { return 0; }

bool mim_prim_random(void* buffer, size_t size) {
  const int saved_errno = errno;
  const int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
  const bool is_filled = file >= 0 && read(file, buffer, size) == (ssize_t)size;
  if (file >= 0) { close(file); }
  errno = saved_errno;
  return is_filled;
}

size_t mim_unix_current_rss(void) {
  area_info area;
  ssize_t cookie = 0;
  size_t size = 0;
  while (get_next_area_info(B_CURRENT_TEAM, &cookie, &area) == B_OK) { size += area.ram_size; }
  return size;
}

/* Its getrusage knows no peak. */
size_t mim_unix_maxrss_unit(void) { return 0; }
