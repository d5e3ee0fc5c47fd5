/* mi_visit.c - mi_*: what lies in a heap.  Contracts: include/mimalloc.h. */
#include "api/handle.h"
#include "page/page_inline.h"

typedef struct visitor {
  const mi_heap_t* heap;
  bool visits_blocks;
  mi_block_visit_fun* fun;
  void* arg;
  mi_heap_area_t area;
} visitor_t;

static bool visit_block(const mim_page_t* page, void* block, void* arg) {
  visitor_t* const visitor = arg;
  const size_t size = page->block_size - page->inset;
  return visitor->fun(visitor->heap, &visitor->area, block, size, visitor->arg);
}

static bool visit_page(mim_page_t* page, void* arg) {
  visitor_t* const visitor = arg;
  const size_t block_size = page->block_size - page->inset;
  visitor->area = (mi_heap_area_t){
    .blocks = page->start + page->inset,
    .reserved = page->reserved * block_size,
    .committed = page->capacity * block_size,
    .used = mim_page_live_now(page),
    .block_size = block_size,
    .full_block_size = block_size,
  };
  if (!visitor->fun(visitor->heap, &visitor->area, NULL, block_size, visitor->arg)) {
    return false;
  }
  return !visitor->visits_blocks || mim_page_visit_blocks(page, &visit_block, visitor);
}

static bool visit_heap(const mim_heap_t* heap, bool only_abandoned, bool visits_blocks,
                       mi_block_visit_fun* fun, void* arg) {
  if (heap == NULL || fun == NULL) { return false; }
  visitor_t visitor = {
    .heap = (const mi_heap_t*)(const void*)heap,
    .visits_blocks = visits_blocks,
    .fun = fun,
    .arg = arg,
  };
  return mim_heap_visit_pages(heap, only_abandoned, &visit_page, &visitor);
}

MIM_EXPORT bool mi_heap_visit_blocks(mi_heap_t* heap, bool visits_blocks, mi_block_visit_fun* fun,
                                     void* arg) {
  return visit_heap(mim_heap_from(heap), false, visits_blocks, fun, arg);
}

MIM_EXPORT bool mi_heap_visit_abandoned_blocks(mi_heap_t* heap, bool visits_blocks,
                                               mi_block_visit_fun* fun, void* arg) {
  return visit_heap(mim_heap_from(heap), true, visits_blocks, fun, arg);
}

MIM_EXPORT bool mi_theap_visit_blocks(const mi_theap_t* theap, bool visits_blocks,
                                      mi_block_visit_fun* fun, void* arg) {
  if (theap == NULL) { return false; }
  return visit_heap(((const mim_theap_t*)(const void*)theap)->heap, false, visits_blocks, fun, arg);
}

MIM_EXPORT bool mi_unsafe_heap_page_is_under_utilized(mi_heap_t* heap, void* p, size_t percent) {
  const mim_page_t* const page = mim_page_of(p);
  if (heap == NULL || page == mim_page_none() || mi_heap_of(p) != heap) { return false; }
  return (size_t)mim_page_live_now(page) * 100 < page->reserved * percent;
}
