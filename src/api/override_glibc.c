/* override_glibc.c - glibc's questions about its own malloc, answered for ours.
 *
 * A program that asks them must not be told about an allocator that it does not use. */
#include "base/config.h"

#if MI_OVERRIDE && defined(__linux__)
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <stdio.h>

#include "heap/theap.h"
#include "mimalloc.h"
#include "os/os.h"

#if defined(__GLIBC__)

typedef struct use {
  size_t committed, used, huge_blocks, huge_bytes;
} use_t;

static use_t use_now(void) {
  mim_stats_t stats = {0};
  mim_thread_count(true);
  mim_subproc_add_stats(&mim_subproc_main, true, &stats);
  const size_t committed = mim_counter_current(&mim_os_counters.committed);
  const size_t used = stats.allocated.current < 0 ? 0 : (size_t)stats.allocated.current;
  return (use_t){
    .committed = committed,
    .used = used < committed ? used : committed,
    .huge_blocks = (size_t)stats.pages[MIM_BIN_HUGE].current,
    .huge_bytes = (size_t)stats.huge.current,
  };
}

#if __GLIBC_PREREQ(2, 33)
MIM_EXPORT struct mallinfo2 mallinfo2(void) {
  const use_t use = use_now();
  return (struct mallinfo2){
    .arena = use.committed,
    .hblks = use.huge_blocks,
    .hblkhd = use.huge_bytes,
    .uordblks = use.used,
    .fordblks = use.committed - use.used,
    .keepcost = use.committed - use.used,
  };
}
#endif

static int int_of(size_t value) { return value > INT_MAX ? INT_MAX : (int)value; }

MIM_EXPORT struct mallinfo mallinfo(void) {
  const use_t use = use_now();
  return (struct mallinfo){
    .arena = int_of(use.committed),
    .hblks = int_of(use.huge_blocks),
    .hblkhd = int_of(use.huge_bytes),
    .uordblks = int_of(use.used),
    .fordblks = int_of(use.committed - use.used),
    .keepcost = int_of(use.committed - use.used),
  };
}

/* 1 for success: every parameter tunes a mechanism that is not here. */
MIM_EXPORT int mallopt(int parameter, int value) {
  (void)parameter;
  (void)value;
  return 1;
}

/* 1 if memory went back to the system. */
MIM_EXPORT int malloc_trim(size_t keep) {
  (void)keep;
  const int64_t before = mim_counter_read(&mim_os_counters.purged).total;
  mi_collect(true);
  return mim_counter_read(&mim_os_counters.purged).total > before;
}

MIM_EXPORT void malloc_stats(void) { mi_stats_print_out(NULL, NULL); }

MIM_EXPORT int malloc_info(int options, FILE* stream) {
  if (options != 0 || stream == NULL) { return EINVAL; }
  const mim_quantity_t committed = mim_counter_read(&mim_os_counters.committed);
  const int written =
    fprintf(stream,
            "<malloc version=\"1\">\n"
            "<system type=\"current\" size=\"%llu\"/>\n"
            "<system type=\"max\" size=\"%llu\"/>\n"
            "</malloc>\n",
            (unsigned long long)committed.current, (unsigned long long)committed.peak);
  return written < 0 ? -1 : 0;
}

#endif
#endif

typedef int mim_override_glibc_t; /* ISO C forbids an empty file */
