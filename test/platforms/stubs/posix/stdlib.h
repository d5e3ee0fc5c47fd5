/* stdlib.h - C and POSIX: memory, the end of the process, paths. */
#ifndef MIM_STUB_POSIX_STDLIB_H
#define MIM_STUB_POSIX_STDLIB_H

#include <stddef.h>

_Noreturn void abort(void);
_Noreturn void exit(int status);
void* malloc(size_t size);
void* calloc(size_t count, size_t size);
void* realloc(void* p, size_t size);
void free(void* p);
void* aligned_alloc(size_t alignment, size_t size);
int posix_memalign(void** p, size_t alignment, size_t size);
char* getenv(const char* name);
char* realpath(const char* path, char* resolved);

#endif
