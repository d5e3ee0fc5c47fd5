/* mman_extras.h - openbsd: madvise(2). */
#ifndef MIM_STUB_OPENBSD_SYS_MMAN_EXTRAS_H
#define MIM_STUB_OPENBSD_SYS_MMAN_EXTRAS_H

#define MADV_FREE 6
int madvise(void* base, size_t size, int advice);

#endif
