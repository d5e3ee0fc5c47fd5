/* mi_arena.c - mi_*: arenas that the program reserves, or makes from its own memory.  Contracts:
 * include/mimalloc.h.  An arena id is a mim_arena_t. */
#include <errno.h>

#include "base/bits.h"
#include "diag/message.h"
#include "diag/options.h"
#include "heap/theap.h"
#include "mimalloc.h"

enum { ARENA_ROW = 64 }; /* slices */

static mi_arena_id_t id_of(mim_arena_t* arena) { return arena; }
/* NULL if there is no such arena. */
static mim_arena_t* arena_of(mi_arena_id_t id) {
  return id != NULL && mim_arena_is_known(id) ? id : NULL;
}

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

/* ---- 1 GiB OS pages ---- */

static size_t reserve_gigantic(size_t pages, int numa_node, size_t timeout_ms, bool exclusive,
                               mi_arena_id_t* id, int* error) {
  mim_heap_init();
  mim_arena_t* arena = NULL;
  const mim_arena_traits_t traits = {
    .is_committed = true,
    .is_pinned = true,
    .is_exclusive = exclusive,
    .numa_node = numa_node < 0 ? -1 : numa_node % (int)mim_os_numa_count(),
  };
  const size_t got = mim_arenas_reserve_gigantic(mim_subproc_current()->arenas, pages, timeout_ms,
                                                 &traits, &arena, error);
  tell_id(id, arena);
  return got;
}

/* The error of what is missing, told and returned; 0 if nothing is. */
static int huge_pages_result(size_t pages, size_t got, int error) {
  if (got == pages) { return 0; }
  const char* const advice = mim_os_config()->gigantic_advice;
  mim_warn("%zu of %zu huge OS pages of 1 GiB could be reserved; %s", got, pages,
           advice != NULL ? advice : "this system has none");
  errno = error;
  return error;
}

MIM_EXPORT int mi_reserve_huge_os_pages_at_ex(size_t pages, int numa_node, size_t timeout_ms,
                                              bool exclusive, mi_arena_id_t* id) {
  int error = ENOMEM;
  const size_t got = reserve_gigantic(pages, numa_node, timeout_ms, exclusive, id, &error);
  return huge_pages_result(pages, got, error);
}

MIM_EXPORT int mi_reserve_huge_os_pages_at(size_t pages, int numa_node, size_t timeout_ms) {
  return mi_reserve_huge_os_pages_at_ex(pages, numa_node, timeout_ms, false, NULL);
}

/* Each node gets its share of the pages and of the time. */
static size_t reserve_interleaved(size_t pages, size_t nodes, size_t timeout_ms, int* error) {
  size_t got = 0;
  if (nodes == 0 || nodes > mim_os_numa_count()) { nodes = mim_os_numa_count(); }
  for (size_t node = 0; node < nodes; node++) {
    const size_t share = pages / nodes + (node < pages % nodes);
    if (share == 0) { break; }
    got += reserve_gigantic(share, (int)node, mim_divide_up(timeout_ms, nodes), false, NULL, error);
  }
  return got;
}

MIM_EXPORT int mi_reserve_huge_os_pages_interleave(size_t pages, size_t numa_nodes,
                                                   size_t timeout_ms) {
  int error = ENOMEM;
  const size_t got = reserve_interleaved(pages, numa_nodes, timeout_ms, &error);
  return huge_pages_result(pages, got, error);
}

MIM_EXPORT int mi_reserve_huge_os_pages(size_t pages, double max_secs, size_t* pages_reserved) {
  int error = ENOMEM;
  const size_t timeout_ms = max_secs <= 0 ? 0 : (size_t)(max_secs * 1000) + 1;
  const size_t got = reserve_interleaved(pages, 0, timeout_ms, &error);
  if (pages_reserved != NULL) { *pages_reserved = got; }
  return huge_pages_result(pages, got, error);
}

/* ---- the program's own memory ---- */

MIM_EXPORT bool mi_manage_memory(void* start, size_t size, bool is_committed, bool is_pinned,
                                 bool is_zero, int numa_node, bool exclusive,
                                 mi_commit_fun_t* commit, void* commit_arg, mi_arena_id_t* id) {
  mim_heap_init();
  tell_id(id, NULL);
  const size_t alignment = mim_arena_min_alignment();
  const size_t offset = mim_align_up((uintptr_t)start, alignment) - (uintptr_t)start;
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
           size, start, mim_arena_min_size(), alignment);
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

/* ---- for people ---- */

/* What a slice is, in one character. */
static char slice_letter(const mim_arena_t* arena, size_t slice) {
  const mim_slice_group_t* const group = &arena->groups[slice / MIM_GROUP_SLICES];
  const mim_slice_word_t bit = (mim_slice_word_t)1 << (slice % MIM_GROUP_SLICES);
  if (slice < arena->head_slices) { return 'h'; }
  if ((atomic_load_explicit(&group->free, memory_order_relaxed) & bit) == 0) { return '#'; }
  if ((atomic_load_explicit(&group->purge, memory_order_relaxed) & bit) != 0) { return 'p'; }
  return (atomic_load_explicit(&group->committed, memory_order_relaxed) & bit) != 0 ? '-' : '.';
}

/* A row of slices; false if none of it was ever used. */
static bool arena_row(const mim_arena_t* arena, size_t first, char* row) {
  bool is_used = false;
  size_t length = 0;
  for (; length < ARENA_ROW && first + length < arena->slice_count; length++) {
    row[length] = slice_letter(arena, first + length);
    is_used = is_used || row[length] != '.';
  }
  row[length] = 0;
  return is_used;
}

static void arena_print(const mim_arena_t* arena) {
  const size_t free = atomic_load_explicit(&arena->free_count, memory_order_relaxed);
  mim_print_to(NULL, NULL, "arena at %p: %zu slices of %d KiB, %zu free%s\n", (void*)arena->base,
               arena->slice_count, MIM_SLICE_SIZE / MIM_KIB, free,
               arena->traits.is_exclusive ? ", exclusive" : "");
  char row[ARENA_ROW + 1];
  for (size_t first = 0; first < arena->slice_count; first += ARENA_ROW) {
    if (arena_row(arena, first, row)) { mim_print_to(NULL, NULL, "  %8zu %s\n", first, row); }
  }
}

MIM_EXPORT void mi_arenas_print(void) {
  mim_print_to(NULL, NULL,
               "slices: h head, # in use, p to be purged, - free, . not committed; rows "
               "of free address space are left out\n");
  const mim_arenas_t* const arenas = mim_subproc_current()->arenas;
  const mim_arena_t* arena = atomic_load_explicit(&arenas->first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    arena_print(arena);
  }
}

MIM_EXPORT void mi_debug_show_arenas(void) { mi_arenas_print(); }

/* ---- questions ---- */

MIM_EXPORT size_t mi_arena_min_alignment(void) { return mim_arena_min_alignment(); }
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
  if (id == NULL) { return mim_arenas_contain(mim_subproc_current()->arenas, p); }
  const mim_arena_t* const arena = arena_of(id);
  if (arena == NULL) { return false; }
  const size_t offset = (size_t)((uintptr_t)p - (uintptr_t)arena->base);
  return offset < arena->slice_count * MIM_SLICE_SIZE;
}
