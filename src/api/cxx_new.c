/* cxx_new.c - see cxx_new.h. */
#include "api/cxx_new.h"

#include <stdlib.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "base/bits.h"
#include "diag/message.h"

void* mim_new_failed(mim_theap_t* theap, size_t size, size_t alignment, bool is_nothrow) {
  while (mim_cxx_call_new_handler(size)) {
    void* const p = mim_malloc_aligned_in(theap, size, alignment, 0, false);
    if (p != NULL) { return p; }
  }
  if (is_nothrow) { return NULL; }
  mim_cxx_throw_bad_alloc();
  mim_print_to(NULL, NULL,
               "mimalloc: error: operator new found no memory for %zu bytes, and no C++ "
               "runtime to throw std::bad_alloc: the program ends\n",
               size);
  abort();
}

void* mim_new_in(mim_theap_t* theap, size_t size, bool is_nothrow) {
  void* const p = mim_malloc_in(theap, size, false);
  return mim_likely(p != NULL) ? p : mim_new_failed(theap, size, 1, is_nothrow);
}

void* mim_new_aligned(size_t size, size_t alignment, bool is_nothrow) {
  void* const p = mim_malloc_aligned(size, alignment, 0, false);
  return mim_likely(p != NULL) ? p : mim_new_failed(mim_theap_self, size, alignment, is_nothrow);
}

void* mim_new_n_in(mim_theap_t* theap, size_t count, size_t size) {
  size_t total;
  if (!mim_multiply(count, size, &total)) { return mim_new_failed(theap, SIZE_MAX, 1, false); }
  return mim_new_in(theap, total, false);
}
