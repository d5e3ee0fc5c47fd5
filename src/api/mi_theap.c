/* mi_theap.c - mi_theap_*: the calling thread's part of a heap.  Contracts: include/mimalloc.h. */
#include <errno.h>
#include <stdlib.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "api/handle.h"
#include "base/assert.h"
#include "diag/message.h"

/* Those that stand for none are anybody's. */
mim_theap_t* mim_theap_checked(mi_theap_t* handle) {
  mim_theap_t* const theap = mim_theap_from(handle);
  if (theap != NULL && (theap->kind != MIM_THEAP_LIVE || mim_is_this_thread(theap->thread_id))) {
    return theap;
  }
  mim_error(EINVAL, true, "allocation: theap %p is not of the calling thread", (void*)theap);
  abort();
}

MIM_EXPORT mi_theap_t* mi_theap_get_default(void) {
  mim_theap_t* const theap = mim_theap_get();
  return mim_theap_handle(theap);
}

MIM_EXPORT mi_theap_t* mi_theap_set_default(mi_theap_t* theap) {
  mim_theap_t* const before = mim_theap_get();
  if (theap != NULL) { mim_theap_set_self(mim_theap_from(theap)); }
  return mim_theap_handle(before);
}

/* Those that stand for threads without a thread heap are shared. */
static mim_theap_t* guardable(mi_theap_t* handle) {
  mim_theap_t* const theap = handle == NULL ? NULL : mim_theap_from(handle);
  return theap != NULL && theap->kind == MIM_THEAP_LIVE ? theap : NULL;
}

MIM_EXPORT void mi_theap_collect(mi_theap_t* theap, bool force) {
  if (theap != NULL) { mim_theap_collect(mim_theap_from(theap), force); }
}

MIM_EXPORT void mi_theap_quiescent_abandon(mi_theap_t* theap) {
  if (theap != NULL) { mim_theap_abandon(mim_theap_from(theap)); }
}

/* That of the main heap ends with its thread: it only gives up its pages. */
MIM_EXPORT void mi_theap_delete(mi_theap_t* handle) {
  mim_theap_t* const theap = mim_theap_from(handle);
  if (theap == NULL) { return; }
  if (mim_heap_is_main(theap->heap)) {
    mim_theap_abandon(theap);
  } else {
    mim_theap_end_own(theap->heap);
  }
}

/* ---- guard pages ---- */

MIM_EXPORT void mi_theap_guarded_set_sample_rate(mi_theap_t* theap, size_t sample_rate,
                                                 size_t seed) {
  mim_theap_t* const usable = guardable(theap);
  if (usable != NULL) { mim_watch_set_guard_rate(usable, sample_rate, seed); }
}

MIM_EXPORT void mi_theap_guarded_set_size_bound(mi_theap_t* theap, size_t min, size_t max) {
  mim_theap_t* const usable = guardable(theap);
  if (usable != NULL) { mim_watch_set_guard_bounds(usable, min, max); }
}

/* ---- allocation ---- */

MIM_EXPORT void* mi_theap_malloc(mi_theap_t* theap, size_t size) {
  return mim_malloc_in(mim_theap_arg(theap), size, false);
}
MIM_EXPORT void* mi_theap_zalloc(mi_theap_t* theap, size_t size) {
  return mim_malloc_in(mim_theap_arg(theap), size, true);
}
MIM_EXPORT void* mi_theap_calloc(mi_theap_t* theap, size_t count, size_t size) {
  return mim_calloc_in(mim_theap_arg(theap), count, size);
}
MIM_EXPORT void* mi_theap_malloc_small(mi_theap_t* theap, size_t size) {
  mim_assert(size <= MI_SMALL_SIZE_MAX);
  return mim_malloc_small(mim_theap_arg(theap), size, false);
}
MIM_EXPORT void* mi_theap_zalloc_small(mi_theap_t* theap, size_t size) {
  mim_assert(size <= MI_SMALL_SIZE_MAX);
  return mim_malloc_small(mim_theap_arg(theap), size, true);
}
MIM_EXPORT void* mi_theap_wmalloc_small(mi_theap_t* theap, size_t wsize) {
  return mi_theap_malloc_small(theap, wsize * sizeof(size_t));
}
MIM_EXPORT void* mi_theap_wzalloc_small(mi_theap_t* theap, size_t wsize) {
  return mi_theap_zalloc_small(theap, wsize * sizeof(size_t));
}
MIM_EXPORT void* mi_theap_malloc_aligned(mi_theap_t* theap, size_t size, size_t alignment) {
  return mim_malloc_aligned_in(mim_theap_arg(theap), size, alignment, 0, false);
}
MIM_EXPORT void* mi_theap_zalloc_aligned(mi_theap_t* theap, size_t size, size_t alignment) {
  return mim_malloc_aligned_in(mim_theap_arg(theap), size, alignment, 0, true);
}
MIM_EXPORT void* mi_theap_realloc(mi_theap_t* theap, void* p, size_t size) {
  return mim_realloc_in(mim_theap_arg(theap), p, size, false);
}
MIM_EXPORT void* mi_theap_rezalloc(mi_theap_t* theap, void* p, size_t size) {
  return mim_realloc_in(mim_theap_arg(theap), p, size, true);
}
