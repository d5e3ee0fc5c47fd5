/* heap.h - a heap: pages that threads allocate from, each thread through a thread heap of its own.
 *
 *   heap --< thread heap (one a thread, theap.h) --< page (owned by that thread)
 *        --< page without owner, with free blocks  (the abandoned set, by bin)
 *        --< page without owner, full              (found again by the next free of its blocks;
 *                                                   of a first-class heap: also in `aside`)
 *
 * A page names its heap, and while a thread owns it, its thread heap.  Any thread may take a page
 * out of the abandoned set; a lock guards the set, and the page's own word (page/page.h) decides
 * who owns the page.
 *
 * The main heap is that of malloc.  A first-class heap (heaps.c) can be destroyed: so all its pages
 * can be found, in the queues of its thread heaps, in the set, or aside.  It can be deleted: then
 * its pages move to the main heap, each when it is next without an owner, and the structure stays
 * until the last has done so.
 */
#ifndef MIM_HEAP_HEAP_H
#define MIM_HEAP_HEAP_H

#include "heap/counts.h"
#include "page/page.h"
#include "prim/lock.h"
#include "profile/profile.h"

/* A page is put into the shard of the CPU where that happens, and looked for there first: what its
 * blocks lie beside is then in that CPU's cache. */
enum { MIM_SHARDS = 8 };

typedef struct mim_abandoned_set {
  mim_page_t* first;
  _Atomic(size_t) count; /* read without the lock, as a hint */
} mim_abandoned_set_t;

typedef struct mim_subproc mim_subproc_t;

struct mim_heap {
  mim_subproc_t* subproc;
  mim_arenas_t* arenas;    /* of the sub-process */
  mim_arena_t* only_arena; /* or NULL */
  _Atomic(int) numa_node;  /* where its memory should be; -1: anywhere */
  size_t serial;           /* no other heap ever has it; of one that has ended: SIZE_MAX */
  mim_lock_t* theaps_lock;
  mim_theap_t* theaps;               /* under theaps_lock */
  _Atomic(mim_theap_t*) first_theap; /* of the thread that came first; or NULL */
  _Atomic(uintptr_t) first_id;       /* that thread's; 0: none */
  mim_lock_t* abandoned_lock;
  unsigned shard_count;           /* of the abandoned set */
  mim_abandoned_set_t* abandoned; /* by bin and shard */
  mim_abandoned_set_t aside;      /* first-class heaps: without free blocks */
  _Atomic(bool) is_deleted;       /* written under abandoned_lock */
  bool is_only_deleted;           /* its end is always a deletion: mi_heap_new_ex */
  bool is_destroyed;              /* its statistics are its sub-process's */
  _Atomic(size_t) refs;           /* first-class heaps: pages, thread heaps, and 1 until the end */
  mim_page_t** kept;              /* by bin, under abandoned_lock, or NULL: see kept.c */
  size_t fill_preserve;           /* checked builds leave so many bytes of a free block alone */
  _Atomic(mim_profiler_t*) profiler; /* its own, or NULL: then that of its sub-process */
  _Atomic(bool) is_unprofiled;       /* it has none, whatever the sub-process has */
  mim_heap_t* next;                  /* first-class heaps, under the lock of heaps.c */
  mim_heap_t* prev;
  mim_tally_t tally;
};

extern mim_heap_t mim_heap_main;

MIM_INLINE bool mim_heap_is_main(const mim_heap_t* heap) { return heap == &mim_heap_main; }

MIM_INLINE bool mim_heap_is_deleted(const mim_heap_t* heap) {
  return atomic_load_explicit(&heap->is_deleted, memory_order_relaxed);
}

MIM_INLINE mim_abandoned_set_t* mim_heap_set(const mim_heap_t* heap, unsigned bin, unsigned shard) {
  return &heap->abandoned[bin * heap->shard_count + shard];
}

/* What a new page of this heap is made from. */
mim_page_source_t mim_heap_source(mim_heap_t* heap);

/* Its memory should come from this NUMA node from now on; -1: from any. */
void mim_heap_set_numa_node(mim_heap_t* heap, int node);

/* A fresh page; when there is no memory, everything that can be given back is, and it tries
 * again. */
mim_page_t* mim_heap_new_page(mim_heap_t* heap, unsigned bin);
mim_page_t* mim_heap_new_huge_page(mim_heap_t* heap, size_t size, size_t alignment);

/* The same with a block that ends where the OS refuses access; NULL, too, where it cannot: the
 * caller has another way. */
mim_page_t* mim_heap_new_guarded_page(mim_heap_t* heap, size_t size, size_t alignment);

/* Owner: an empty page goes back to the arena, unless its heap keeps it; `end`: whatever the heap
 * does. */
void mim_heap_dispose_page(mim_page_t* page);
void mim_heap_end_page(mim_page_t* page);

/* A huge page's block has now other `bytes` than before. */
void mim_heap_resized_huge(const mim_page_t* page, size_t before);

/* Its pages are gone, all at once. */
void mim_heap_forget_pages(mim_heap_t* heap);

/* ---- pages without owner (abandoned.c) ---- */

/* Owner: gives up a page that is in no queue; if all its blocks are free it goes back instead. */
void mim_heap_abandon_page(mim_page_t* page);

/* Owner: gives up a huge page whose block is about to be handed out. */
void mim_heap_disown_huge(mim_page_t* page);

/* A page of this bin with free blocks, claimed by the caller; NULL if there is none. */
mim_page_t* mim_heap_take_abandoned(mim_heap_t* heap, unsigned bin);

