/* mman.h - mappings for the tests that make some, of memory that never goes back: WebAssembly has
 * no others. Nothing can be protected. */
#ifndef MIM_TEST_WASM_MMAN_H
#define MIM_TEST_WASM_MMAN_H

#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { PROT_NONE = 0, PROT_READ = 1, PROT_WRITE = 2 };
enum { MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20, MAP_NORESERVE = 0x40, MADV_DONTNEED = 4 };
#define MAP_FAILED ((void*)-1)

__attribute__((unused)) static void* mmap(void* hint, size_t size, int access, int flags, int file,
                                          long offset) {
  const uintptr_t page = 65536;
  (void)hint, (void)access, (void)flags, (void)file, (void)offset;
  const uintptr_t padding = -(uintptr_t)sbrk(0) & (page - 1);
  const size_t wanted = padding + ((size + page - 1) & ~(size_t)(page - 1));
  char* const p = wanted > INTPTR_MAX ? MAP_FAILED : sbrk((intptr_t)wanted);
  return p == MAP_FAILED ? MAP_FAILED : p + padding;
}

__attribute__((unused)) static int munmap(void* base, size_t size) {
  (void)base, (void)size;
  return 0;
}

__attribute__((unused)) static int mprotect(void* base, size_t size, int access) {
  (void)base, (void)size, (void)access;
  return 0;
}

__attribute__((unused)) static int madvise(void* base, size_t size, int advice) {
  (void)advice;
  memset(base, 0, size);
  return 0;
}

#endif
