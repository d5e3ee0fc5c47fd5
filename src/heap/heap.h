/* heap.h - a heap: pages that threads allocate from, each thread through a thread heap of its own.
 *
 *   heap --< thread heap (one a thread, theap.h) --< page (owned by that thread)
 *        --< page without owner, with free blocks  (the abandoned set, by bin)
 *        --< page without owner, full              (found again by the next free of its blocks)
 *
 * A page names its heap, and while a thread owns it, its thread heap.  Any thread may take a page
 * out of the abandoned set; a lock guards the set, and the page's own word (page/page.h) decides
 * who owns the page.
 */
#ifndef MIM_HEAP_HEAP_H
#define MIM_HEAP_HEAP_H

#include "page/page.h"
#include "prim/lock.h"

/* A page is put into the shard of the CPU where that happens, and looked for there first: what its
 * blocks lie beside is then in that CPU's cache. */
enum { MIM_SHARDS = 8 };

typedef struct mim_abandoned_set {
  mim_page_t* first;
  _Atomic(size_t) count; /* read without the lock, as a hint */
} mim_abandoned_set_t;

struct mim_heap {
  mim_arenas_t* arenas;
  mim_arena_t* only_arena; /* or NULL */
  mim_lock_t theaps_lock;
  mim_theap_t* theaps; /* under theaps_lock */
  mim_lock_t abandoned_lock;
  mim_abandoned_set_t abandoned[MIM_BIN_COUNT][MIM_SHARDS];
};

extern mim_heap_t mim_heap_main;

/* Counts for the statistics, of the process. */
typedef struct mim_heap_counters {
  mim_counter_t pages, huge_pages, threads;
  mim_counter_t mallocs, malloc_bytes; /* of thread heaps that are gone, and of huge blocks */
  mim_counter_t huge_bytes;
} mim_heap_counters_t;

extern mim_heap_counters_t mim_heap_counters;

/* What a new page of this heap is made from. */
mim_page_source_t mim_heap_source(mim_heap_t* heap);

/* A fresh page; when there is no memory, everything that can be given back is, and it tries
 * again. */
mim_page_t* mim_heap_new_page(mim_heap_t* heap, unsigned bin);
mim_page_t* mim_heap_new_huge_page(mim_heap_t* heap, size_t size, size_t alignment);

/* Owner: an empty page goes back to the arena. */
void mim_heap_dispose_page(mim_page_t* page);

/* Its pages are gone, all at once. */
void mim_heap_forget_pages(mim_heap_t* heap);

/* ---- abandoned pages (abandoned.c) ---- */

/* Owner: gives up a page that is in no queue; if all its blocks are free it goes back instead. */
void mim_heap_abandon_page(mim_page_t* page);

/* A page of this bin with free blocks, claimed by the caller; NULL if there is none. */
mim_page_t* mim_heap_take_abandoned(mim_heap_t* heap, unsigned bin);

/* Claimer: takes the page out of the set (MIM_PAGE_CLAIMED_LISTED). */
void mim_heap_unlist_page(mim_page_t* page);

#endif
