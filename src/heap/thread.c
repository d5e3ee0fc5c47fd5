/* thread.c - threads come and go.
 *
 * A thread gets its thread heap with its first allocation.  When it ends, its pages are abandoned
 * and the thread heap goes back to the metadata.  Destructors that run even later may still
 * allocate: then the thread points to mim_theap_late, and allocates under a lock from the one
 * thread heap that all ended threads share.  Its pages belong to no thread id, so that every free
 * of them is a remote one. */
#include <string.h>

#include "arena/metadata.h"
#include "base/assert.h"
#include "diag/message.h"
#include "diag/options.h"
#include "heap/theap.h"
#include "os/os.h"

#define NONE_1 ((mim_page_t*)(void*)mim_page_map.none)
#define NONE_8 NONE_1, NONE_1, NONE_1, NONE_1, NONE_1, NONE_1, NONE_1, NONE_1
#define NONE_65 NONE_8, NONE_8, NONE_8, NONE_8, NONE_8, NONE_8, NONE_8, NONE_8, NONE_1

_Static_assert(MIM_SMALL_COUNT == 65, "as many as NONE_65 lists");

mim_theap_t mim_theap_none = {.small = {NONE_65}, .kind = MIM_THEAP_NONE};
mim_theap_t mim_theap_late = {.small = {NONE_65}, .kind = MIM_THEAP_LATE};

mim_theap_t mim_theap_failed = {.small = {NONE_65}, .kind = MIM_THEAP_FAILED};

MIM_THREAD_LOCAL mim_theap_t* mim_tls_theap_self = &mim_theap_none;
MIM_THREAD_LOCAL mim_theap_cached_t mim_tls_theap_cache[MIM_THEAP_CACHE];
static MIM_THREAD_LOCAL mim_theap_t* thread_theaps; /* that of the main heap is the last */
_Atomic(bool) mim_theap_is_concurrent;

static MIM_ALIGNED(64) mim_theap_t theap_of_first_thread;
static _Atomic(bool) theap_is_first_taken;

/* ---- process ---- */

/* Set when all memory went back at the end of the process: a thread that ends still later has
 * nothing to give up. */
static _Atomic(bool) heap_is_destroyed;

bool mim_heap_is_destroyed(void) {
  return atomic_load_explicit(&heap_is_destroyed, memory_order_acquire);
}

static void on_thread_exit(void) {
  if (!mim_heap_is_destroyed()) { mim_thread_done(true); }
}

static void heap_init_once(void) {
  mim_message_init();
  mim_os_init();
  mim_options_load();
  mim_prim_thread_exit_init(&on_thread_exit);
}

void mim_heap_init(void) {
  static mim_lock_t lock = MIM_LOCK_INIT(MIM_RANK_PROCESS);
  static _Atomic(bool) is_done;
  if (atomic_load_explicit(&is_done, memory_order_acquire)) { return; }
  mim_lock_acquire(&lock);
  const bool is_first = !atomic_load_explicit(&is_done, memory_order_relaxed);
  if (is_first) {
    heap_init_once();
    atomic_store_explicit(&is_done, true, memory_order_release);
  }
  mim_lock_release(&lock);
  if (is_first) { mim_watch_start_from_options(); }
}

/* ---- thread heaps ---- */

static void set_first(mim_heap_t* heap, mim_theap_t* theap) {
  atomic_store_explicit(&heap->first_theap, theap, memory_order_relaxed);
  atomic_store_explicit(&heap->first_id, theap == NULL ? 0 : theap->thread_id,
                        memory_order_relaxed);
}

void mim_theap_leave_first(mim_theap_t* theap) {
  if (mim_theap_first(theap->heap) == theap) { set_first(theap->heap, NULL); }
}

/* Both under heap->theaps_lock. */
static void theap_link(mim_theap_t* theap) {
  mim_heap_t* const heap = theap->heap;
  theap->prev = NULL;
  theap->next = heap->theaps;
  if (heap->theaps != NULL) { heap->theaps->prev = theap; }
  heap->theaps = theap;
  if (mim_theap_first(heap) == NULL) { set_first(heap, theap); }
}

static void theap_unlink(mim_theap_t* theap) {
  mim_tally_merge(&theap->heap->tally, &theap->counts, &theap->used_bins);
  mim_counter_add(&theap->heap->subproc->theaps, -1);
  mim_theap_leave_first(theap);
  if (theap->prev != NULL) {
    theap->prev->next = theap->next;
  } else {
    theap->heap->theaps = theap->next;
  }
  if (theap->next != NULL) { theap->next->prev = theap->prev; }
}

static mim_theap_t* theap_memory(void) {
  if (!atomic_exchange_explicit(&theap_is_first_taken, true, memory_order_acquire)) {
    return &theap_of_first_thread;
  }
  atomic_store_explicit(&mim_theap_is_concurrent, true, memory_order_relaxed);
  return mim_metadata_new(sizeof(mim_theap_t));
}

