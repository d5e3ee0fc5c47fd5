/* theap.h - a thread heap: what one thread allocates from, in one heap.
 *
 *   small[]   by granules: the page to pop from; never NULL, at worst mim_page_none()
 *   bins[]    by size class: queues of owned pages
 *               first .. last     pages that may have a free block; the first is that in small[],
 *                                 and held (page.h) where blocks are that small
 *               full              the last few pages that ran out of blocks; older ones are
 *                                 disowned as soon as the process has a second thread
 *   remote[]  chains of blocks that belong to other threads' pages, on their way there
 *
 * A thread without a thread heap points to mim_theap_none, whose every page is mim_page_none(): so
 * first use, empty bin and used-up page are one branch.  Only its own thread touches a thread heap;
 * `heap->theaps` finds them all, under its lock.
 */
#ifndef MIM_HEAP_THEAP_H
#define MIM_HEAP_THEAP_H

#include "heap/heap.h"
#include "prim/thread_id.h"
#include "prim/thread_slot.h"

enum {
  MIM_SMALL_COUNT = MIM_SMALL_MAX / MIM_GRANULE + 1,
  MIM_IDLE_SLOTS = 2,
  MIM_REMOTE_SLOTS = 8,
  MIM_REMOTE_CHAIN_LOOK = 8, /* blocks in a chain when its page may be taken back */
  MIM_REMOTE_CHAIN_MAX = 64  /* blocks that wait in one chain, at most */
};

typedef struct mim_page_queue {
  mim_page_t* first;
  mim_page_t* last;
  size_t count;
} mim_page_queue_t;

typedef struct mim_bin {
  mim_page_queue_t pages;
  mim_page_queue_t full;
} mim_bin_t;

/* Blocks freed by this thread that belong to one page of another. */
typedef struct mim_remote_chain {
  mim_page_t* page; /* NULL: the slot is free */
  mim_block_t* first;
  mim_block_t* last;
  uint32_t count;
  uint32_t limit; /* the block that brings `count` here is looked at */
} mim_remote_chain_t;

typedef enum mim_theap_kind {
  MIM_THEAP_NONE, /* of a thread that has not allocated yet */
  MIM_THEAP_LIVE,
  MIM_THEAP_LATE,  /* of a thread whose exit has been handled: see thread.c */
  MIM_THEAP_LOST,  /* of a thread that a fork left behind: see fork.c */
  MIM_THEAP_DEAD,  /* its heap was destroyed: its thread forgets it */
  MIM_THEAP_FAILED /* stands for a thread heap that there was no memory for */
} mim_theap_kind_t;

/* Which of a thread heap's blocks get more than others: see watch.c. */
typedef struct mim_watch {
  size_t version;           /* of mim_watch_version, when this was last brought up to date */
  mim_profiler_t* profiler; /* takes samples; or NULL */
  size_t sample_rate;       /* its mean distance of them, in bytes */
  size_t sample_left;       /* bytes before the next sample */
  size_t sample_step;       /* what that was at first */
  size_t guard_rate;        /* one block of so many is guarded; 0: none */
  size_t guard_left;        /* the next is the so many-th */
  size_t guard_min, guard_max;
  bool has_own_guards; /* the program has chosen: the options say no more */
  uintptr_t random;
} mim_watch_t;

struct mim_theap {
  mim_page_t* small[MIM_SMALL_COUNT];
  uintptr_t thread_id;
  mim_heap_t* heap;
  mim_theap_kind_t kind;
  bool is_plain;       /* LIVE and not watched: malloc need not look further */
  bool is_watched;     /* by `watch` */
  size_t slow_count;   /* slow paths so far: the clock of this thread heap */
  size_t remote_count; /* chains in use */
  mim_theap_t* next;   /* in heap->theaps */
  mim_theap_t* prev;
  mim_theap_t* thread_next;         /* the others of its thread */
  mim_bin_bits_t used_bins;         /* those that ever had a page */
  mim_page_t* idle[MIM_IDLE_SLOTS]; /* empty pages of larger blocks, kept for the next one */
  mim_bin_t bins[MIM_BIN_COUNT];
  mim_remote_chain_t remote[MIM_REMOTE_SLOTS];
  mim_counts_t counts;
  size_t unmerged; /* bytes handed out since `counts` was last merged */
  mim_watch_t watch;
};

#define MIM_FOR_EACH_BIN(bin, theap) \
  for (unsigned bin = mim_next_bin(&(theap)->used_bins, 1); bin < MIM_BIN_COUNT; \
       bin = mim_next_bin(&(theap)->used_bins, bin + 1))

