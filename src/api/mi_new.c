/* mi_new.c - mi_new*: allocation with the rules of C++.  Contracts: include/mimalloc.h. */
#include "alloc/alloc.h"
#include "api/cxx_new.h"
#include "api/handle.h"
#include "base/bits.h"
#include "mimalloc.h"

MIM_EXPORT void* mi_new(size_t size) { return mim_new_in(mim_theap_self, size, false); }
MIM_EXPORT void* mi_new_nothrow(size_t size) { return mim_new_in(mim_theap_self, size, true); }

MIM_EXPORT void* mi_new_aligned(size_t size, size_t alignment) {
  return mim_new_aligned(size, alignment, false);
}

MIM_EXPORT void* mi_new_aligned_nothrow(size_t size, size_t alignment) {
  return mim_new_aligned(size, alignment, true);
}

MIM_EXPORT void* mi_new_n(size_t count, size_t size) {
  return mim_new_n_in(mim_theap_self, count, size);
}

static void* realloc_or_throw(void* p, size_t size) {
  void* fresh = mim_realloc(p, size, false);
  while (fresh == NULL) {
    /* The handler frees memory, or throws: what new gets then is only the sign to try again. */
    mim_free(mim_new_failed(mim_theap_self, size, 1, false));
    fresh = mim_realloc(p, size, false);
  }
  return fresh;
}

MIM_EXPORT void* mi_new_realloc(void* p, size_t size) { return realloc_or_throw(p, size); }

MIM_EXPORT void* mi_new_reallocn(void* p, size_t count, size_t size) {
  size_t total;
  if (!mim_multiply(count, size, &total)) {
    return mim_new_failed(mim_theap_self, SIZE_MAX, 1, false);
  }
  return realloc_or_throw(p, total);
}

/* ---- in a heap ---- */

MIM_EXPORT void* mi_heap_alloc_new(mi_heap_t* heap, size_t size) {
  return mim_new_in(mim_in(heap), size, false);
}
MIM_EXPORT void* mi_heap_alloc_new_n(mi_heap_t* heap, size_t count, size_t size) {
  return mim_new_n_in(mim_in(heap), count, size);
}
MIM_EXPORT void* mi_theap_alloc_new(mi_theap_t* theap, size_t size) {
  return mim_new_in(mim_theap_from(theap), size, false);
}
MIM_EXPORT void* mi_theap_alloc_new_n(mi_theap_t* theap, size_t count, size_t size) {
  return mim_new_n_in(mim_theap_from(theap), count, size);
}
MIM_EXPORT void* mi_theap_alloc_new_nothrow(mi_theap_t* theap, size_t size) {
  return mim_new_in(mim_theap_from(theap), size, true);
}
