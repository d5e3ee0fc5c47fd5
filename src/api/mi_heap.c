/* mi_heap.c - mi_heap_*: first-class heaps.  Contracts: include/mimalloc.h. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdlib.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "api/handle.h"
#include "base/assert.h"
#include "diag/message.h"

/* ---- the life of a heap ---- */

MIM_EXPORT mi_heap_t* mi_heap_new(void) {
  mim_heap_t* const heap = mim_heap_new(mim_subproc_current(), NULL);
  return heap != NULL ? mim_heap_handle(heap) : mim_out_of_memory(0);
}

MIM_EXPORT mi_heap_t* mi_heap_new_in_arena(mi_arena_id_t arena) {
  if (arena != NULL && !mim_arena_is_known(arena)) {
    mim_error(EINVAL, true, "mi_heap_new_in_arena: there is no arena %p", arena);
    errno = EINVAL;
    return NULL;
  }
  mim_heap_t* const heap = mim_heap_new(mim_subproc_current(), arena);
  return heap != NULL ? mim_heap_handle(heap) : mim_out_of_memory(0);
}

/* Arguments that a caller may give are of no meaning here. */
MIM_EXPORT mi_heap_t* mi_heap_new_qsbr(void) {
  mim_heap_t* const heap = mim_heap_new(mim_subproc_current(), NULL);
  if (heap == NULL) { return mim_out_of_memory(0); }
  mim_heap_keep_empty_pages(heap);
  return mim_heap_handle(heap);
}

/* The main heap of a sub-process ends with that. */
static bool can_end(mi_heap_t* handle, const char* what) {
  const mim_heap_t* const heap = mim_heap_from(handle);
  if (heap == NULL || !mim_heap_check(heap, what)) { return false; }
  if (heap != heap->subproc->main) { return true; }
  mim_error(EINVAL, true, "%s of the main heap, which has no end: ignored", what);
  return false;
}

MIM_EXPORT void mi_heap_delete(mi_heap_t* heap) {
  if (can_end(heap, "mi_heap_delete")) { mim_heap_delete(mim_heap_from(heap)); }
}

MIM_EXPORT void mi_heap_destroy(mi_heap_t* handle) {
  if (!can_end(handle, "mi_heap_destroy")) { return; }
  mim_heap_t* const heap = mim_heap_from(handle);
  if (heap->is_only_deleted) {
    mim_heap_delete(heap);
  } else {
    mim_heap_destroy(heap);
  }
}

MIM_EXPORT void mi_heap_collect(mi_heap_t* heap, bool force) {
  if (heap == NULL) { return; }
  mim_theap_t* const theap = mim_theap_own(mim_heap_from(heap));
  if (theap != NULL) { mim_theap_collect(theap, force); }
  if (force) { mim_heap_release_kept(mim_heap_from(heap)); }
}

MIM_EXPORT void mi_heap_set_numa_affinity(mi_heap_t* heap, int numa_node) {
  if (heap != NULL) { mim_heap_set_numa_node(mim_heap_from(heap), numa_node); }
}

MIM_EXPORT void mi_heap_set_debug_fill_preserve(mi_heap_t* heap, size_t preserve) {
  if (heap != NULL) { mim_heap_from(heap)->fill_preserve = preserve; }
}

MIM_EXPORT mi_heap_t* mi_heap_main(void) { return mim_heap_handle(mim_subproc_current()->main); }

MIM_EXPORT mi_heap_t* mi_heap_of(const void* p) {
  const mim_page_t* const page = mim_page_of(p);
  return page == mim_page_none() ? NULL : mim_heap_handle(mim_heap_of_page(page));
}

MIM_EXPORT bool mi_heap_contains(const mi_heap_t* heap, const void* p) {
  return heap != NULL && mi_heap_of(p) == heap;
}

MIM_EXPORT mi_theap_t* mi_heap_theap(mi_heap_t* heap) {
  mim_theap_t* const theap = mim_in(heap);
  return theap == &mim_theap_failed ? NULL : mim_theap_handle(theap);
}

/* ---- allocation ---- */

/* NULL if it takes more than the page at hand. */
MIM_INLINE void* heap_malloc_at_hand(mi_heap_t* handle, size_t size, bool zero) {
  const mim_heap_t* const heap = mim_heap_from(handle);
  if (MIM_CHECKED) { mim_heap_check(heap, "allocation"); }
  if (mim_unlikely(size > MIM_SMALL_MAX || !mim_theap_is_first(heap))) { return NULL; }
  return mim_malloc_at_hand(mim_theap_first(heap), size, zero);
}

/* All but the usual case, apart: with the same arguments, so that they stay where they are. */
static MIM_NOINLINE void* heap_malloc_slow(mi_heap_t* heap, size_t size) {
  return mim_malloc_in(mim_in(heap), size, false);
}

static MIM_NOINLINE void* heap_zalloc_slow(mi_heap_t* heap, size_t size) {
  return mim_malloc_in(mim_in(heap), size, true);
}

