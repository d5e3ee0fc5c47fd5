/* mman_extras.h - Android: madvise and mremap of Linux. */
#ifndef MIM_STUB_ANDROID_SYS_MMAN_EXTRAS_H
#define MIM_STUB_ANDROID_SYS_MMAN_EXTRAS_H

#define MAP_NORESERVE 0x4000
#define MADV_DONTNEED 4
#define MADV_FREE 8
#define MADV_HUGEPAGE 14
#define MADV_NOHUGEPAGE 15
#define MREMAP_MAYMOVE 1
#define MREMAP_FIXED 2
int madvise(void* base, size_t size, int advice);
void* mremap(void* from, size_t size, size_t new_size, int flags, ...);

#endif
