/* handle.h - the program's handles: mi_heap_t is a mim_heap_t, mi_theap_t a mim_theap_t. */
#ifndef MIM_API_HANDLE_H
#define MIM_API_HANDLE_H

#include "heap/theap.h"
#include "mimalloc.h"

MIM_INLINE mim_heap_t* mim_heap_from(mi_heap_t* handle) { return (mim_heap_t*)(void*)handle; }
MIM_INLINE mim_theap_t* mim_theap_from(mi_theap_t* handle) { return (mim_theap_t*)(void*)handle; }
MIM_INLINE mi_heap_t* mim_heap_handle(mim_heap_t* heap) { return (mi_heap_t*)(void*)heap; }
MIM_INLINE mi_theap_t* mim_theap_handle(mim_theap_t* theap) { return (mi_theap_t*)(void*)theap; }

/* NULL: the id of no sub-process, as mi_subproc_new returns for lack of memory. */
MIM_INLINE mim_subproc_t* mim_subproc_from(mi_subproc_id_t id) { return id._mi_subproc_id; }

/* The calling thread's part of the heap.  Checked builds look whether the heap is still there;
 * others only when the thread has no part of it yet. */
MIM_INLINE mim_theap_t* mim_in(mi_heap_t* handle) {
  if (MIM_CHECKED) { mim_heap_check(mim_heap_from(handle), "allocation"); }
  return mim_theap_of_heap(mim_heap_from(handle));
}

/* A thread heap that the program names; checked builds look whether it is this thread's. */
mim_theap_t* mim_theap_checked(mi_theap_t* handle);
MIM_INLINE mim_theap_t* mim_theap_arg(mi_theap_t* handle) {
  return MIM_CHECKED ? mim_theap_checked(handle) : mim_theap_from(handle);
}

#endif
