/* ours.h - "is this block the allocator's?", asked the way each override test has to ask it.

   A preloaded program knows nothing of the allocator: there the question goes through dlsym
   (OVERRIDE_PRELOADED). A linked one calls it. */
#ifndef MIM_TEST_OVERRIDE_OURS_H
#define MIM_TEST_OVERRIDE_OURS_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef OVERRIDE_PRELOADED
static inline bool is_ours(const void* p) {
  typedef bool (*is_in_heap_region_t)(const void* p);
  static is_in_heap_region_t is_in_heap_region;
  if (is_in_heap_region == NULL) {
    void* symbol = dlsym(RTLD_DEFAULT, "mi_is_in_heap_region");
    if (symbol == NULL) {
      fprintf(stderr, "failed: the allocator is not in this process: check LD_PRELOAD\n");
      exit(1);
    }
    memcpy(&is_in_heap_region, &symbol, sizeof(symbol));
  }
  return is_in_heap_region(p);
}
#else
#include <mimalloc.h>
static inline bool is_ours(const void* p) { return mi_is_in_heap_region(p); }
#endif

/* A compiler that sees malloc and free side by side leaves both out. */
static inline void* hide(void* p) {
  void* volatile hidden = p;
  return hidden;
}

#define CHECK_OURS(p) \
  ((p) != NULL && is_ours(p) \
     ? (void)0 \
     : (fprintf(stderr, "%s:%d: failed: %s is not the allocator's\n", __FILE__, __LINE__, #p), \
        abort()))
#define CHECK_THAT(c) \
  ((c) ? (void)0 : (fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #c), abort()))
#endif
