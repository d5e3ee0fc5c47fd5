/* mi_subproc.c - mi_subproc_*: sub-processes.  Contracts: include/mimalloc.h.  An id holds a
 * mim_subproc_t. */
#include <errno.h>

#include "alloc/alloc.h"
#include "api/handle.h"
#include "diag/message.h"

static mi_subproc_id_t subproc_id(mim_subproc_t* subproc) {
  return (mi_subproc_id_t){._mi_subproc_id = subproc};
}

MIM_EXPORT mi_subproc_id_t mi_subproc_main(void) { return subproc_id(&mim_subproc_main); }
MIM_EXPORT mi_subproc_id_t mi_subproc_current(void) { return subproc_id(mim_subproc_current()); }

MIM_EXPORT mi_subproc_id_t mi_subproc_new(void) {
  mim_subproc_t* const subproc = mim_subproc_new();
  if (subproc == NULL) { mim_out_of_memory(0); }
  return subproc_id(subproc);
}

MIM_EXPORT void mi_subproc_destroy(mi_subproc_id_t id) {
  mim_subproc_t* const subproc = mim_subproc_from(id);
  if (subproc == NULL) { return; }
  if (subproc == &mim_subproc_main) {
    mim_error(EINVAL, true,
              "mi_subproc_destroy of the main sub-process, which has no end: ignored");
    return;
  }
  mim_subproc_destroy(subproc);
}

MIM_EXPORT void mi_subproc_add_current_thread(mi_subproc_id_t id) {
  mim_subproc_t* const subproc = mim_subproc_from(id);
  if (subproc == NULL) { return; }
  if (!mim_subproc_enter(subproc)) { mim_out_of_memory(0); }
}

typedef struct heap_visitor {
  mi_heap_visit_fun* fun;
  void* arg;
} heap_visitor_t;

static bool visit_one_heap(mim_heap_t* heap, void* arg) {
  const heap_visitor_t* const visitor = arg;
  return visitor->fun(mim_heap_handle(heap), visitor->arg);
}

MIM_EXPORT bool mi_subproc_visit_heaps(mi_subproc_id_t id, mi_heap_visit_fun* fun, void* arg) {
  mim_subproc_t* const subproc = mim_subproc_from(id);
  heap_visitor_t visitor = {fun, arg};
  return subproc != NULL && fun != NULL &&
         mim_subproc_visit_heaps(subproc, &visit_one_heap, &visitor);
}
