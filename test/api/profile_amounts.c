/* profile_amounts.c - allocates known amounts in known functions: for check_profile.py. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>

#include "mimalloc.h"

#define NOINLINE __attribute__((noinline))
enum { SMALL = 1000000, MEDIUM = 12000, HUGE_COUNT = 200, FREED = 500000, GROWN = 500 };

static void* small[SMALL];
static void* medium[MEDIUM];
static void* huge[HUGE_COUNT];
static void* freed[FREED];
static void* grown[GROWN];
static void* aligned[MEDIUM];
static void* threaded[FREED];

NOINLINE static void alloc_small(void) {
  for (int i = 0; i < SMALL; i++) { small[i] = mi_malloc(64); }
}
NOINLINE static void alloc_medium(void) {
  for (int i = 0; i < MEDIUM; i++) { medium[i] = mi_malloc(5120); }
}
NOINLINE static void alloc_huge(void) {
  for (int i = 0; i < HUGE_COUNT; i++) { huge[i] = mi_calloc(100, 4096); }
}
NOINLINE static void alloc_freed(void) {
  for (int i = 0; i < FREED; i++) { freed[i] = mi_malloc(112); }
  for (int i = 0; i < FREED; i++) { mi_free(freed[i]); }
}
/* Most of them grow in place; the last ones shrink again. */
NOINLINE static void alloc_grown(void) {
  for (int i = 0; i < GROWN; i++) {
    void* p = mi_malloc(81920);
    p = mi_realloc(p, 163840);
    grown[i] = mi_realloc(p, 122880);
  }
}
NOINLINE static void alloc_aligned(void) {
  for (int i = 0; i < MEDIUM; i++) { aligned[i] = mi_malloc_aligned(4096, 4096); }
}
NOINLINE static void* alloc_in_thread(void* arg) {
  for (int i = 0; i < FREED; i++) { threaded[i] = mi_malloc(112); }
  return arg;
}

static void in_thread(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, alloc_in_thread, NULL) == 0) { pthread_join(thread, NULL); }
}

int main(void) {
  alloc_small();
  alloc_medium();
  alloc_huge();
  alloc_freed();
  alloc_grown();
  alloc_aligned();
  in_thread();
  for (int i = 0; i < SMALL / 2; i++) { mi_free(small[i]); }
  /* Another thread's blocks. */
  for (int i = 0; i < FREED / 5; i++) { mi_free(threaded[i]); }
  printf("%p\n", (void*)grown); /* all of it is still in use */
  return 0;
}
