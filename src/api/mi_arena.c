/* mi_arena.c - mi_*: arenas that the program reserves, or makes from its own memory.  Contracts:
 * include/mimalloc.h.  An arena id is a mim_arena_t. */
#include <errno.h>

#include "base/bits.h"
#include "diag/message.h"
#include "diag/options.h"
#include "heap/theap.h"
#include "mimalloc.h"

static mi_arena_id_t id_of(mim_arena_t* arena) { return arena; }
static mim_arena_t* arena_of(mi_arena_id_t id) { return id; }

static void tell_id(mi_arena_id_t* id, mim_arena_t* arena) {
  if (id != NULL) { *id = id_of(arena); }
}

/* ---- reserved ---- */

MIM_EXPORT int mi_reserve_os_memory_ex(size_t size, bool commit, bool allow_large, bool exclusive,
                                       mi_arena_id_t* id) {
  (void)allow_large; /* transparent huge pages come by themselves, where the arena is large */
  mim_heap_init();
  const mim_arena_traits_t traits = {.is_committed = commit,
                                     .is_exclusive = exclusive,
                                     .numa_node = -1};
  mim_arena_t* const arena = mim_arenas_reserve(mim_subproc_current()->arenas, size, &traits);
  tell_id(id, arena);
  if (arena != NULL) { return 0; }
  mim_error(ENOMEM, false, "cannot reserve an arena of %zu bytes", size);
  errno = ENOMEM;
  return ENOMEM;
}

MIM_EXPORT int mi_reserve_os_memory(size_t size, bool commit, bool allow_large) {
  return mi_reserve_os_memory_ex(size, commit, allow_large, false, NULL);
}

/* ---- the program's own memory ---- */

MIM_EXPORT bool mi_manage_memory(void* start, size_t size, bool is_committed, bool is_pinned,
                                 bool is_zero, int numa_node, bool exclusive,
                                 mi_commit_fun_t* commit, void* commit_arg, mi_arena_id_t* id) {
  mim_heap_init();
  tell_id(id, NULL);
  const size_t offset = mim_align_up((uintptr_t)start, MIM_SLICE_SIZE) - (uintptr_t)start;
  const mim_arena_traits_t traits = {
    .is_committed = is_committed,
    .is_dirty = !is_zero,
    .is_pinned = is_pinned,
    .is_foreign = true,
    .is_exclusive = exclusive,
    .numa_node = numa_node,
    .commit = commit,
    .commit_arg = commit_arg,
  };
  mim_arena_t* arena = NULL;
  if (start != NULL && offset < size) {
    arena = mim_arenas_add(mim_subproc_current()->arenas, (uint8_t*)start + offset, size - offset,
                           &traits);
  }
  tell_id(id, arena);
  if (arena != NULL) { return true; }
  mim_warn("%zu bytes at %p cannot be an arena: it takes at least %zu bytes from a multiple of %zu "
           "on, that can be committed",
           size, start, mim_arena_min_size(), (size_t)MIM_SLICE_SIZE);
  return false;
}

MIM_EXPORT bool mi_manage_os_memory_ex(void* start, size_t size, bool is_committed, bool is_pinned,
                                       bool is_zero, int numa_node, bool exclusive,
                                       mi_arena_id_t* id) {
  return mi_manage_memory(start, size, is_committed, is_pinned, is_zero, numa_node, exclusive, NULL,
                          NULL, id);
}

MIM_EXPORT bool mi_manage_os_memory(void* start, size_t size, bool is_committed, bool is_pinned,
                                    bool is_zero, int numa_node) {
  return mi_manage_os_memory_ex(start, size, is_committed, is_pinned, is_zero, numa_node, false,
                                NULL);
}

/* ---- questions ---- */

MIM_EXPORT size_t mi_arena_min_alignment(void) { return MIM_SLICE_SIZE; }
MIM_EXPORT size_t mi_arena_min_size(void) { return mim_arena_min_size(); }

MIM_EXPORT size_t mi_arena_max_object_size(void) {
  return mim_option_get_size(MIM_OPTION_arena_max_object_size);
}

MIM_EXPORT void* mi_arena_area(mi_arena_id_t id, size_t* size) {
  const mim_arena_t* const arena = arena_of(id);
  if (size != NULL) { *size = (arena == NULL ? 0 : arena->slice_count * MIM_SLICE_SIZE); }
  return arena == NULL ? NULL : arena->base;
}

MIM_EXPORT bool mi_arena_contains(mi_arena_id_t id, const void* p) {
  const mim_arena_t* const arena = arena_of(id);
  if (arena == NULL) { return mim_arenas_contain(mim_subproc_current()->arenas, p); }
  const size_t offset = (size_t)((uintptr_t)p - (uintptr_t)arena->base);
  return offset < arena->slice_count * MIM_SLICE_SIZE;
}