static void theap_init(mim_theap_t* theap, mim_heap_t* heap, uintptr_t thread_id) {
  memcpy(theap->small, mim_theap_none.small, sizeof(theap->small));
  theap->thread_id = thread_id;
  theap->heap = heap;
  theap->kind = MIM_THEAP_LIVE;
  theap->is_plain = true;
}

void mim_watch_update_own(void) {
  for (mim_theap_t* theap = mim_tls(thread_theaps); theap != NULL; theap = theap->thread_next) {
    if (theap->kind == MIM_THEAP_LIVE) { mim_watch_update(theap); }
  }
}

static void theap_start(mim_theap_t* theap, mim_heap_t* heap) {
  theap_init(theap, heap, mim_thread_id());
  mim_watch_update(theap);
  mim_lock_acquire(heap->theaps_lock);
  theap_link(theap);
  mim_lock_release(heap->theaps_lock);
  mim_counter_add(&heap->subproc->theaps, 1);
  theap->thread_next = mim_tls(thread_theaps);
  mim_tls(thread_theaps) = theap;
}

static mim_theap_t* theap_new(void) {
  mim_heap_init();
  mim_theap_t* const theap = theap_memory();
  if (theap == NULL) { return NULL; }
  theap_start(theap, &mim_heap_main);
  mim_counter_add(&mim_subproc_main.threads, 1);
  mim_theap_set_self(theap);
  mim_prim_at_thread_exit(); /* last: it may allocate */
  return theap;
}

mim_theap_t* mim_theap_usable(mim_theap_t* theap) {
  if (theap->kind == MIM_THEAP_NONE) { return theap_new(); }
  return theap->kind == MIM_THEAP_FAILED ? NULL : theap;
}

mim_theap_t* mim_theap_get(void) { return mim_theap_usable(mim_theap_self); }

static void theap_free(mim_theap_t* theap) {
  if (theap == &theap_of_first_thread) {
    memset(theap, 0, sizeof(*theap));
    atomic_store_explicit(&theap_is_first_taken, false, memory_order_release);
  } else {
    mim_metadata_free(theap, sizeof(*theap));
  }
}

/* Its pages have no owner any more. */
static void theap_end_main(mim_theap_t* theap) {
  mim_theap_abandon(theap);
  mim_lock_acquire(mim_heap_main.theaps_lock);
  theap_unlink(theap);
  mim_lock_release(mim_heap_main.theaps_lock);
}

/* The same for one of a first-class heap, which may be destroyed in this moment. */
static void theap_end_other(mim_theap_t* theap) {
  mim_heap_t* heap = NULL;
  mim_heaps_lock();
  if (theap->kind == MIM_THEAP_LIVE) {
    heap = theap->heap;
    mim_theap_abandon(theap);
    theap_unlink(theap);
  }
  mim_heaps_unlock();
  if (heap != NULL) { mim_heap_unref(heap); }
}

static void theap_end(mim_theap_t* theap) {
  if (mim_heap_is_main(theap->heap)) {
    theap_end_main(theap);
  } else {
    theap_end_other(theap);
  }
  theap_free(theap);
}

void mim_thread_done(bool is_final) {
  if (mim_tls(thread_theaps) == NULL) {
    if (is_final) { mim_theap_set_self(&mim_theap_late); }
    return;
  }
  if (mim_theap_self->kind == MIM_THEAP_LIVE) {
    mim_counter_add(&mim_subproc_current()->threads, -1);
  }
  mim_theap_set_self(is_final ? &mim_theap_late : &mim_theap_none);
  memset(mim_theap_cache, 0, sizeof(mim_theap_cache));
  for (mim_theap_t* theap; (theap = mim_tls(thread_theaps)) != NULL;) {
    mim_tls(thread_theaps) = theap->thread_next;
    theap_end(theap);
  }
}

/* ---- thread heaps of first-class heaps ---- */

/* Those whose heap was destroyed are forgotten: DEAD is written under the lock. */
mim_theap_t* mim_theap_own(const mim_heap_t* heap) {
  mim_theap_t* found = NULL;
  mim_theap_t* dead = NULL;
  mim_heaps_lock();
  for (mim_theap_t** link = &mim_tls(thread_theaps); *link != NULL;) {
    mim_theap_t* const theap = *link;
    if (theap->kind == MIM_THEAP_DEAD) {
      *link = theap->thread_next;
      theap->thread_next = dead;
      dead = theap;
      continue;
    }
    if (theap->heap == heap) { found = theap; }
    link = &theap->thread_next;
  }
  mim_heaps_unlock();
  for (mim_theap_t* theap; (theap = dead) != NULL;) {
    dead = theap->thread_next;
    theap_free(theap);
  }
  return found;
}

