/* mi_posix.c - mi_*: the forms of POSIX, the BSDs and Windows.  Contracts: include/mimalloc.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "alloc/alloc.h"
#include "base/bits.h"
#include "heap/theap.h"
#include "mimalloc.h"
#include "os/os.h"

MIM_EXPORT size_t mi_malloc_size(const void* p) { return mim_usable_size(p); }
MIM_EXPORT size_t mi_malloc_usable_size(const void* p) { return mim_usable_size(p); }
MIM_EXPORT size_t mi_malloc_good_size(size_t size) { return mim_good_size(size); }

MIM_EXPORT bool mi_cfree(void* p) {
  const bool is_ours = mim_page_of(p) != mim_page_none();
  if (is_ours) { mim_free(p); }
  return is_ours;
}

MIM_EXPORT void* mi__expand(void* p, size_t size) {
  void* const same = mim_expand(p, size);
  if (same == NULL) { errno = ENOMEM; }
  return same;
}

/* POSIX: errno is not set; *p is unchanged on failure. */
MIM_EXPORT int mi_posix_memalign(void** p, size_t alignment, size_t size) {
  if (p == NULL || alignment % sizeof(void*) != 0 || !mim_is_power_of_two(alignment)) {
    return EINVAL;
  }
  const int saved_errno = errno;
  void* const block = mim_malloc_aligned(size, alignment, 0, false);
  errno = saved_errno;
  if (block == NULL) { return ENOMEM; }
  *p = block;
  return 0;
}

MIM_EXPORT void* mi_memalign(size_t alignment, size_t size) {
  return mim_malloc_aligned(size, alignment, 0, false);
}

MIM_EXPORT void* mi_aligned_alloc(size_t alignment, size_t size) {
  return mim_malloc_aligned(size, alignment, 0, false);
}

MIM_EXPORT void* mi_valloc(size_t size) {
  return mim_malloc_aligned(size, mim_os_config()->page_size, 0, false);
}

MIM_EXPORT void* mi_pvalloc(size_t size) {
  const size_t page_size = mim_os_config()->page_size;
  if (size > MIM_SIZE_MAX - page_size) { return mim_out_of_memory(size); }
  return mim_malloc_aligned(mim_align_up(mim_max(size, 1), page_size), page_size, 0, false);
}

MIM_EXPORT void* mi_reallocarray(void* p, size_t count, size_t size) {
  return mim_reallocn(p, count, size, false);
}

/* NetBSD: 0 or an error code; *p is unchanged on failure. */
MIM_EXPORT int mi_reallocarr(void* pointer_to_p, size_t count, size_t size) {
  if (pointer_to_p == NULL) { return EINVAL; }
  void* p;
  memcpy(&p, pointer_to_p, sizeof(p));
  const int saved_errno = errno;
  void* const fresh = mim_reallocn(p, count, size, false);
  errno = saved_errno;
  if (fresh == NULL) { return ENOMEM; }
  memcpy(pointer_to_p, &fresh, sizeof(fresh));
  return 0;
}

MIM_EXPORT wchar_t* mi_wcsdup(const wchar_t* s) {
  if (s == NULL) { return NULL; }
  const size_t count = wcslen(s) + 1;
  wchar_t* const copy = mim_mallocn(count, sizeof(wchar_t));
  if (copy != NULL) { memcpy(copy, s, count * sizeof(wchar_t)); }
  return copy;
}

MIM_EXPORT unsigned char* mi_mbsdup(const unsigned char* s) {
  return (unsigned char*)mim_strdup((const char*)s);
}

/* The size counts the closing 0; a name that does not exist gives NULL and 0, and no error. */
MIM_EXPORT int mi_dupenv_s(char** buffer, size_t* size, const char* name) {
  if (buffer == NULL || name == NULL) { return EINVAL; }
  if (size != NULL) { *size = 0; }
  const char* const value = getenv(name);
  *buffer = mim_strdup(value);
  if (value == NULL) { return 0; }
  if (*buffer == NULL) { return ENOMEM; }
  if (size != NULL) { *size = strlen(value) + 1; }
  return 0;
}

MIM_EXPORT int mi_wdupenv_s(wchar_t** buffer, size_t* size, const wchar_t* name) {
  if (buffer == NULL || name == NULL) { return EINVAL; }
  *buffer = NULL;
  if (size != NULL) { *size = 0; }
  const wchar_t* value;
  if (mim_prim_wide_variable(name, &value) != 0) { return EINVAL; }
  if (value == NULL) { return 0; }
  *buffer = mi_wcsdup(value);
  if (*buffer == NULL) { return ENOMEM; }
  if (size != NULL) { *size = wcslen(value) + 1; }
  return 0;
}

MIM_EXPORT char* mi_realpath(const char* path, char* resolved) {
  if (resolved != NULL) { return mim_prim_real_path(path, resolved) ? resolved : NULL; }
  char buffer[MIM_PRIM_PATH_MAX];
  return mim_prim_real_path(path, buffer) ? mim_strdup(buffer) : NULL;
}
