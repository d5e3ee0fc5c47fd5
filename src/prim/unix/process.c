/* process.c - the environment, the clock, standard error, and what the process has used. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/random.h>
#endif

#include "prim/prim.h"

extern char** environ;

char** mim_prim_environment(void) { return environ; }

bool mim_prim_is_secure_execution(void) {
#if defined(__linux__)
  const int saved_errno = errno; /* getauxval says ENOENT for an entry that is not there */
  const bool is_secure = getauxval(AT_SECURE) != 0;
  errno = saved_errno;
  return is_secure;
#else
  return issetugid() != 0;
#endif
}

void mim_prim_yield(void) { (void)sched_yield(); }

unsigned mim_prim_process_id(void) { return (unsigned)getpid(); }

void mim_prim_write_error(const char* text, size_t length) {
  const int saved_errno = errno;
  while (length > 0) {
    const ssize_t written = write(STDERR_FILENO, text, length);
    if (written < 0 && errno == EINTR) { continue; }
    if (written <= 0) { break; }
    text += written;
    length -= (size_t)written;
  }
  errno = saved_errno;
}

static uint64_t clock_ns(clockid_t clock) {
  struct timespec now;
  if (clock_gettime(clock, &now) != 0) { return 0; }
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t mim_prim_clock_ns(void) { return clock_ns(CLOCK_MONOTONIC); }

unsigned mim_prim_cpu(void) {
#if defined(__linux__)
  const int saved_errno = errno;
  const int cpu = sched_getcpu();
  errno = saved_errno;
  return cpu < 0 ? 0 : (unsigned)cpu;
#else
  return 0;
#endif
}

uint64_t mim_prim_clock_ms(void) {
#if defined(CLOCK_MONOTONIC_COARSE)
  return clock_ns(CLOCK_MONOTONIC_COARSE) / 1000000u;
#else
  return clock_ns(CLOCK_MONOTONIC) / 1000000u;
#endif
}

bool mim_prim_random(void* buffer, size_t size) {
  const int saved_errno = errno;
#if defined(__linux__)
  const bool is_filled = getrandom(buffer, size, GRND_NONBLOCK) == (ssize_t)size;
#else
  const bool is_filled = getentropy(buffer, size) == 0;
#endif
  errno = saved_errno;
  return is_filled;
}

static uint64_t time_us(struct timeval time) {
  return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec;
}

#if defined(__linux__)
/* The second number of /proc/self/statm counts resident OS pages; 0 where /proc is missing. */
static size_t current_rss(void) {
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
#endif

void mim_prim_process_info(mim_prim_process_info_t* info) {
  const int saved_errno = errno;
  *info = (mim_prim_process_info_t){0};
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    info->user_us = time_us(usage.ru_utime);
    info->system_us = time_us(usage.ru_stime);
    info->page_faults = (size_t)usage.ru_majflt;
#if defined(__APPLE__)
    info->peak_rss = (size_t)usage.ru_maxrss;
#else
    info->peak_rss = (size_t)usage.ru_maxrss * 1024;
#endif
  }
#if defined(__linux__)
  info->current_rss = current_rss();
#endif
  if (info->current_rss == 0) { info->current_rss = info->peak_rss; }
  if (info->peak_rss < info->current_rss) { info->peak_rss = info->current_rss; }
  errno = saved_errno;
}
