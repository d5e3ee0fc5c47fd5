/* override.c - the malloc family of ELF systems, under its own names.
 *
 * Each is a function of its own, not a jump to mi_*: the fast path is inlined here once more. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "alloc/malloc_inline.h"
#include "base/bits.h"
#include "mimalloc.h"

#if MI_OVERRIDE && !defined(_WIN32) && !defined(__APPLE__)

/* Declared here and not by libc's headers, whose attributes differ from system to system. */
#define OVERRIDE(type, name, ...) \
  MIM_EXPORT type name(__VA_ARGS__); \
  MIM_EXPORT type name(__VA_ARGS__)
#define OVERRIDE_HOT(type, name, ...) MIM_HOT OVERRIDE(type, name, __VA_ARGS__)

OVERRIDE_HOT(void*, malloc, size_t size) { return mim_malloc(size); }
OVERRIDE_HOT(void*, calloc, size_t count, size_t size) { return mim_calloc(count, size); }
OVERRIDE_HOT(void*, realloc, void* p, size_t size) { return mim_realloc(p, size, false); }
OVERRIDE_HOT(void, free, void* p) { mim_free_inline(p); }
OVERRIDE(void, cfree, void* p) { mim_free_inline(p); }
OVERRIDE(void, vfree, void* p) { mim_free_inline(p); }

/* C23: what the caller knows of the block is not needed here. */
OVERRIDE(void, free_sized, void* p, size_t size) { mi_free_size(p, size); }
OVERRIDE(void, free_aligned_sized, void* p, size_t alignment, size_t size) {
  mi_free_size_aligned(p, size, alignment);
}

OVERRIDE(char*, strdup, const char* s) { return mim_strdup(s); }
OVERRIDE(char*, strndup, const char* s, size_t n) { return mim_strndup(s, n); }
OVERRIDE(void*, reallocf, void* p, size_t size) { return mi_reallocf(p, size); }
OVERRIDE(void*, reallocarray, void* p, size_t count, size_t size) {
  return mim_reallocn(p, count, size, false);
}
OVERRIDE(int, reallocarr, void* p, size_t count, size_t size) {
  return mi_reallocarr(p, count, size);
}

OVERRIDE(int, posix_memalign, void** p, size_t alignment, size_t size) {
  return mi_posix_memalign(p, alignment, size);
}
OVERRIDE(void*, memalign, size_t alignment, size_t size) { return mi_memalign(alignment, size); }
OVERRIDE(void*, aligned_alloc, size_t alignment, size_t size) {
  return mi_memalign(alignment, size);
}
OVERRIDE(void*, _aligned_malloc, size_t alignment, size_t size) {
  return mi_memalign(alignment, size);
}
OVERRIDE(void*, valloc, size_t size) { return mi_valloc(size); }
OVERRIDE(void*, pvalloc, size_t size) { return mi_pvalloc(size); }

OVERRIDE(size_t, malloc_size, const void* p) { return mim_usable_size(p); }
OVERRIDE(size_t, malloc_usable_size, void* p) { return mim_usable_size(p); }
OVERRIDE(size_t, malloc_good_size, size_t size) { return mim_good_size(size); }

/* WASI's C library has these in one object with malloc, and calls them itself. */
#if defined(__GLIBC__) || defined(__wasi__)
OVERRIDE(void*, __libc_malloc, size_t size) { return mim_malloc(size); }
OVERRIDE(void*, __libc_calloc, size_t count, size_t size) { return mim_calloc(count, size); }
OVERRIDE(void*, __libc_realloc, void* p, size_t size) { return mim_realloc(p, size, false); }
OVERRIDE(void, __libc_free, void* p) { mim_free_inline(p); }
#endif

#if defined(__GLIBC__)
OVERRIDE(void, __libc_cfree, void* p) { mim_free_inline(p); }
OVERRIDE(void*, __libc_memalign, size_t alignment, size_t size) {
  return mi_memalign(alignment, size);
}
OVERRIDE(void*, __libc_valloc, size_t size) { return mi_valloc(size); }
OVERRIDE(void*, __libc_pvalloc, size_t size) { return mi_pvalloc(size); }
OVERRIDE(int, __posix_memalign, void** p, size_t alignment, size_t size) {
  return mi_posix_memalign(p, alignment, size);
}
#endif

#endif

typedef int mim_override_t; /* ISO C forbids an empty file */