/* Claimer: owns the page from now on, and counts what came back to it. */
void mim_heap_adopt_page(mim_page_t* page, uintptr_t thread_id, mim_theap_t* theap);

/* Claimer, after the `event` that made it so: takes the page out of the set, or out of `aside`. */
void mim_heap_unlink_claimed(mim_page_t* page, mim_page_event_t event);

/* A heap ends: all its pages without owner that nobody claims just now, linked by `next`, claimed
 * by the caller.  Pages given up from now on go to the main heap. */
mim_page_t* mim_heap_take_all(mim_heap_t* heap);

/* ---- empty pages that stay with their heap (kept.c) ---- */

/* Owner of an empty page: false if its heap keeps none. */
bool mim_heap_keep_page(mim_page_t* page);

/* One that was kept, owned by the caller; NULL: there is none. */
mim_page_t* mim_heap_take_kept(mim_heap_t* heap, unsigned bin);

/* Nobody reads freed blocks of the heap any more. */
void mim_heap_release_kept(mim_heap_t* heap);

/* ---- profiles (watch.c) ---- */

/* A heap is profiled by a profiler of its own, or by that of its sub-process, or by none.  NULL
 * ends it.  False: `heap` has been excluded. */
void mim_profile_subproc(mim_subproc_t* subproc, mim_profiler_t* profiler);
bool mim_profile_heap(mim_heap_t* heap, mim_profiler_t* profiler);
void mim_profile_exclude(mim_heap_t* heap);

/* The profile that MIMALLOC_PROFILE asks for begins, unless it has; and is written. */
void mim_watch_start_from_options(void);
void mim_watch_end_from_options(void);

/* ---- first-class heaps (heaps.c) ---- */

/* only_arena: takes memory from there only; NULL: from anywhere.  NULL: there is no memory. */
mim_heap_t* mim_heap_new(mim_subproc_t* subproc, mim_arena_t* only_arena);

/* A fresh heap keeps its empty pages from now on. */
void mim_heap_keep_empty_pages(mim_heap_t* heap);

/* No thread uses the heap any more, but for frees of its blocks: they live on in the main heap. */
void mim_heap_delete(mim_heap_t* heap);

/* No thread uses the heap, or its blocks, any more: all are freed.  What is left of a deleted heap
 * ends so with its sub-process. */
void mim_heap_destroy(mim_heap_t* heap);

/* Whether the program may use the heap; if not, that is reported, and fatal in checked builds. */
bool mim_heap_check(const mim_heap_t* heap, const char* act);

/* The heap of a page; the sub-process's main heap for one of a deleted heap. */
mim_heap_t* mim_heap_of_page(const mim_page_t* page);

/* All pages of a heap, or those without owner: no other thread uses it meanwhile (visit.c). */
bool mim_heap_visit_pages(const mim_heap_t* heap, bool only_abandoned, mim_page_visit_fun_t* visit,
                          void* arg);

/* Pages and thread heaps keep the structure of a first-class heap; nothing for the main heap. */
void mim_heap_ref(mim_heap_t* heap);
void mim_heap_unref(mim_heap_t* heap);

void mim_heaps_lock(void);
void mim_heaps_unlock(void);
void mim_heaps_lock_aside(void);
void mim_heaps_unlock_aside(void);

mim_heap_t* mim_heaps_first(void); /* under the lock: deleted ones too */

/* The process ends: all memory has gone back. */
void mim_heaps_forget(void);

/* ---- statistics (stats.c) ---- */

/* Adds what the heap did; to the main heap belongs what is left of deleted ones. */
void mim_heap_add_stats(mim_heap_t* heap, mim_stats_t* stats);

/* What the heap did so far is another tally's from now on, of the same sub-process; without
 * moves_live it keeps what is in use. */
void mim_heap_fold_stats(mim_heap_t* heap, mim_tally_t* to, bool moves_live);

/* ---- sub-processes (subproc.c): arenas, and heaps that share them ---- */

struct mim_subproc {
  mim_arenas_t* arenas;
  mim_heap_t* main; /* where its threads allocate */
  mim_counter_t threads, heaps, theaps;
  _Atomic(mim_profiler_t*) profiler; /* or NULL */
  mim_tally_t ended;                 /* of heaps that are gone; under the lock of heaps */
  mim_subproc_t* next;
  mim_subproc_t* prev;
};

extern mim_subproc_t mim_subproc_main;

mim_subproc_t* mim_subproc_new(void); /* NULL: there is no memory */

/* No thread uses it, or a block of it, any more. */
void mim_subproc_destroy(mim_subproc_t* subproc);

/* Of the calling thread. */
mim_subproc_t* mim_subproc_current(void);

/* The calling thread allocates there from now on; false: there is no memory. */
bool mim_subproc_enter(mim_subproc_t* subproc);

/* The heaps that the program made and has not ended, and the main heap: until `visit` is false. */
typedef bool mim_heap_visit_fun_t(mim_heap_t* heap, void* arg);
bool mim_subproc_visit_heaps(mim_subproc_t* subproc, mim_heap_visit_fun_t* visit, void* arg);

/* What its heaps did (with_heaps), and those that are gone. */
void mim_subproc_add_stats(mim_subproc_t* subproc, bool with_heaps, mim_stats_t* stats);
void mim_subproc_reset_stats(mim_subproc_t* subproc);

/* An arena of any sub-process. */
bool mim_arena_is_known(const mim_arena_t* arena);

/* Under the lock of heaps: all arenas, until `visit` is false. */
bool mim_subprocs_visit_arenas(bool (*visit)(mim_arena_t* arena, void* arg), void* arg);
void mim_subprocs_destroy_arenas(void);

#endif
