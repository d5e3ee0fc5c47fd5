/* subproc.c - sub-processes: sets of heaps that share arenas with no other set.
 *
 * The process itself is the first.  The main heap of every other one is a first-class heap, so that
 * the memory of a sub-process can end as a whole. */
#include "arena/metadata.h"
#include "heap/theap.h"

mim_subproc_t mim_subproc_main = {
  .arenas = &mim_arenas_main,
  .main = &mim_heap_main,
  .heaps = {1, 1, {{1}}},
};

typedef struct subproc_memory {
  mim_subproc_t subproc;
  mim_arenas_t arenas;
} subproc_memory_t;

static void subproc_link(mim_subproc_t* subproc) {
  mim_heaps_lock();
  subproc->prev = &mim_subproc_main;
  subproc->next = mim_subproc_main.next;
  if (subproc->next != NULL) { subproc->next->prev = subproc; }
  mim_subproc_main.next = subproc;
  mim_heaps_unlock();
}

static void subproc_unlink(mim_subproc_t* subproc) {
  mim_heaps_lock();
  subproc->prev->next = subproc->next;
  if (subproc->next != NULL) { subproc->next->prev = subproc->prev; }
  mim_heaps_unlock();
}

mim_subproc_t* mim_subproc_new(void) {
  mim_heap_init();
  subproc_memory_t* const memory = mim_metadata_new(sizeof(subproc_memory_t));
  if (memory == NULL) { return NULL; }
  memory->subproc.arenas = &memory->arenas;
  memory->subproc.main = mim_heap_new(&memory->subproc, NULL);
  if (memory->subproc.main == NULL) {
    mim_metadata_free(memory, sizeof(*memory));
    return NULL;
  }
  subproc_link(&memory->subproc);
  return &memory->subproc;
}

/* ---- its heaps ---- */

/* The next heap of the sub-process by age, kept for the caller; NULL: there are no more. */
static mim_heap_t* next_heap(const mim_subproc_t* subproc, size_t serial) {
  mim_heap_t* found = NULL;
  mim_heaps_lock();
  for (mim_heap_t* heap = mim_heaps_first(); heap != NULL; heap = heap->next) {
    if (heap->subproc != subproc || heap->serial <= serial) { continue; }
    if (found == NULL || heap->serial < found->serial) { found = heap; }
  }
  if (found != NULL) { mim_heap_ref(found); }
  mim_heaps_unlock();
  return found;
}

/* Not under the lock: `visit` may make heaps, and end the one it is shown. */
bool mim_subproc_visit_heaps(mim_subproc_t* subproc, mim_heap_visit_fun_t* visit, void* arg) {
  bool goes_on = mim_heap_is_main(subproc->main) ? visit(subproc->main, arg) : true;
  size_t serial = 0;
  for (mim_heap_t* heap; goes_on && (heap = next_heap(subproc, serial)) != NULL;) {
    serial = heap->serial;
    if (!mim_heap_is_deleted(heap)) { goes_on = visit(heap, arg); }
    mim_heap_unref(heap);
  }
  return goes_on;
}

/* ---- its end ---- */

static void clear_page_map(const mim_arenas_t* arenas) {
  const mim_arena_t* arena = atomic_load_explicit(&arenas->first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    mim_page_map_forget(arena->base, arena->slice_count);
  }
}

/* The pages of threads that a fork left behind end with the arenas. */
void mim_subproc_destroy(mim_subproc_t* subproc) {
  size_t serial = subproc->main->serial;
  for (mim_heap_t* heap; (heap = next_heap(subproc, serial)) != NULL;) {
    serial = heap->serial;
    mim_heap_destroy(heap);
    mim_heap_unref(heap);
  }
  mim_profile_subproc(subproc, NULL);
  mim_heap_destroy(subproc->main);
  mim_page_flush_guarded();
  subproc_unlink(subproc);
  clear_page_map(subproc->arenas);
  mim_arenas_destroy(subproc->arenas);
  mim_metadata_free(subproc, sizeof(subproc_memory_t));
}

/* ---- its threads ---- */

mim_subproc_t* mim_subproc_current(void) {
  const mim_theap_t* const theap = mim_theap_self;
  return theap->kind == MIM_THEAP_LIVE ? theap->heap->subproc : &mim_subproc_main;
}

bool mim_subproc_enter(mim_subproc_t* subproc) {
  if (mim_theap_get() == NULL) { return false; }
  mim_subproc_t* const before = mim_subproc_current();
  if (!mim_thread_set_heap(subproc->main)) { return false; }
  mim_counter_add(&before->threads, -1);
  mim_counter_add(&subproc->threads, 1);
  return true;
}

/* ---- all of them ---- */

static bool is_other_arena(mim_arena_t* arena, void* wanted) { return arena != wanted; }

bool mim_arena_is_known(const mim_arena_t* arena) {
  mim_heaps_lock();
  const bool is_known = !mim_subprocs_visit_arenas(&is_other_arena, (void*)(uintptr_t)arena);
  mim_heaps_unlock();
  return is_known;
}

bool mim_subprocs_visit_arenas(bool (*visit)(mim_arena_t* arena, void* arg), void* arg) {
  for (mim_subproc_t* subproc = &mim_subproc_main; subproc != NULL; subproc = subproc->next) {
    mim_arena_t* arena = atomic_load_explicit(&subproc->arenas->first, memory_order_acquire);
    for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
      if (!visit(arena, arg)) { return false; }
    }
  }
  return true;
}

void mim_subprocs_destroy_arenas(void) {
  for (mim_subproc_t* subproc = &mim_subproc_main; subproc != NULL; subproc = subproc->next) {
    mim_arenas_destroy(subproc->arenas);
  }
  mim_subproc_main.next = NULL;
}
