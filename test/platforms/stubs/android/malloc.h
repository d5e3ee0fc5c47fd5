/* malloc.h - Android: nothing that the sources use. */
#ifndef MIM_STUB_ANDROID_MALLOC_H
#define MIM_STUB_ANDROID_MALLOC_H

#include <stddef.h>

#endif
