/* mi_new.c - mi_new*: allocation with the rules of C++.  Contracts: include/mimalloc.h. */
#include "alloc/alloc.h"
#include "api/cxx_new.h"
#include "base/bits.h"
#include "mimalloc.h"

MIM_EXPORT void* mi_new(size_t size) { return mim_new(size, false); }
MIM_EXPORT void* mi_new_nothrow(size_t size) { return mim_new(size, true); }

MIM_EXPORT void* mi_new_aligned(size_t size, size_t alignment) {
  return mim_new_aligned(size, alignment, false);
}

MIM_EXPORT void* mi_new_aligned_nothrow(size_t size, size_t alignment) {
  return mim_new_aligned(size, alignment, true);
}

MIM_EXPORT void* mi_new_n(size_t count, size_t size) {
  size_t total;
  if (!mim_multiply(count, size, &total)) { return mim_new_failed(SIZE_MAX, 1, false); }
  return mim_new(total, false);
}

static void* realloc_or_throw(void* p, size_t size) {
  void* fresh = mim_realloc(p, size, false);
  while (fresh == NULL) {
    /* The handler frees memory, or throws: what new gets then is only the sign to try again. */
    mim_free(mim_new_failed(size, 1, false));
    fresh = mim_realloc(p, size, false);
  }
  return fresh;
}

MIM_EXPORT void* mi_new_realloc(void* p, size_t size) { return realloc_or_throw(p, size); }

MIM_EXPORT void* mi_new_reallocn(void* p, size_t count, size_t size) {
  size_t total;
  if (!mim_multiply(count, size, &total)) { return mim_new_failed(SIZE_MAX, 1, false); }
  return realloc_or_throw(p, total);
}