extern mim_theap_t mim_theap_none;
extern mim_theap_t mim_theap_late;
extern mim_theap_t mim_theap_failed;

/* Where malloc allocates in this thread. */
extern MIM_THREAD_LOCAL mim_theap_t* mim_tls_theap_self;
#define mim_theap_self mim_theap_of_thread()
MIM_INLINE mim_theap_t* mim_theap_of_thread(void) {
  mim_theap_t* const theap = mim_thread_slot_read();
  return mim_likely(theap != NULL) ? theap : mim_tls(mim_tls_theap_self);
}
MIM_INLINE void mim_theap_set_self(mim_theap_t* theap) {
  mim_tls(mim_tls_theap_self) = theap;
  mim_thread_slot_write(theap);
}

/* A heap knows the thread heap of the thread that used it first, which most often is the only one.
 * For others: the thread heaps of this thread that were used last, by the serial of their heap: a
 * serial is never used again, so that an entry of a heap that has ended matches no other. */
enum { MIM_THEAP_CACHE = 8 };
typedef struct mim_theap_cached {
  size_t serial;
  mim_theap_t* theap;
} mim_theap_cached_t;
extern MIM_THREAD_LOCAL mim_theap_cached_t mim_tls_theap_cache[MIM_THEAP_CACHE];
#define mim_theap_cache mim_tls(mim_tls_theap_cache)

/* True once a second thread has allocated. */
extern _Atomic(bool) mim_theap_is_concurrent;

/* ---- finding a page (theap_find.c) ---- */

/* A page of the bin with a free block, first of its queue; NULL: there is no memory. */
mim_page_t* mim_theap_find_page(mim_theap_t* theap, unsigned bin_index);

/* ---- what a free did (theap_event.c) ---- */

/* Owner: a local free brought the page to its mark (MIM_PAGE_MARK). */
void mim_theap_on_mark(mim_page_t* page);

/* A block of a page that the calling thread does not own. */
void mim_theap_free_remote(mim_theap_t* theap, mim_page_t* page, mim_block_t* block);
void mim_theap_flush_remote(mim_theap_t* theap);

/* ---- tidying (theap_collect.c) ---- */

/* Gives back what is free; is_forced: also what a thread keeps for its next allocation. */
void mim_theap_collect(mim_theap_t* theap, bool is_forced);

/* Every so many slow paths: remote chains, idle pages, purging. */
void mim_theap_tick(mim_theap_t* theap);

/* There is no memory: gives back everything this thread can; false if that is no use. */
bool mim_theap_make_room(void);

/* Pages are abandoned one by one: the thread ends, or has no use for them.  Only here may another
 * thread stand in for the own one, if that is in no function of ours. */
void mim_theap_abandon(mim_theap_t* theap);

/* Owner: counts what was handed out and came back since the last time. */
void mim_theap_count(mim_theap_t* theap);

/* Owner, not under any lock: what was counted becomes the heap's. */
void mim_theap_merge(mim_theap_t* theap);

/* A function of the program that a thread calls now and then from its slow path (and with is_forced
 * when it collects): it may free blocks that it kept back, and allocate. */
typedef void mim_deferred_free_fun_t(bool is_forced, unsigned long long heartbeat, void* arg);
void mim_deferred_free_register(mim_deferred_free_fun_t* fun, void* arg);
void mim_deferred_free(const mim_theap_t* theap, bool is_forced);

/* ---- watching (watch.c) ---- */

/* Brings `watch` up to date, if what there is to watch has changed. */
void mim_watch_update(mim_theap_t* theap);

/* The same for all thread heaps of the calling thread (thread.c). */
void mim_watch_update_own(void);

/* There may be something else to watch: the calling thread looks now, the others soon. */
void mim_watch_changed(void);

/* The process ends: all memory has gone back. */
void mim_watch_forget(void);

/* From now on, whatever the options say. */
void mim_watch_set_guard_rate(mim_theap_t* theap, size_t rate, size_t seed);
void mim_watch_set_guard_bounds(mim_theap_t* theap, size_t min, size_t max);

/* How many more blocks of this size go unwatched; 0: the next one is watched. */
size_t mim_watch_unwatched(const mim_watch_t* watch, size_t block_size);

/* So many blocks, all unwatched, are handed out, or will be. */
void mim_watch_count(mim_watch_t* watch, size_t count, size_t block_size);

/* A block of `block_size` is handed out for a request of `size` bytes: is it to be guarded? */
bool mim_watch_takes_guard(mim_watch_t* watch, size_t size, size_t block_size);

/* Is it to be sampled?  `point`: the byte of the block that was met. */
bool mim_watch_takes_sample(mim_watch_t* watch, size_t block_size, size_t* point);

