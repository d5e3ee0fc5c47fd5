/* mman.h - POSIX: mappings; MAP_ANON is in POSIX since 2024, and everywhere before. */
#ifndef MIM_STUB_POSIX_SYS_MMAN_H
#define MIM_STUB_POSIX_SYS_MMAN_H

#include <sys/types.h>

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2 };
#define MAP_PRIVATE 2
#define MAP_FIXED 16
#define MAP_ANON 32
#define MAP_ANONYMOUS MAP_ANON
#define MAP_FAILED ((void*)-1)
void* mmap(void* hint, size_t size, int access, int flags, int file, off_t offset);
int munmap(void* base, size_t size);
int mprotect(void* base, size_t size, int access);
#include <sys/mman_extras.h>

#endif
