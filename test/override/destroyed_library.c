/* destroyed_library.c - a library that the program destroyed_main.c uses, and whose destructor runs
 * after that of the allocator: then all memory has gone back to the system (destroy_on_exit).
 *
 * A block of before must be gone, a free of it must do nothing, and new blocks must be good. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test/emulated.h"
#include "test/override/destroyed.h"

enum { NEW_BLOCKS = 3000 };

static void* old_blocks[DESTROYED_BLOCKS_MAX];
static size_t old_count;

void destroyed_keep(void* block) { old_blocks[old_count++] = block; }

/* _exit tells which check failed: stdio may use memory that is gone. */
static void check(int holds, int exit_code) {
  if (!holds) { _exit(exit_code); }
}

static int is_mapped(const void* p) {
  unsigned char is_resident;
  const uintptr_t page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
  void* const page = (void*)((uintptr_t)p & ~(page_size - 1));
  return mincore(page, 1, &is_resident) == 0 || errno != ENOMEM;
}

static void allocate_again(void) {
  static unsigned char* fresh[NEW_BLOCKS];
  for (size_t i = 0; i < NEW_BLOCKS; i++) {
    const size_t size = 16 + i * 7 % 2000;
    fresh[i] = malloc(size);
    check(fresh[i] != NULL, DESTROYED_NO_MEMORY);
    memset(fresh[i], (int)i, size);
  }
  for (size_t i = 0; i < NEW_BLOCKS; i++) {
    check(fresh[i][0] == (unsigned char)i, DESTROYED_CHANGED);
    check(fresh[i][15] == (unsigned char)i, DESTROYED_CHANGED);
    if (i % 2 == 0) { free(fresh[i]); }
  }
}

__attribute__((destructor)) static void use_memory_at_the_end(void) {
  check(old_count > 0, DESTROYED_NOTHING_KEPT);
  /* A 32-bit address space that is emulated is always mapped. */
  check(TEST_IS_EMULATED || !is_mapped(old_blocks[0]), DESTROYED_STILL_THERE);
  for (size_t i = 0; i < old_count; i++) { free(old_blocks[i]); }
  allocate_again();
  if (write(STDOUT_FILENO, DESTROYED_DONE, strlen(DESTROYED_DONE)) < 0) { _exit(3); }
}
