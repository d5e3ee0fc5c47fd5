/* mman_extras.h - freebsd: madvise(2). */
#ifndef MIM_STUB_FREEBSD_SYS_MMAN_EXTRAS_H
#define MIM_STUB_FREEBSD_SYS_MMAN_EXTRAS_H

#define MADV_FREE 5
int madvise(void* base, size_t size, int advice);

#endif
