/* mi_v2.c - names of version 2, for today's heaps.  Contracts: include/mimalloc.h, MI_V2_API.
 *
 * Version 2 knows one kind of heap, which belongs to a thread; what it calls the default heap of a
 * thread is the heap of that thread's default thread heap here. */
#define MI_V2_API 1
#include "api/handle.h"

/* A thread that has ended, or has no memory for a thread heap, allocates in the main heap. */
MIM_EXPORT mi_heap_t* mi_heap_get_default(void) {
  const mim_theap_t* const theap = mim_theap_get();
  return theap == NULL || theap->heap == NULL ? mi_heap_main() : mim_heap_handle(theap->heap);
}

MIM_EXPORT mi_heap_t* mi_heap_set_default(mi_heap_t* heap) {
  mi_heap_t* const before = mi_heap_get_default();
  if (heap != NULL) { mi_theap_set_default(mi_heap_theap(heap)); }
  return before;
}

MIM_EXPORT mi_heap_t* mi_heap_get_backing(void) { return mi_heap_main(); }

/* Tags told kinds of heaps apart that took over each other's pages, which heaps do not any more. */
MIM_EXPORT mi_heap_t* mi_heap_new_ex(int tag, bool allow_destroy, mi_arena_id_t arena) {
  (void)tag;
  mi_heap_t* const heap = mi_heap_new_in_arena(arena);
  if (heap != NULL) { mim_heap_from(heap)->is_only_deleted = !allow_destroy; }
  return heap;
}

MIM_EXPORT bool mi_heap_contains_block(mi_heap_t* heap, const void* p) {
  return mi_heap_contains(heap, p);
}

MIM_EXPORT bool mi_heap_check_owned(mi_heap_t* heap, const void* p) {
  return mi_heap_contains(heap, p);
}

/* ---- abandoned blocks, sub-processes ---- */

typedef struct abandoned_visitor {
  bool visits_blocks;
  mi_block_visit_fun* fun;
  void* arg;
} abandoned_visitor_t;

static bool visit_abandoned(mi_heap_t* heap, void* arg) {
  const abandoned_visitor_t* const visitor = arg;
  return mi_heap_visit_abandoned_blocks(heap, visitor->visits_blocks, visitor->fun, visitor->arg);
}

MIM_EXPORT bool mi_abandoned_visit_blocks(mi_subproc_id_t id, int tag, bool visits_blocks,
                                          mi_block_visit_fun* fun, void* arg) {
  (void)tag;
  abandoned_visitor_t visitor = {visits_blocks, fun, arg};
  return mi_subproc_visit_heaps(id, &visit_abandoned, &visitor);
}

MIM_EXPORT void mi_subproc_delete(mi_subproc_id_t id) { mi_subproc_destroy(id); }

/* ---- guard pages ---- */

MIM_EXPORT void mi_heap_guarded_set_sample_rate(mi_heap_t* heap, size_t rate, size_t seed) {
  mi_theap_t* const theap = mi_heap_theap(heap);
  if (theap != NULL) { mi_theap_guarded_set_sample_rate(theap, rate, seed); }
}

MIM_EXPORT void mi_heap_guarded_set_size_bound(mi_heap_t* heap, size_t min, size_t max) {
  mi_theap_t* const theap = mi_heap_theap(heap);
  if (theap != NULL) { mi_theap_guarded_set_size_bound(theap, min, max); }
}
