/* cxx_new.h - what operator new does when there is no memory, without a C++ compiler. */
#ifndef MIM_API_CXX_NEW_H
#define MIM_API_CXX_NEW_H

#include "base/compiler.h"

/* C++ [new.delete.single]: calls the new-handler until it frees memory, throws, or is not there;
 * then throws std::bad_alloc, or, if is_nothrow or in a program without C++, returns NULL (and
 * aborts where NULL is not allowed). */
void* mim_new(size_t size, bool is_nothrow);
void* mim_new_aligned(size_t size, size_t alignment, bool is_nothrow);
MIM_COLD void* mim_new_failed(size_t size, size_t alignment, bool is_nothrow);

#endif
