/* cxx_new.h - what operator new does when there is no memory, without a C++ compiler. */
#ifndef MIM_API_CXX_NEW_H
#define MIM_API_CXX_NEW_H

#include "heap/theap.h"

/* C++ [new.delete.single]: calls the new-handler until it frees memory, throws, or is not there;
 * then throws std::bad_alloc, or, if is_nothrow or in a program without C++, returns NULL (and
 * aborts where NULL is not allowed). */
void* mim_new_in(mim_theap_t* theap, size_t size, bool is_nothrow);
void* mim_new_aligned(size_t size, size_t alignment, bool is_nothrow);
void* mim_new_n_in(mim_theap_t* theap, size_t count, size_t size);
MIM_COLD void* mim_new_failed(mim_theap_t* theap, size_t size, size_t alignment, bool is_nothrow);

/* Of the program's C++ runtime, in override_cxx_runtime.c: calls its new handler, if it has one;
 * throws std::bad_alloc, if it can. */
bool mim_cxx_call_new_handler(size_t size);
void mim_cxx_throw_bad_alloc(void);

#endif
