/* override_dlopen.c - the library loaded by dlopen, used in threads, and unloaded, 100 times.

     override-dlopen LIBRARY [ROUNDS]

   Odd rounds end the threads before dlclose. Even rounds close first, while threads that used the
   library are still alive, and end them afterwards: then nothing of the library may be called any
   more that is gone, such as a destructor of thread-specific data. Checked: the library stays
   loaded (it is linked so that dlclose never unmaps code that threads may still run), is the same
   one in each round, and from the fifth round on neither the number of mappings nor their size
   grows. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test/emulated.h"

#define CHECK_THAT(c) \
  ((c) ? (void)0 : (fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #c), abort()))

enum { THREADS = 4, BLOCKS = 500, WARM_UP = 5 };

typedef struct library {
  void* handle;
  void* (*malloc)(size_t size);
  void (*free)(void* p);
  void (*collect)(bool force);
} library_t;

static library_t library;
static sem_t used, closed;
static void* left[THREADS]; /* a block of each thread: freed in the main thread, or never */

static void load_symbol(void* function, const char* name) {
  void* symbol = dlsym(library.handle, name);
  CHECK_THAT(symbol != NULL);
  memcpy(function, &symbol, sizeof(symbol)); /* ISO C has no cast from an object to a function */
}

static void library_open(const char* path) {
  library.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library.handle == NULL) {
    fprintf(stderr, "failed: %s\n", dlerror());
    exit(1);
  }
  load_symbol(&library.malloc, "mi_malloc");
  load_symbol(&library.free, "mi_free");
  load_symbol(&library.collect, "mi_collect");
}

static void* thread_main(void* arg) {
  const size_t index = (size_t)(uintptr_t)arg;
  char* blocks[BLOCKS];
  for (size_t i = 0; i < BLOCKS; i++) {
    blocks[i] = library.malloc(1 + i * 37 % 5000);
    CHECK_THAT(blocks[i] != NULL);
    blocks[i][0] = (char)i;
  }
  char* large = library.malloc(3 << 20);
  CHECK_THAT(large != NULL);
  large[0] = 1;
  library.free(large);
  for (size_t i = 0; i < BLOCKS; i++) {
    CHECK_THAT(blocks[i][0] == (char)i);
    library.free(blocks[i]);
  }
  left[index] = library.malloc(64);
  sem_post(&used);
  sem_wait(&closed);
  return NULL;
}

/* Counts the lines and the bytes of /proc/self/maps. Without stdio, which allocates. */
static size_t count_mappings(const char* name, size_t* line_count) {
  static char text[1 << 20];
  size_t length = 0, named = 0;
  const int file = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  CHECK_THAT(file >= 0);
  for (ssize_t n; (n = read(file, text + length, sizeof(text) - 1 - length)) > 0;) {
    length += (size_t)n;
  }
  close(file);
  text[length] = 0;
  *line_count = 0;
  for (char* line = text; *line != 0; line = strchr(line, '\n') + 1) {
    char* end = strchr(line, '\n');
    const char* found = strstr(line, name);
    if (found != NULL && found < end) { named++; }
    (*line_count)++;
  }
  return named;
}

static long address_space_kib(void) {
  long pages = 0;
  FILE* file = fopen("/proc/self/statm", "r");
  CHECK_THAT(file != NULL && fscanf(file, "%ld", &pages) == 1);
  fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void run_round(const char* path, bool is_closed_first) {
  pthread_t threads[THREADS];
  library_open(path);
  for (size_t i = 0; i < THREADS; i++) {
    CHECK_THAT(pthread_create(&threads[i], NULL, thread_main, (void*)(uintptr_t)i) == 0);
  }
  for (size_t i = 0; i < THREADS; i++) { sem_wait(&used); }
  library.free(left[0]);
  library.collect(true);
  if (is_closed_first) { CHECK_THAT(dlclose(library.handle) == 0); }
  for (size_t i = 0; i < THREADS; i++) { sem_post(&closed); }
  for (size_t i = 0; i < THREADS; i++) { CHECK_THAT(pthread_join(threads[i], NULL) == 0); }
  if (!is_closed_first) { CHECK_THAT(dlclose(library.handle) == 0); }
  void* again = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  CHECK_THAT(again != NULL && dlclose(again) == 0);
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "override-dlopen: name the library to load\n");
    return 2;
  }
  const int rounds = argc > 2 ? atoi(argv[2]) : 100;
  size_t warm_lines = 0, lines = 0;
  long warm_kib = 0;
  sem_init(&used, 0, 0);
  sem_init(&closed, 0, 0);
  for (int round = 0; round < rounds + WARM_UP; round++) {
    run_round(argv[1], round % 2 == 0);
    if (round == WARM_UP - 1) {
      count_mappings("libmimalloc", &warm_lines);
      warm_kib = address_space_kib();
    }
  }
  const size_t named = count_mappings("libmimalloc", &lines);
  const long grown_kib = address_space_kib() - warm_kib;
  printf("%d rounds: %zu mappings before, %zu after, %zu of the library, %ld KiB more mapped\n",
         rounds, warm_lines, lines, named, grown_kib);
  fflush(stdout);
  CHECK_THAT(named > 0);
  if (TEST_IS_EMULATED) {
    puts("PART SKIPPED: what is mapped is the emulator's as well");
    return 0;
  }
  /* libc may have split or joined a mapping of its own thread stacks. */
  CHECK_THAT(lines <= warm_lines + 2);
  /* A 32-bit machine has small arenas: by chance there is one more later on. */
  CHECK_THAT(grown_kib <= 1024 + (sizeof(void*) < 8 ? 16384 : 0));
  return 0;
}
