/* random.h - macOS: getentropy(2). */
#ifndef MIM_STUB_MACOS_SYS_RANDOM_H
#define MIM_STUB_MACOS_SYS_RANDOM_H

#include <stddef.h>

int getentropy(void* buffer, size_t size);

#endif
