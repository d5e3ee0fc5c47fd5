/* mman_extras.h - macOS: madvise(2). */
#ifndef MIM_STUB_MACOS_SYS_MMAN_EXTRAS_H
#define MIM_STUB_MACOS_SYS_MMAN_EXTRAS_H

#define MADV_FREE 5
int madvise(void* base, size_t size, int advice);

#endif
