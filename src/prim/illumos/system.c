/* system.c - what illumos tells by means of its own: the CPU, memory in use. */
#include <fcntl.h>
#include <procfs.h>
#include <sys/processor.h>
#include <unistd.h>

#include "prim/prim.h"
#include "prim/unix/unix.h"

bool mim_prim_is_secure_execution(void) { return issetugid() != 0; }

unsigned mim_prim_cpu(void) { return (unsigned)getcpuid(); }

/* proc(5): pr_rssize is in KiB. */
size_t mim_unix_current_rss(void) {
  psinfo_t info;
  const int file = open("/proc/self/psinfo", O_RDONLY | O_CLOEXEC);
  if (file < 0) { return 0; }
  const ssize_t length = read(file, &info, sizeof(info));
  close(file);
  return length == (ssize_t)sizeof(info) ? (size_t)info.pr_rssize * 1024 : 0;
}

size_t mim_unix_maxrss_unit(void) { return (size_t)sysconf(_SC_PAGESIZE); }
