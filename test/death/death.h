/* death.h - what the misuse programs share.

   Each program says on stdout which address it is about to misuse ("address 0x..."), misuses it,
   and prints "alive" at its end if the allocator let it live and still works. run_death.py
   compares that and stderr with what is expected. */
#ifndef MIM_TEST_DEATH_H
#define MIM_TEST_DEATH_H
#include <mimalloc.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Compilers know what free means and warn of each misuse, or optimize on the base of it: a pointer
   that went through here is unknown to them. */
static inline void* hide(void* p) {
  void* volatile hidden = p;
  return hidden;
}

static inline void announce(const void* p) {
  printf("address 0x%zx\n", (size_t)(uintptr_t)p);
  fflush(stdout);
}

static inline void* require(void* p) {
  if (p == NULL) {
    printf("no memory\n");
    exit(3);
  }
  return p;
}

/* A refused free must leave a sound allocator: use it, and check that no two blocks are one. */
static inline int finish_alive(void) {
  enum { COUNT = 2000 };
  static unsigned char* blocks[COUNT];
  for (int i = 0; i < COUNT; i++) {
    const size_t size = 8 + (size_t)(i * 37 % 3000);
    blocks[i] = require(mi_malloc(size));
    memset(blocks[i], i & 255, size);
  }
  for (int i = 0; i < COUNT; i++) {
    const size_t size = 8 + (size_t)(i * 37 % 3000);
    if (blocks[i][0] != (i & 255) || blocks[i][size - 1] != (i & 255)) {
      printf("block %d was overwritten\n", i);
      return 4;
    }
    mi_free(blocks[i]);
  }
  printf("alive\n");
  return 0;
}

/* Runs fun(arg) in a thread of its own and waits for it. */
static inline void* in_thread(void* (*fun)(void* arg), void* arg) {
  pthread_t thread;
  void* result = NULL;
  if (pthread_create(&thread, NULL, fun, arg) != 0 || pthread_join(thread, &result) != 0) {
    printf("no thread\n");
    exit(3);
  }
  return result;
}

static inline void* thread_free(void* p) {
  mi_free(p);
  return NULL;
}

#endif
