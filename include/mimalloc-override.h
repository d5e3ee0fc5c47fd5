/* mimalloc-override.h - lets one source file call this allocator under the names it already uses.
 *
 * Include it after all other headers (they declare the names that are macros from here on) and in
 * every file that touches the same memory: a block of one allocator must not be freed by another.
 * A library that returns memory for the program's `free`, getline(3) for one, still uses the C
 * library's malloc; where such blocks are freed, preload or link the shared library instead.
 */
#pragma once
#ifndef MIMALLOC_OVERRIDE_H
#define MIMALLOC_OVERRIDE_H

#include "mimalloc.h"

/* ISO C and POSIX */
#define malloc(size) mi_malloc(size)
#define calloc(count, size) mi_calloc(count, size)
#define realloc(p, size) mi_realloc(p, size)
#define free(p) mi_free(p)
#define aligned_alloc(alignment, size) mi_aligned_alloc(alignment, size)
#define posix_memalign(p, alignment, size) mi_posix_memalign(p, alignment, size)
#define strdup(s) mi_strdup(s)
#define strndup(s, n) mi_strndup(s, n)
#define realpath(path, resolved) mi_realpath(path, resolved)

/* glibc, the BSDs, macOS */
#define cfree(p) mi_free(p)
#define memalign(alignment, size) mi_memalign(alignment, size)
#define valloc(size) mi_valloc(size)
#define pvalloc(size) mi_pvalloc(size)
#define reallocarray(p, count, size) mi_reallocarray(p, count, size)
#define reallocarr(ptrp, count, size) mi_reallocarr(ptrp, count, size)
#define reallocf(p, size) mi_reallocf(p, size)
#define malloc_size(p) mi_usable_size(p)
#define malloc_usable_size(p) mi_usable_size(p)
#define malloc_good_size(size) mi_malloc_good_size(size)

/* Microsoft C runtime */
#define _expand(p, size) mi_expand(p, size)
#define _msize(p) mi_usable_size(p)
#define _recalloc(p, count, size) mi_recalloc(p, count, size)
#define _strdup(s) mi_strdup(s)
#define _strndup(s, n) mi_strndup(s, n)
#define _wcsdup(s) mi_wcsdup(s)
#define _mbsdup(s) mi_mbsdup(s)
#define _dupenv_s(buf, size, name) mi_dupenv_s(buf, size, name)
#define _wdupenv_s(buf, size, name) mi_wdupenv_s(buf, size, name)
#define _posix_memalign(p, alignment, size) mi_posix_memalign(p, alignment, size)
#define _aligned_malloc(size, alignment) mi_malloc_aligned(size, alignment)
#define _aligned_realloc(p, size, alignment) mi_realloc_aligned(p, size, alignment)
#define _aligned_recalloc(p, count, size, alignment) mi_aligned_recalloc(p, count, size, alignment)
#define _aligned_msize(p, alignment, offset) mi_usable_size(p)
#define _aligned_free(p) mi_free(p)
#define _aligned_offset_malloc(size, alignment, offset) \
  mi_malloc_aligned_at(size, alignment, offset)
#define _aligned_offset_realloc(p, size, alignment, offset) \
  mi_realloc_aligned_at(p, size, alignment, offset)
#define _aligned_offset_recalloc(p, count, size, alignment, offset) \
  mi_recalloc_aligned_at(p, count, size, alignment, offset)

#endif /* MIMALLOC_OVERRIDE_H */
