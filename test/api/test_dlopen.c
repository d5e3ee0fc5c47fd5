/* test_dlopen.c - the shared library loaded and unloaded at run time by a program that does not
 * link it: usage: test_dlopen LIBRARY. Threads use it, some of them end only after dlclose. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/emulated.h"

enum { ROUNDS = 100, WARM_UP = 5, THREADS = 3 };

/* A 32-bit machine has small arenas: by chance there is one more later on. */
enum { GROWTH_LIMIT_KIB = 2048 + (sizeof(void*) < 8 ? 16384 : 0) };

typedef void* (*malloc_fun_t)(size_t);
typedef void (*free_fun_t)(void*);

typedef struct library {
  void* handle;
  malloc_fun_t allocate;
  free_fun_t release;
  sem_t worked, closed;
} library_t;

static void fail(const char* what, const char* detail) {
  fprintf(stderr, "%s: %s\n", what, detail);
  exit(1);
}

static void open_library(library_t* library, const char* path) {
  library->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library->handle == NULL) { fail("dlopen failed", dlerror()); }
  void* allocate = dlsym(library->handle, "mi_malloc");
  void* release = dlsym(library->handle, "mi_free");
  if (allocate == NULL || release == NULL) { fail("dlsym failed", path); }
  memcpy(&library->allocate, &allocate, sizeof(allocate));
  memcpy(&library->release, &release, sizeof(release));
}

static void use_library(const library_t* library) {
  unsigned char* blocks[50];
  for (size_t i = 0; i < 50; i++) {
    const size_t size = i * i * 40 + 1;
    blocks[i] = library->allocate(size);
    if (blocks[i] == NULL) { fail("mi_malloc failed", "no memory"); }
    memset(blocks[i], (int)i, size);
  }
  for (size_t i = 0; i < 50; i++) {
    const size_t size = i * i * 40 + 1;
    if (blocks[i][0] != i || blocks[i][size - 1] != i) { fail("a block changed", "wrong byte"); }
    library->release(blocks[i]);
  }
}

static void* thread_that_ends_after_dlclose(void* arg) {
  library_t* library = arg;
  use_library(library);
  sem_post(&library->worked);
  sem_wait(&library->closed);
  return NULL;
}

static void run_round(const char* path) {
  library_t library;
  pthread_t threads[THREADS];
  open_library(&library, path);
  sem_init(&library.worked, 0, 0);
  sem_init(&library.closed, 0, 0);
  use_library(&library);
  for (int i = 0; i < THREADS; i++) {
    if (pthread_create(&threads[i], NULL, thread_that_ends_after_dlclose, &library) != 0) {
      fail("pthread_create failed", "no thread");
    }
  }
  for (int i = 0; i < THREADS; i++) { sem_wait(&library.worked); }
  if (dlclose(library.handle) != 0) { fail("dlclose failed", dlerror()); }
  for (int i = 0; i < THREADS; i++) { sem_post(&library.closed); }
  for (int i = 0; i < THREADS; i++) { pthread_join(threads[i], NULL); }
  sem_destroy(&library.worked);
  sem_destroy(&library.closed);
}

static long mapped_kib(void) {
  long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  if (file == NULL || fscanf(file, "%ld", &pages) != 1) { fail("/proc/self/statm", "cannot read"); }
  fclose(file);
  return pages * 4;
}

int main(int argc, char** argv) {
  if (argc != 2) { fail("usage", "test_dlopen LIBRARY"); }
  long before = 0;
  for (int round = 0; round < ROUNDS; round++) {
    if (round == WARM_UP) { before = mapped_kib(); }
    run_round(argv[1]);
  }
  const long growth = mapped_kib() - before;
  printf("%d rounds, %ld KiB more mapped at the end\n", ROUNDS, growth);
  if (TEST_IS_EMULATED) {
    puts("PART SKIPPED: what is mapped is the emulator's as well");
    return 0;
  }
  return growth <= GROWTH_LIMIT_KIB ? 0 : 1;
}
