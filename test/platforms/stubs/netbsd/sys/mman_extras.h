/* mman_extras.h - netbsd: madvise(2). */
#ifndef MIM_STUB_NETBSD_SYS_MMAN_EXTRAS_H
#define MIM_STUB_NETBSD_SYS_MMAN_EXTRAS_H

#define MADV_FREE 6
int madvise(void* base, size_t size, int advice);

#endif
