/* alloc.h - what api/ offers under many names: allocate, free, resize.
 *
 * Every function that returns NULL has set errno to ENOMEM (EINVAL for an alignment that is none);
 * mim_free keeps errno.  All may be called from any thread, at any time of the process. */
#ifndef MIM_ALLOC_ALLOC_H
#define MIM_ALLOC_ALLOC_H

#include "heap/theap.h"

/* Sets errno, tells the error handler; NULL, for the caller to return. */
MIM_COLD void* mim_out_of_memory(size_t size);

/* Tells of a pointer that no block starts at; checked builds abort.  `act`: free or realloc. */
MIM_COLD void mim_report_invalid(const char* act, const void* p, bool is_ours);

void mim_free(void* p);

/* The size of the block from p to its end; 0 for NULL and for what is not ours. */
size_t mim_usable_size(const void* p);

/* Where it lies, or NULL. */
void* mim_expand(void* p, size_t size);

/* ---- in a heap: from the calling thread's thread heap of it (mim_theap_of_heap) ---- */

/* count * size bytes; NULL on overflow. */
void* mim_calloc_in(mim_theap_t* theap, size_t count, size_t size);
void* mim_mallocn_in(mim_theap_t* theap, size_t count, size_t size);

/* zero: what is new in the block is zero, if the block was allocated zeroed.  A block that moves,
 * moves into this heap. */
void* mim_realloc_in(mim_theap_t* theap, void* p, size_t size, bool zero);
void* mim_reallocn_in(mim_theap_t* theap, void* p, size_t count, size_t size, bool zero);

/* p + offset is a multiple of alignment, a power of two of any size. */
void* mim_malloc_aligned_in(mim_theap_t* theap, size_t size, size_t alignment, size_t offset,
                            bool zero);
void* mim_calloc_aligned_in(mim_theap_t* theap, size_t count, size_t size, size_t alignment,
                            size_t offset);
void* mim_realloc_aligned_in(mim_theap_t* theap, void* p, size_t size, size_t alignment,
                             size_t offset, bool zero);
void* mim_recalloc_aligned_in(mim_theap_t* theap, void* p, size_t count, size_t size,
                              size_t alignment, size_t offset);

char* mim_strdup_in(mim_theap_t* theap, const char* s);
char* mim_strndup_in(mim_theap_t* theap, const char* s, size_t n);

/* ---- where the thread allocates by default ---- */

MIM_INLINE void* mim_calloc(size_t count, size_t size) {
  return mim_calloc_in(mim_theap_self, count, size);
}
MIM_INLINE void* mim_mallocn(size_t count, size_t size) {
  return mim_mallocn_in(mim_theap_self, count, size);
}
MIM_INLINE void* mim_realloc(void* p, size_t size, bool zero) {
  return mim_realloc_in(mim_theap_self, p, size, zero);
}
MIM_INLINE void* mim_reallocn(void* p, size_t count, size_t size, bool zero) {
  return mim_reallocn_in(mim_theap_self, p, count, size, zero);
}
MIM_INLINE void* mim_malloc_aligned(size_t size, size_t alignment, size_t offset, bool zero) {
  return mim_malloc_aligned_in(mim_theap_self, size, alignment, offset, zero);
}
MIM_INLINE void* mim_calloc_aligned(size_t count, size_t size, size_t alignment, size_t offset) {
  return mim_calloc_aligned_in(mim_theap_self, count, size, alignment, offset);
}
MIM_INLINE void* mim_realloc_aligned(void* p, size_t size, size_t alignment, size_t offset,
                                     bool zero) {
  return mim_realloc_aligned_in(mim_theap_self, p, size, alignment, offset, zero);
}
MIM_INLINE char* mim_strdup(const char* s) { return mim_strdup_in(mim_theap_self, s); }
MIM_INLINE char* mim_strndup(const char* s, size_t n) {
  return mim_strndup_in(mim_theap_self, s, n);
}

#endif
