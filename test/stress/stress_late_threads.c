/* stress_late_threads.c - threads that have ended allocate blocks at an offset; others free them.

     stress-late-threads [--rounds N]

   The destructor of a thread-specific key runs after the allocator has taken its leave of the
   thread: what it allocates comes from pages that all such threads share. Blocks that are aligned
   at an offset begin inside of a larger block, and their page has to know that before anybody else
   may own it. Here several ended threads fill such pages at the same time, so that these are given
   up, and other threads take them over while they free. Checked: alignment, contents, and by the
   library itself (in builds with checks) that each pointer leads to a block. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mimalloc.h"
#include "test/crash.h"

enum { LATE_THREADS = 4, FREERS = 2, SLOTS = 256, BLOCKS = 1000 };
enum { STEP = 509 }; /* between the bytes that are written and checked */
enum { ALIGNMENT = 256, OFFSET = 24, SIZE_MIN = 7000, SIZE_RANGE = 600 }; /* one size class */
enum { RARELY = 5 };

static _Atomic(unsigned char*) slots[SLOTS]; /* from the late threads to the others */
static _Atomic(int) late_left;               /* late threads that still work */
static _Atomic(int) invalid_calls;
static pthread_key_t late_key;

static void fail(const char* what) {
  fprintf(stderr, "stress-late-threads: %s\n", what);
  abort();
}

static size_t next_random(unsigned* state) {
  *state = *state * 1664525u + 1013904223u;
  return *state >> 12;
}

static void on_error(int code, void* arg) {
  (void)code;
  (void)arg;
  atomic_fetch_add(&invalid_calls, 1);
}

static void fill(unsigned char* block, size_t size) {
  memcpy(block, &size, sizeof(size));
  for (size_t i = STEP; i < size; i += STEP) { block[i] = (unsigned char)size; }
}

static void check_and_free(unsigned char* block) {
  if (block == NULL) { return; }
  size_t size = 0;
  memcpy(&size, block, sizeof(size));
  for (size_t i = STEP; i < size; i += STEP) {
    if (block[i] != (unsigned char)size) { fail("a block changed"); }
  }
  if (mi_usable_size(block) < size) { fail("a block is smaller than it was asked for"); }
  mi_free(block);
}

/* Eight blocks in a page: so pages fill, and change hands, often.  Most blocks have no offset: or
 * the next one would repair a page that forgot about it. */
static void allocate_late(unsigned seed) {
  for (size_t i = 0; i < BLOCKS; i++) {
    const size_t size = SIZE_MIN + next_random(&seed) % SIZE_RANGE;
    unsigned char* const block =
      i % RARELY == 0 ? mi_malloc_aligned_at(size, ALIGNMENT, OFFSET) : mi_malloc(size + ALIGNMENT);
    if (block == NULL) { fail("there is no memory"); }
    if (i % RARELY == 0 && ((uintptr_t)block + OFFSET) % ALIGNMENT != 0) {
      fail("a block is not aligned");
    }
    fill(block, size);
    check_and_free(atomic_exchange(&slots[next_random(&seed) % SLOTS], block));
  }
}

/* The allocator's own key is older and its destructor has run before, in the first round. */
static void on_thread_end(void* value) {
  const uintptr_t number = (uintptr_t)value;
  if (number % 2 != 0) {
    pthread_setspecific(late_key, (void*)(number + 1));
    return;
  }
  allocate_late((unsigned)number);
  atomic_fetch_sub(&late_left, 1);
}

static void* late_main(void* arg) {
  mi_free(mi_malloc(10));
  pthread_setspecific(late_key, arg);
  return NULL;
}

/* Allocates blocks of the same sizes, too, so that it wants the pages it frees into. */
static void* freer_main(void* arg) {
  unsigned seed = (unsigned)(uintptr_t)arg;
  void* own[8] = {NULL};
  while (atomic_load(&late_left) > 0) {
    check_and_free(atomic_exchange(&slots[next_random(&seed) % SLOTS], NULL));
    void** const one = &own[next_random(&seed) % 8];
    if (next_random(&seed) % 16 != 0) { continue; }
    mi_free(*one);
    *one = mi_malloc(SIZE_MIN + ALIGNMENT + next_random(&seed) % SIZE_RANGE);
  }
  for (size_t i = 0; i < 8; i++) { mi_free(own[i]); }
  return NULL;
}

static void start(pthread_t* thread, void* (*run)(void*), uintptr_t number) {
  if (pthread_create(thread, NULL, run, (void*)number) != 0) { fail("there is no thread"); }
}

static void run_round(unsigned round) {
  pthread_t late[LATE_THREADS], freers[FREERS];
  atomic_store(&late_left, LATE_THREADS);
  for (unsigned i = 0; i < FREERS; i++) { start(&freers[i], freer_main, round * FREERS + i); }
  for (unsigned i = 0; i < LATE_THREADS; i++) {
    start(&late[i], late_main, 2 * (uintptr_t)(round * LATE_THREADS + i) + 1);
  }
  for (unsigned i = 0; i < LATE_THREADS; i++) { pthread_join(late[i], NULL); }
  for (unsigned i = 0; i < FREERS; i++) { pthread_join(freers[i], NULL); }
  for (size_t i = 0; i < SLOTS; i++) { check_and_free(atomic_exchange(&slots[i], NULL)); }
}

int main(int argc, char** argv) {
  const int rounds = argc > 2 && strcmp(argv[1], "--rounds") == 0 ? atoi(argv[2]) : 200;
  mi_free(mi_malloc(10));
  mi_register_error(on_error, NULL);
  mi_option_set(mi_option_page_full_retain, 0);
  if (pthread_key_create(&late_key, on_thread_end) != 0) { fail("there is no key"); }
  for (int i = 0; i < rounds; i++) { run_round((unsigned)i); }
  if (atomic_load(&late_left) != 0) { fail("a thread did not come to its late part"); }
  if (atomic_load(&invalid_calls) != 0) { fail("the library reported an error"); }
  printf("%d rounds, %d late threads in each\n", rounds, LATE_THREADS);
  return 0;
}
