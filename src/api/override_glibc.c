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

static size_t bytes_of(_Atomic(ptrdiff_t)* counter) {
  const ptrdiff_t value = atomic_load_explicit(counter, memory_order_relaxed);
  return value < 0 ? 0 : (size_t)value;
}

#if __GLIBC_PREREQ(2, 33)
MIM_EXPORT struct mallinfo2 mallinfo2(void) {
  const size_t committed = bytes_of(&mim_os_counters.committed.current);
  const size_t huge = bytes_of(&mim_heap_counters.huge_bytes.current);
  const size_t pages = bytes_of(&mim_heap_counters.pages.current) * MIM_SLICE_SIZE;
  const size_t used = huge + pages < committed ? huge + pages : committed;
  return (struct mallinfo2){
    .arena = committed,
    .hblks = bytes_of(&mim_heap_counters.huge_pages.current),
    .hblkhd = huge,
    .uordblks = used,
    .fordblks = committed - used,
    .keepcost = committed - used,
  };
}
#endif

static int int_of(size_t value) { return value > INT_MAX ? INT_MAX : (int)value; }

MIM_EXPORT struct mallinfo mallinfo(void) {
  const size_t committed = bytes_of(&mim_os_counters.committed.current);
  return (struct mallinfo){
    .arena = int_of(committed),
    .hblkhd = int_of(bytes_of(&mim_heap_counters.huge_bytes.current)),
    .uordblks = int_of(committed),
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
  const size_t before = bytes_of(&mim_os_counters.purged.total);
  mi_collect(true);
  return bytes_of(&mim_os_counters.purged.total) > before;
}

MIM_EXPORT void malloc_stats(void) { mi_stats_print_out(NULL, NULL); }

MIM_EXPORT int malloc_info(int options, FILE* stream) {
  if (options != 0 || stream == NULL) { return EINVAL; }
  const size_t committed = bytes_of(&mim_os_counters.committed.current);
  const size_t peak = bytes_of(&mim_os_counters.committed.peak);
  const int written = fprintf(stream,
                              "<malloc version=\"1\">\n"
                              "<system type=\"current\" size=\"%zu\"/>\n"
                              "<system type=\"max\" size=\"%zu\"/>\n"
                              "</malloc>\n",
                              committed, peak);
  return written < 0 ? -1 : 0;
}

#endif
#endif

typedef int mim_override_glibc_t; /* ISO C forbids an empty file */
