/* numa.c - NUMA nodes and 1 GiB OS pages, on Linux, by system calls: libnuma would allocate. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "prim/linux/numa.h"

#ifndef MAP_HUGETLB
#define MAP_HUGETLB 0x40000
#endif
#ifndef MAP_HUGE_SHIFT
#define MAP_HUGE_SHIFT 26
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

enum { GIGANTIC_SHIFT = 30, POLICY_PREFERRED = 1, NODES_MAX = 64 };

/* Nodes are listed as "0" or "0-3" or "0,2-3": the last number is the highest. */
static unsigned last_number(const char* text, ssize_t length) {
  unsigned number = 0;
  for (ssize_t i = 0; i < length; i++) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    const bool starts = is_digit && (i == 0 || text[i - 1] < '0' || text[i - 1] > '9');
    if (is_digit) { number = (starts ? 0 : 10 * number) + (unsigned)(text[i] - '0'); }
  }
  return number;
}

unsigned mim_prim_numa_count(void) {
  char text[256];
  const int saved_errno = errno;
  unsigned count = 1;
  const int file = open("/sys/devices/system/node/online", O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    count = last_number(text, read(file, text, sizeof(text))) + 1;
    close(file);
  }
  errno = saved_errno;
  return count < NODES_MAX ? count : NODES_MAX;
}

unsigned mim_prim_numa_node(void) {
  const int saved_errno = errno;
  unsigned cpu = 0, node = 0;
  const long result = syscall(SYS_getcpu, &cpu, &node, NULL);
  errno = saved_errno;
  return result == 0 ? node : 0;
}

static int bind_to(void* base, size_t size, unsigned node) {
#if defined(SYS_mbind)
  if (node >= NODES_MAX) { return EINVAL; }
  const int saved_errno = errno;
  unsigned long mask[NODES_MAX / (8 * sizeof(unsigned long))] = {0};
  mask[node / (8 * sizeof(mask[0]))] = 1UL << (node % (8 * sizeof(mask[0])));
  /* The kernel takes one bit less than it is told. */
  const long result = syscall(SYS_mbind, base, size, POLICY_PREFERRED, mask, NODES_MAX + 1, 0);
  const int error = result == 0 ? 0 : errno;
  errno = saved_errno;
  return error;
#else
  (void)base, (void)size, (void)node;
  return ENOSYS;
#endif
}

void mim_linux_numa_bind(void* base, size_t size, mim_prim_wish_t* wish) {
  wish->numa_error = wish->numa_node < 0 ? 0 : bind_to(base, size, (unsigned)wish->numa_node);
}

int mim_prim_map_gigantic(void* base, size_t size, mim_prim_wish_t* wish) {
  const int saved_errno = errno;
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_HUGETLB |
                    (GIGANTIC_SHIFT << MAP_HUGE_SHIFT);
  void* const p = mmap(base, size, PROT_READ | PROT_WRITE, flags, -1, 0);
  int error = p == MAP_FAILED ? errno : 0;
  if (error == 0 && p != base) { /* an older kernel takes the address for a wish */
    munmap(p, size);
    error = EEXIST;
  }
  errno = saved_errno;
  if (error == 0) { mim_linux_numa_bind(base, size, wish); }
  return error;
}
