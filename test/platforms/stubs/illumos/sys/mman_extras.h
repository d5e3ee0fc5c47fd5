/* mman_extras.h - illumos: madvise(3C). */
#ifndef MIM_STUB_ILLUMOS_SYS_MMAN_EXTRAS_H
#define MIM_STUB_ILLUMOS_SYS_MMAN_EXTRAS_H

#define MADV_FREE 5
int madvise(void* base, size_t size, int advice);

#endif
