/* usage.c - the process as the kernel knows it: its number, and what it has used. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bits.h"
#include "prim/prim.h"
#include "prim/unix/unix.h"

unsigned mim_prim_process_id(void) { return (unsigned)getpid(); }

static uint64_t time_us(struct timeval time) {
  return (uint64_t)time.tv_sec * 1000000u + (uint64_t)time.tv_usec;
}

void mim_prim_process_info(mim_prim_process_info_t* info) {
  const int saved_errno = errno;
  *info = (mim_prim_process_info_t){0};
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    info->user_us = time_us(usage.ru_utime);
    info->system_us = time_us(usage.ru_stime);
#if !defined(__HAIKU__) /* where it knows times only */
    info->page_faults = (size_t)usage.ru_majflt;
    info->peak_rss = (size_t)usage.ru_maxrss * mim_unix_maxrss_unit();
#endif
  }
  info->current_rss = mim_unix_current_rss();
  if (info->current_rss == 0) { info->current_rss = info->peak_rss; }
  info->peak_rss = mim_max(info->peak_rss, info->current_rss);
  errno = saved_errno;
}
