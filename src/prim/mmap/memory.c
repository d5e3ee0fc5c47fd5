/* memory.c - virtual memory by mmap, as every Unix has it: the advice that Linux gives memory back
 * by (MADV_DONTNEED) is only advice elsewhere, so memory is given back by mapping new memory over
 * it, which is one step for other threads.
 *
 * Where a mapping needs swap for all of it (mim_mmap_rules), it has no access until it is
 * committed, and needs none. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/config.h"
#include "prim/mmap/mmap.h"
#include "prim/prim.h"
#include "prim/unix/unix.h"

enum { ACCESS = PROT_READ | PROT_WRITE };

void mim_prim_memory_config(mim_prim_config_t* config) {
  const int saved_errno = errno;
  const long page_size = sysconf(_SC_PAGESIZE);
  struct rlimit limit;
  *config = (mim_prim_config_t){
    .page_size = page_size > 0 ? (size_t)page_size : 4096,
    .overcommits = mim_mmap_rules.overcommits,
    .can_release_part = true,
  };
  config->reserve_align = config->page_size;
  if (mim_mmap_rules.limit >= 0 && getrlimit(mim_mmap_rules.limit, &limit) == 0 &&
      limit.rlim_cur < SIZE_MAX) {
    config->address_limit = (size_t)limit.rlim_cur;
  }
  errno = saved_errno;
}

/* errno is left to the caller. */
static int map(void* hint, size_t size, int access, int fixed, void** base) {
  const int flags = MAP_PRIVATE | MAP_ANON | mim_mmap_rules.flags | fixed;
  void* const p = mmap(hint, size, access, flags, mim_mmap_rules.file, 0);
  *base = (p == MAP_FAILED ? NULL : p);
  return p == MAP_FAILED ? errno : 0;
}

int mim_prim_reserve(size_t size, mim_prim_wish_t* wish, bool commit, void** base) {
  (void)wish;
  const int saved_errno = errno;
  const bool is_open = commit || mim_mmap_rules.overcommits;
  const int error = map(NULL, size, is_open ? ACCESS : PROT_NONE, 0, base);
  errno = saved_errno;
  return error;
}

int mim_prim_release(void* base, size_t size) { PRIM_RESULT(munmap(base, size)); }

int mim_prim_commit(void* base, size_t size) {
  if (mim_mmap_rules.overcommits) { return 0; }
  PRIM_RESULT(mprotect(base, size, ACCESS));
}

int mim_prim_purge(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit) {
  *needs_commit = false;
#if defined(MADV_FREE)
  if (how == MIM_PURGE_RESET) { PRIM_RESULT(madvise(base, size, MADV_FREE)); }
#else
  if (how == MIM_PURGE_RESET) { return 0; }
#endif
  const int saved_errno = errno;
  const bool is_open = mim_mmap_rules.overcommits;
  void* again;
  const int error = map(base, size, is_open ? ACCESS : PROT_NONE, MAP_FIXED, &again);
  *needs_commit = (error == 0 && !is_open);
  errno = saved_errno;
  return error;
}

int mim_prim_protect(void* base, size_t size, bool is_accessible) {
  PRIM_RESULT(mprotect(base, size, is_accessible ? ACCESS : PROT_NONE));
}
