/* visit.c - all pages of a heap.
 *
 * They are found in the arenas, not in the queues: so those of all threads, and those that nobody
 * owns, are found alike. */
#include "base/assert.h"
#include "heap/theap.h"
#include "page/page_inline.h"

typedef struct search {
  const mim_heap_t* heap;
  bool only_abandoned;
  mim_page_visit_fun_t* visit;
  void* arg;
} search_t;

static bool visit_if_of_heap(mim_page_t* page, void* arg) {
  const search_t* const search = arg;
  if (mim_heap_of_page(page) != search->heap) { return true; }
  if (search->only_abandoned && mim_page_is_owned(page)) { return true; }
  return search->visit(page, search->arg);
}

bool mim_heap_visit_pages(const mim_heap_t* heap, bool only_abandoned, mim_page_visit_fun_t* visit,
                          void* arg) {
  search_t search = {heap, only_abandoned, visit, arg};
  mim_theap_t* const self = mim_theap_self;
  if (self->kind == MIM_THEAP_LIVE) { mim_theap_flush_remote(self); }
  const mim_arena_t* arena = atomic_load_explicit(&heap->arenas->first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    if (!mim_arena_visit_pages(arena, &visit_if_of_heap, &search)) { return false; }
  }
  return mim_page_visit_big(&visit_if_of_heap, &search);
}
