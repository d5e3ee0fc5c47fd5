/* stdlib.h - macOS: malloc(3) beside what C and POSIX have. */
#ifndef MIM_STUB_MACOS_STDLIB_H
#define MIM_STUB_MACOS_STDLIB_H

#include "../posix/stdlib.h"

void* valloc(size_t size);
void* reallocf(void* p, size_t size);

#endif