static mim_theap_t* theap_of_heap(mim_heap_t* heap) {
  mim_theap_t* const self = mim_theap_get();
  if (self == NULL) { return &mim_theap_failed; }
  if (self->kind == MIM_THEAP_LATE) { return self; }
  mim_theap_t* theap = mim_theap_own(heap);
  if (theap == NULL) {
    if (!mim_heap_check(heap, "allocation")) { return &mim_theap_failed; }
    theap = mim_metadata_new(sizeof(mim_theap_t));
    if (theap == NULL) { return &mim_theap_failed; }
    mim_heap_ref(heap);
    theap_start(theap, heap);
  }
  *mim_theap_cache_for(heap) = (mim_theap_cached_t){heap->serial, theap};
  return theap;
}

mim_theap_t* mim_theap_of_heap_slow(mim_heap_t* heap) {
  const mim_theap_cached_t* const entry = mim_theap_cache_for(heap);
  return mim_likely(entry->serial == heap->serial) ? entry->theap : theap_of_heap(heap);
}

bool mim_thread_set_heap(mim_heap_t* heap) {
  mim_theap_t* const theap = mim_theap_of_heap(heap);
  if (theap == &mim_theap_failed) { return false; }
  mim_theap_set_self(theap);
  return true;
}

void mim_thread_count(bool is_merged) {
  mim_theap_t* const last = mim_theap_own(&mim_heap_main);
  mim_heaps_lock();
  for (mim_theap_t* theap = mim_tls(thread_theaps); theap != NULL; theap = theap->thread_next) {
    if (theap->kind != MIM_THEAP_LIVE) { continue; }
    mim_theap_count(theap);
    if (is_merged && theap != last) {
      mim_tally_merge(&theap->heap->tally, &theap->counts, &theap->used_bins);
    }
  }
  mim_heaps_unlock();
  if (is_merged && last != NULL) { mim_theap_merge(last); }
}

/* Where malloc goes on when its thread heap ends. */
static void leave_default(const mim_theap_t* theap) {
  if (mim_theap_self != theap) { return; }
  mim_heap_t* const main = theap->heap->subproc->main;
  mim_theap_t* next = main == theap->heap ? NULL : mim_theap_own(main);
  if (next == NULL) {
    mim_counter_add(&theap->heap->subproc->threads, -1);
    next = mim_theap_own(&mim_heap_main);
    mim_counter_add(&mim_subproc_main.threads, 1);
  }
  mim_theap_set_self(next);
}

void mim_theap_end_own(mim_heap_t* heap) {
  mim_theap_t* const theap = mim_theap_own(heap);
  if (theap == NULL) { return; }
  leave_default(theap);
  mim_theap_t** link = &mim_tls(thread_theaps);
  while (*link != theap) { link = &(*link)->thread_next; }
  *link = theap->thread_next;
  theap_end(theap);
}

void mim_theaps_end_all(mim_heap_t* heap) {
  size_t count = 0;
  const mim_theap_t* const own = mim_theap_own(heap);
  if (own != NULL) { leave_default(own); }
  mim_heaps_lock();
  for (mim_theap_t *theap = heap->theaps, *next; theap != NULL; theap = next) {
    next = theap->next;
    if (theap->kind == MIM_THEAP_LOST) { continue; }
    theap_unlink(theap);
    theap->kind = MIM_THEAP_DEAD;
    theap->is_plain = false;
    count++;
  }
  mim_heaps_unlock();
  mim_theap_own(NULL); /* forgets this thread's */
  for (; count > 0; count--) { mim_heap_unref(heap); }
}

/* ---- late allocations ---- */

static mim_lock_t late_lock = MIM_LOCK_INIT(MIM_RANK_LATE);
static mim_theap_t late_shared;

uintptr_t mim_theap_late_id(void) { return (uintptr_t)&late_shared; }

mim_theap_t* mim_theap_late_begin(void) {
  mim_heap_init();
  mim_lock_acquire(&late_lock);
  /* Its own address is the thread id: no thread has it. */
  if (late_shared.heap == NULL) { theap_init(&late_shared, &mim_heap_main, mim_theap_late_id()); }
  mim_watch_update(&late_shared);
  return &late_shared;
}

const mim_counts_t* mim_theap_late_counts(void) { return &late_shared.counts; }

void mim_heap_late_lock(void) { mim_lock_acquire(&late_lock); }

void mim_theap_late_end(void) { mim_lock_release(&late_lock); }

/* ---- the end ---- */

void mim_heap_destroy_all(void) {
  atomic_store_explicit(&heap_is_destroyed, true, memory_order_release);
  mim_theap_set_self(&mim_theap_none);
  mim_tls(thread_theaps) = NULL;
  memset(mim_theap_cache, 0, sizeof(mim_theap_cache));
  mim_subprocs_destroy_arenas();
  mim_watch_forget();
  mim_page_forget_guarded();
  mim_heaps_forget();
  mim_heap_forget_pages(&mim_heap_main);
  memset(&late_shared, 0, sizeof(late_shared));
  memset(&theap_of_first_thread, 0, sizeof(theap_of_first_thread));
  atomic_store_explicit(&theap_is_first_taken, false, memory_order_relaxed);
  mim_page_destroy_big();
  mim_page_map_destroy();
  mim_metadata_destroy();
}
