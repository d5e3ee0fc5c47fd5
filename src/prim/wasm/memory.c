/* memory.c - on WebAssembly: one memory, that grows at its end and never shrinks.
 *
 *   program, stack | reserved | free | of other users of sbrk | reserved | free |  grows -->
 *
 * What is reserved is memory at once.  What is released stays with the process, in a list by
 * address, joined with its neighbours, and is reserved again first fit.  A free range begins with
 * its record; apart from records, all of it is zero from `fresh` on, which nobody has had yet.
 * Nothing can be protected.  The C libraries of WASI and Emscripten grow it by sbrk, too. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "prim/prim.h"

enum { WASM_PAGE = 65536 };

typedef struct range {
  struct range* next;
  size_t size;
} range_t;

static pthread_mutex_t memory_lock = PTHREAD_MUTEX_INITIALIZER;
static range_t* memory_free;
static uint8_t* memory_fresh;

void mim_prim_memory_config(mim_prim_config_t* config) {
  *config = (mim_prim_config_t){
    .page_size = WASM_PAGE,
    .reserve_align = WASM_PAGE,
    .overcommits = true,
    .can_release_part = true,
    .keeps_memory = true,
  };
}

/* ---- free ranges; under the lock ---- */

static bool is_followed_by(const range_t* range, const range_t* next) {
  return next != NULL && (const uint8_t*)range + range->size == (const uint8_t*)next;
}

static void range_join_next(range_t* range) {
  range_t* const next = range->next;
  if (!is_followed_by(range, next)) { return; }
  *range = (range_t){next->next, range->size + next->size};
  memset(next, 0, sizeof(*next));
}

static void ranges_put(void* base, size_t size) {
  range_t* before = NULL;
  range_t* next = memory_free;
  while (next != NULL && (uintptr_t)next < (uintptr_t)base) {
    before = next;
    next = next->next;
  }
  range_t* const range = base;
  *range = (range_t){next, size};
  *(before == NULL ? &memory_free : &before->next) = range;
  range_join_next(range);
  if (before != NULL) { range_join_next(before); }
}

/* NULL: no range is large enough. */
static uint8_t* ranges_take(size_t size) {
  range_t** link = &memory_free;
  while (*link != NULL && (*link)->size < size) { link = &(*link)->next; }
  range_t* const range = *link;
  if (range == NULL) { return NULL; }
  const range_t copy = *range;
  memset(range, 0, sizeof(*range));
  *link = copy.next;
  if (copy.size > size) {
    *link = (range_t*)(void*)((uint8_t*)range + size);
    **link = (range_t){copy.next, copy.size - size};
  }
  return (uint8_t*)range;
}

/* What the last range, if it lies there, has of `size` bytes at the end of memory. */
static size_t free_at(const uint8_t* end) {
  const range_t* last = memory_free;
  while (last != NULL && last->next != NULL) { last = last->next; }
  return last != NULL && (const uint8_t*)last + last->size == end ? last->size : 0;
}

/* Makes a free range of `size` bytes, unless another thread calls sbrk between our two calls:
 * then a smaller one, and the caller tries again. */
static bool memory_grow(size_t size) {
  uint8_t* const end = sbrk(0);
  const size_t padding = mim_align_up((uintptr_t)end, WASM_PAGE) - (uintptr_t)end;
  const size_t wanted = padding + size - mim_min(free_at(end), size);
  if (wanted > INTPTR_MAX) { return false; }
  uint8_t* const fresh = sbrk((intptr_t)wanted);
  if (fresh == (void*)-1) { return false; }
  const uintptr_t first = mim_align_up((uintptr_t)fresh, WASM_PAGE);
  const uintptr_t last = mim_align_down((uintptr_t)fresh + wanted, WASM_PAGE);
  if (first < last) { ranges_put((void*)first, last - first); }
  return true;
}

static void range_clear(uint8_t* base, size_t size) {
  const uint8_t* const end = base + size;
  if (base < memory_fresh) { memset(base, 0, mim_min(size, (size_t)(memory_fresh - base))); }
  if (end > memory_fresh) { memory_fresh = base + size; }
}

/* ---- prim.h ---- */

int mim_prim_reserve(size_t size, mim_prim_wish_t* wish, bool commit, void** base) {
  (void)wish, (void)commit;
  const int saved_errno = errno;
  uint8_t* p = NULL;
  bool can_grow = size <= INTPTR_MAX;
  pthread_mutex_lock(&memory_lock);
  while (can_grow && (p = ranges_take(size)) == NULL) { can_grow = memory_grow(size); }
  if (p != NULL) { range_clear(p, size); }
  pthread_mutex_unlock(&memory_lock);
  *base = p;
  errno = saved_errno;
  return p != NULL ? 0 : ENOMEM;
}

int mim_prim_release(void* base, size_t size) {
  pthread_mutex_lock(&memory_lock);
  ranges_put(base, size);
  pthread_mutex_unlock(&memory_lock);
  return 0;
}

int mim_prim_commit(void* base, size_t size) {
  (void)base, (void)size;
  return 0;
}

/* Gives nothing back (keeps_memory), but keeps the promise of what the range holds. */
int mim_prim_purge(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit) {
  *needs_commit = false;
  if (how == MIM_PURGE_DECOMMIT) { memset(base, 0, size); }
  return 0;
}

int mim_prim_protect(void* base, size_t size, bool is_accessible) {
  (void)base, (void)size, (void)is_accessible;
  return ENOSYS;
}