/* ---- queues (theap_queue.c) ---- */

void mim_bin_push_front(mim_theap_t* theap, mim_page_t* page);
void mim_bin_push_second(mim_theap_t* theap, mim_page_t* page);
void mim_bin_remove(mim_theap_t* theap, mim_page_t* page);  /* from pages */
void mim_bin_to_full(mim_theap_t* theap, mim_page_t* page); /* from pages to full */
void mim_bin_push_full(mim_theap_t* theap, mim_page_t* page);
void mim_bin_from_full(mim_theap_t* theap, mim_page_t* page);
void mim_bin_count(mim_theap_t* theap, mim_page_t* page);

/* An empty page of `pages` leaves its queue for the arena. */
void mim_bin_give_back(mim_theap_t* theap, mim_page_t* page);
bool mim_theap_is_valid(mim_theap_t* theap); /* full assertions */

/* ---- threads (thread.c) ---- */

/* Start-up of all lower layers, once; any thread, any number of times. */
void mim_heap_init(void);

/* The thread heap of the calling thread, made if need be; NULL if there is no memory for it, and
 * mim_theap_late for a thread that has ended already. */
mim_theap_t* mim_theap_get(void);

/* The same for one that the thread asked for: of mim_theap_of_heap, or mim_theap_self. */
mim_theap_t* mim_theap_usable(mim_theap_t* theap);

/* The calling thread's thread heap of a heap, made if need be.  Never NULL: what allocates from
 * mim_theap_failed gets NULL; a thread that has ended allocates in the main heap. */
mim_theap_t* mim_theap_of_heap_slow(mim_heap_t* heap);

MIM_INLINE mim_theap_cached_t* mim_theap_cache_for(const mim_heap_t* heap) {
  return &mim_theap_cache[heap->serial % MIM_THEAP_CACHE];
}

/* The calling thread is the first: it has written both words itself. */
MIM_INLINE bool mim_theap_is_first(const mim_heap_t* heap) {
  return mim_is_this_thread(atomic_load_explicit(&heap->first_id, memory_order_relaxed));
}

MIM_INLINE mim_theap_t* mim_theap_first(const mim_heap_t* heap) {
  return atomic_load_explicit(&heap->first_theap, memory_order_relaxed);
}

MIM_INLINE mim_theap_t* mim_theap_of_heap(mim_heap_t* heap) {
  return mim_likely(mim_theap_is_first(heap)) ? mim_theap_first(heap)
                                              : mim_theap_of_heap_slow(heap);
}

/* Under heap->theaps_lock: it is the first no more. */
void mim_theap_leave_first(mim_theap_t* theap);

/* The same if it is there and was used lately; else NULL. */
MIM_INLINE mim_theap_t* mim_theap_recent(const mim_heap_t* heap) {
  if (mim_theap_is_first(heap)) { return mim_theap_first(heap); }
  const mim_theap_cached_t* const entry = mim_theap_cache_for(heap);
  return entry->serial == heap->serial ? entry->theap : NULL;
}

/* The calling thread's thread heap of a heap, or NULL. */
mim_theap_t* mim_theap_own(const mim_heap_t* heap);

/* The calling thread counts all it did; is_merged: and adds it to its heaps. */
void mim_thread_count(bool is_merged);

/* Malloc of the calling thread allocates in this heap from now on; false: there is no memory. */
bool mim_thread_set_heap(mim_heap_t* heap);

/* The calling thread's thread heap of a first-class heap ends, if it has one: its pages are given
 * up. */
void mim_theap_end_own(mim_heap_t* heap);

/* The heap is destroyed: its thread heaps, which have no pages any more, end in all threads. */
void mim_theaps_end_all(mim_heap_t* heap);

/* The calling thread ends, or says so; is_final: its later allocations are late ones. */
void mim_thread_done(bool is_final);

/* Allocations of threads that have ended share one thread heap, under a lock. */
mim_theap_t* mim_theap_late_begin(void);
void mim_theap_late_end(void);

/* The process ends and nobody needs any block any more: everything goes back to the OS. */
void mim_heap_destroy_all(void);

/* From then on a pointer that is not ours may be one of before. */
bool mim_heap_is_destroyed(void);

void mim_heap_late_lock(void);

/* What was allocated so, for the statistics. */
const mim_counts_t* mim_theap_late_counts(void);

/* The thread id that the pages of late allocations bear. */
uintptr_t mim_theap_late_id(void);

/* ---- fork (fork.c) ---- */

/* All locks, in the order of their ranks. */
void mim_heap_before_fork(void);
void mim_heap_after_fork_in_parent(void);
void mim_heap_after_fork_in_child(void);

#endif
