/* fuzz_faults.c - faults put between the model and the library, to see the model find each.

   Linked into fuzz-runner-faulty with --wrap: the calls of the model arrive here first. The
   environment variable FUZZ_FAULT names the one fault that is active; it strikes now and then, as
   real faults do. */
#include <errno.h>
#include <mimalloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void* __real_mi_malloc(size_t size);
void* __real_mi_calloc(size_t count, size_t size);
void* __real_mi_realloc(void* p, size_t size);
void* __real_mi_malloc_aligned(size_t size, size_t alignment);
void* __real_mi_rezalloc(void* p, size_t size);
void __real_mi_free(void* p);
size_t __real_mi_usable_size(const void* p);
bool __real_mi_is_in_heap_region(const void* p);

void* __wrap_mi_malloc(size_t size);
void* __wrap_mi_calloc(size_t count, size_t size);
void* __wrap_mi_realloc(void* p, size_t size);
void* __wrap_mi_malloc_aligned(size_t size, size_t alignment);
void* __wrap_mi_rezalloc(void* p, size_t size);
void __wrap_mi_free(void* p);
size_t __wrap_mi_usable_size(const void* p);
bool __wrap_mi_is_in_heap_region(const void* p);

static bool is_active(const char* fault) {
  const char* active = getenv("FUZZ_FAULT");
  return active != NULL && strcmp(active, fault) == 0;
}

/* One in ten calls that the fault could touch. Calls come one at a time: see fuzz_threads.h. */
static bool strikes(const char* fault) {
  static unsigned calls;
  return is_active(fault) && ++calls % 10 == 0;
}

void* __wrap_mi_malloc(size_t size) {
  static char* previous;
  if (strikes("same_block_twice") && previous != NULL) { return previous; }
  if (strikes("returns_null")) { return NULL; }
  char* p = __real_mi_malloc(size);
  if (strikes("neighbour_overwritten") && previous != NULL) { previous[0] ^= 1; }
  previous = size > 0 ? p : NULL;
  return p;
}

void* __wrap_mi_calloc(size_t count, size_t size) {
  char* p = __real_mi_calloc(count, size);
  if (p != NULL && count * size > 0 && strikes("calloc_dirty")) { p[count * size - 1] = 1; }
  return p;
}

void* __wrap_mi_realloc(void* p, size_t size) {
  char* resized = __real_mi_realloc(p, size);
  if (resized != NULL && p != NULL && size > 0 && strikes("realloc_loses_byte")) {
    resized[0] ^= 1;
  }
  if (resized == NULL && is_active("errno_forgotten")) { errno = 0; }
  return resized;
}

void* __wrap_mi_malloc_aligned(size_t size, size_t alignment) {
  if (strikes("alignment_ignored")) { return __real_mi_malloc_aligned(size, 16); }
  return __real_mi_malloc_aligned(size, alignment);
}

void* __wrap_mi_rezalloc(void* p, size_t size) {
  const size_t old_size = p != NULL ? __real_mi_usable_size(p) : 0;
  char* resized = __real_mi_rezalloc(p, size);
  if (resized != NULL && size > old_size && strikes("rezalloc_dirty")) { resized[size - 1] = 1; }
  return resized;
}

void __wrap_mi_free(void* p) {
  if (strikes("free_sets_errno")) { errno = EINVAL; }
  __real_mi_free(p);
}

size_t __wrap_mi_usable_size(const void* p) {
  const size_t size = __real_mi_usable_size(p);
  return strikes("usable_size_too_large") ? size + 4096 : size;
}

bool __wrap_mi_is_in_heap_region(const void* p) {
  return strikes("ownership_denied") ? false : __real_mi_is_in_heap_region(p);
}