MIM_HOT MIM_EXPORT void* mi_heap_malloc(mi_heap_t* heap, size_t size) {
  void* const p = heap_malloc_at_hand(heap, size, false);
  return mim_likely(p != NULL) ? p : heap_malloc_slow(heap, size);
}
MIM_EXPORT void* mi_heap_zalloc(mi_heap_t* heap, size_t size) {
  void* const p = heap_malloc_at_hand(heap, size, true);
  return mim_likely(p != NULL) ? p : heap_zalloc_slow(heap, size);
}
MIM_EXPORT void* mi_heap_calloc(mi_heap_t* heap, size_t count, size_t size) {
  return mim_calloc_in(mim_in(heap), count, size);
}
MIM_EXPORT void* mi_heap_mallocn(mi_heap_t* heap, size_t count, size_t size) {
  return mim_mallocn_in(mim_in(heap), count, size);
}
MIM_EXPORT void* mi_heap_malloc_small(mi_heap_t* heap, size_t size) {
  mim_assert(size <= MI_SMALL_SIZE_MAX);
  return mim_malloc_small(mim_in(heap), size, false);
}
MIM_EXPORT void* mi_heap_zalloc_small(mi_heap_t* heap, size_t size) {
  mim_assert(size <= MI_SMALL_SIZE_MAX);
  return mim_malloc_small(mim_in(heap), size, true);
}

MIM_EXPORT void* mi_heap_realloc(mi_heap_t* heap, void* p, size_t size) {
  return mim_realloc_in(mim_in(heap), p, size, false);
}
MIM_EXPORT void* mi_heap_reallocn(mi_heap_t* heap, void* p, size_t count, size_t size) {
  return mim_reallocn_in(mim_in(heap), p, count, size, false);
}
MIM_EXPORT void* mi_heap_reallocf(mi_heap_t* heap, void* p, size_t size) {
  void* const fresh = mim_realloc_in(mim_in(heap), p, size, false);
  if (fresh == NULL) { mim_free(p); }
  return fresh;
}
MIM_EXPORT void* mi_heap_rezalloc(mi_heap_t* heap, void* p, size_t size) {
  return mim_realloc_in(mim_in(heap), p, size, true);
}
MIM_EXPORT void* mi_heap_recalloc(mi_heap_t* heap, void* p, size_t count, size_t size) {
  return mim_reallocn_in(mim_in(heap), p, count, size, true);
}

MIM_EXPORT char* mi_heap_strdup(mi_heap_t* heap, const char* s) {
  return mim_strdup_in(mim_in(heap), s);
}
MIM_EXPORT char* mi_heap_strndup(mi_heap_t* heap, const char* s, size_t n) {
  return mim_strndup_in(mim_in(heap), s, n);
}
MIM_EXPORT char* mi_heap_realpath(mi_heap_t* heap, const char* path, char* resolved) {
  if (resolved != NULL) { return mim_prim_real_path(path, resolved) ? resolved : NULL; }
  char buffer[MIM_PRIM_PATH_MAX];
  return mim_prim_real_path(path, buffer) ? mim_strdup_in(mim_in(heap), buffer) : NULL;
}

/* ---- aligned ---- */

MIM_EXPORT void* mi_heap_malloc_aligned(mi_heap_t* heap, size_t size, size_t alignment) {
  return mim_malloc_aligned_in(mim_in(heap), size, alignment, 0, false);
}
MIM_EXPORT void* mi_heap_malloc_aligned_at(mi_heap_t* heap, size_t size, size_t alignment,
                                           size_t offset) {
  return mim_malloc_aligned_in(mim_in(heap), size, alignment, offset, false);
}
MIM_EXPORT void* mi_heap_zalloc_aligned(mi_heap_t* heap, size_t size, size_t alignment) {
  return mim_malloc_aligned_in(mim_in(heap), size, alignment, 0, true);
}
MIM_EXPORT void* mi_heap_zalloc_aligned_at(mi_heap_t* heap, size_t size, size_t alignment,
                                           size_t offset) {
  return mim_malloc_aligned_in(mim_in(heap), size, alignment, offset, true);
}
MIM_EXPORT void* mi_heap_calloc_aligned(mi_heap_t* heap, size_t count, size_t size,
                                        size_t alignment) {
  return mim_calloc_aligned_in(mim_in(heap), count, size, alignment, 0);
}
MIM_EXPORT void* mi_heap_calloc_aligned_at(mi_heap_t* heap, size_t count, size_t size,
                                           size_t alignment, size_t offset) {
  return mim_calloc_aligned_in(mim_in(heap), count, size, alignment, offset);
}
MIM_EXPORT void* mi_heap_realloc_aligned(mi_heap_t* heap, void* p, size_t size, size_t alignment) {
  return mim_realloc_aligned_in(mim_in(heap), p, size, alignment, 0, false);
}
MIM_EXPORT void* mi_heap_realloc_aligned_at(mi_heap_t* heap, void* p, size_t size, size_t alignment,
                                            size_t offset) {
  return mim_realloc_aligned_in(mim_in(heap), p, size, alignment, offset, false);
}
MIM_EXPORT void* mi_heap_rezalloc_aligned(mi_heap_t* heap, void* p, size_t size, size_t alignment) {
  return mim_realloc_aligned_in(mim_in(heap), p, size, alignment, 0, true);
}
MIM_EXPORT void* mi_heap_rezalloc_aligned_at(mi_heap_t* heap, void* p, size_t size,
                                             size_t alignment, size_t offset) {
  return mim_realloc_aligned_in(mim_in(heap), p, size, alignment, offset, true);
}
MIM_EXPORT void* mi_heap_recalloc_aligned(mi_heap_t* heap, void* p, size_t count, size_t size,
                                          size_t alignment) {
  return mim_recalloc_aligned_in(mim_in(heap), p, count, size, alignment, 0);
}
MIM_EXPORT void* mi_heap_recalloc_aligned_at(mi_heap_t* heap, void* p, size_t count, size_t size,
                                             size_t alignment, size_t offset) {
  return mim_recalloc_aligned_in(mim_in(heap), p, count, size, alignment, offset);
}
