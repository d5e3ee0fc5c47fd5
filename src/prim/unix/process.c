/* process.c - the environment, the clock, standard error. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "prim/prim.h"

#if defined(__APPLE__) /* whose libraries cannot see environ */
#include <crt_externs.h>

char** mim_prim_environment(void) { return *_NSGetEnviron(); }
#else
extern char** environ;

char** mim_prim_environment(void) { return environ; }
#endif

/* Only Windows has a wide one. */
int mim_prim_wide_variable(const wchar_t* name, const wchar_t** value) {
  (void)name, (void)value;
  return ENOSYS;
}

void mim_prim_yield(void) { (void)sched_yield(); }

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

uint64_t mim_prim_clock_ms(void) {
#if defined(CLOCK_MONOTONIC_COARSE) && !defined(__EMSCRIPTEN__) /* which only names it */
  return clock_ns(CLOCK_MONOTONIC_COARSE) / 1000000u;
#else
  return clock_ns(CLOCK_MONOTONIC) / 1000000u;
#endif
}
