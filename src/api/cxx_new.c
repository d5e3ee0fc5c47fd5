/* cxx_new.c - see cxx_new.h.  The C++ runtime is found by weak references: in a C program they are
 * NULL, and nobody calls operator new. */
#include "api/cxx_new.h"

#include <stdlib.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "base/bits.h"
#include "diag/message.h"

typedef void new_handler_t(void);

MIM_WEAK extern new_handler_t* _ZSt15get_new_handlerv(void);
MIM_WEAK extern void _ZSt17__throw_bad_allocv(void);

static new_handler_t* get_new_handler(void) {
  return _ZSt15get_new_handlerv != NULL ? _ZSt15get_new_handlerv() : NULL;
}
static void throw_bad_alloc(void) {
  if (_ZSt17__throw_bad_allocv != NULL) { _ZSt17__throw_bad_allocv(); }
}

void* mim_new_failed(mim_theap_t* theap, size_t size, size_t alignment, bool is_nothrow) {
  for (new_handler_t* handler; (handler = get_new_handler()) != NULL;) {
    handler();
    void* const p = mim_malloc_aligned_in(theap, size, alignment, 0, false);
    if (p != NULL) { return p; }
  }
  if (is_nothrow) { return NULL; }
  throw_bad_alloc();
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
