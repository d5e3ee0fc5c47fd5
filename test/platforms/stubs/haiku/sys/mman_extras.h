/* mman_extras.h - Haiku: mappings without commitment; posix_madvise only. */
#ifndef MIM_STUB_HAIKU_SYS_MMAN_EXTRAS_H
#define MIM_STUB_HAIKU_SYS_MMAN_EXTRAS_H

#define MAP_NORESERVE 64

#endif
