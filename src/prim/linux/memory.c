/* memory.c - virtual memory by mmap, on Linux.
 *
 * Reserved memory is mapped readable and writable without swap reservation: Linux commits on first
 * touch, so that commit has nothing to do.  Where the administrator forbids overcommit (mode 2),
 * such a mapping would count in full, so it is reserved without access and committed by
 * mprotect. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/config.h"
#include "prim/linux/numa.h"
#include "prim/unix/unix.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

static bool memory_overcommits = true;

/* Reads the start of a small file; 0 where it cannot. */
static char first_char_of(const char* path) {
  char first = 0;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) { return 0; }
  if (read(file, &first, 1) != 1) { first = 0; }
  close(file);
  return first;
}

void mim_prim_memory_config(mim_prim_config_t* config) {
  const int saved_errno = errno;
  const long page_size = sysconf(_SC_PAGESIZE);
  struct rlimit limit;
  *config = (mim_prim_config_t){
    .page_size = page_size > 0 ? (size_t)page_size : 4096,
    .huge_page_size = (size_t)1 << 21,
    .gigantic_size = MIM_IS_64BIT ? (size_t)1 << 30 : 0,
    .gigantic_advice = "the administrator sets them aside in "
                       "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages",
    .overcommits = first_char_of("/proc/sys/vm/overcommit_memory") != '2',
    .can_release_part = true,
    .can_move = true,
  };
  config->reserve_align = config->page_size;
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    config->address_limit = (size_t)limit.rlim_cur;
  }
  memory_overcommits = config->overcommits;
  errno = saved_errno;
}

int mim_prim_reserve(size_t size, mim_prim_wish_t* wish, bool commit, void** base) {
  const int saved_errno = errno;
  const int access = (commit || memory_overcommits ? PROT_READ | PROT_WRITE : PROT_NONE);
  const int flags = MAP_PRIVATE | MAP_ANONYMOUS | (commit ? 0 : MAP_NORESERVE);
  void* const p = mmap(NULL, size, access, flags, -1, 0);
  const int error = (p == MAP_FAILED ? errno : 0);
  errno = saved_errno;
  *base = (error == 0 ? p : NULL);
  if (error == 0) { mim_linux_numa_bind(p, size, wish); }
  return error;
}

int mim_prim_release(void* base, size_t size) { PRIM_RESULT(munmap(base, size)); }

int mim_prim_commit(void* base, size_t size) {
  if (memory_overcommits) { return 0; }
  PRIM_RESULT(mprotect(base, size, PROT_READ | PROT_WRITE));
}

int mim_prim_purge(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit) {
  *needs_commit = false;
#if defined(MADV_FREE)
  if (how == MIM_PURGE_RESET) { PRIM_RESULT(madvise(base, size, MADV_FREE)); }
#endif
  const int saved_errno = errno;
  int error = (madvise(base, size, MADV_DONTNEED) == 0 ? 0 : errno);
  if (error == 0 && !memory_overcommits) {
    /* Without overcommit a private mapping is charged until it loses write access. */
    *needs_commit = (mprotect(base, size, PROT_NONE) == 0);
  }
  errno = saved_errno;
  return error;
}

int mim_prim_protect(void* base, size_t size, bool is_accessible) {
  PRIM_RESULT(mprotect(base, size, is_accessible ? PROT_READ | PROT_WRITE : PROT_NONE));
}

int mim_prim_advise_huge(void* base, size_t size, bool wanted) {
  PRIM_RESULT(madvise(base, size, wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE));
}

int mim_prim_populate(void* base, size_t size) {
  PRIM_RESULT(madvise(base, size, MADV_POPULATE_WRITE));
}

int mim_prim_move(void* from, void* to, size_t size) {
  const int saved_errno = errno;
  const int flags = MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP;
  void* const p = mremap(from, size, size, flags, to);
  const int error = (p == MAP_FAILED ? errno : 0);
  /* qemu-user takes the old range for unmapped, and without this faults on its next use. */
  if (error == 0) { (void)mprotect(from, size, PROT_READ | PROT_WRITE); }
  errno = saved_errno;
  return error;
}
