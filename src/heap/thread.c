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

_Thread_local mim_theap_t* mim_theap_self = &mim_theap_none;
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
  if (!atomic_load_explicit(&is_done, memory_order_relaxed)) {
    heap_init_once();
    atomic_store_explicit(&is_done, true, memory_order_release);
  }
  mim_lock_release(&lock);
}

/* ---- thread heaps ---- */

static void theap_link(mim_theap_t* theap) {
  mim_heap_t* const heap = theap->heap;
  mim_lock_acquire(&heap->theaps_lock);
  theap->prev = NULL;
  theap->next = heap->theaps;
  if (heap->theaps != NULL) { heap->theaps->prev = theap; }
  heap->theaps = theap;
  mim_lock_release(&heap->theaps_lock);
}

static void theap_unlink(mim_theap_t* theap) {
  mim_heap_t* const heap = theap->heap;
  mim_lock_acquire(&heap->theaps_lock);
  if (theap->prev != NULL) {
    theap->prev->next = theap->next;
  } else {
    heap->theaps = theap->next;
  }
  if (theap->next != NULL) { theap->next->prev = theap->prev; }
  mim_lock_release(&heap->theaps_lock);
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
}

static mim_theap_t* theap_new(void) {
  mim_heap_init();
  mim_theap_t* const theap = theap_memory();
  if (theap == NULL) { return NULL; }
  theap_init(theap, &mim_heap_main, mim_thread_id());
  theap_link(theap);
  mim_counter_add(&mim_heap_counters.threads, 1);
  mim_theap_self = theap;
  mim_prim_at_thread_exit(); /* last: it may allocate */
  return theap;
}

mim_theap_t* mim_theap_get(void) {
  mim_theap_t* const theap = mim_theap_self;
  return theap->kind == MIM_THEAP_NONE ? theap_new() : theap;
}

static void theap_keep_counts(mim_theap_t* theap) {
  MIM_FOR_EACH_BIN(bin, theap) {
    const ptrdiff_t count = (ptrdiff_t)mim_theap_mallocs(theap, bin);
    if (count == 0) { continue; }
    mim_counter_add(&mim_heap_counters.mallocs, count);
    mim_counter_add(&mim_heap_counters.malloc_bytes, count * (ptrdiff_t)mim_bin_block_size(bin));
  }
}

void mim_thread_done(bool is_final) {
  mim_theap_t* const theap = mim_theap_self;
  if (theap->kind == MIM_THEAP_NONE && is_final) { mim_theap_self = &mim_theap_late; }
  if (theap->kind != MIM_THEAP_LIVE) { return; }
  mim_theap_abandon(theap);
  mim_theap_self = is_final ? &mim_theap_late : &mim_theap_none;
  theap_keep_counts(theap);
  theap_unlink(theap);
  mim_counter_add(&mim_heap_counters.threads, -1);
  if (theap == &theap_of_first_thread) {
    memset(theap, 0, sizeof(*theap));
    atomic_store_explicit(&theap_is_first_taken, false, memory_order_release);
  } else {
    mim_metadata_free(theap, sizeof(*theap));
  }
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
  return &late_shared;
}

void mim_heap_late_lock(void) { mim_lock_acquire(&late_lock); }

void mim_theap_late_end(void) { mim_lock_release(&late_lock); }

/* ---- the end ---- */

void mim_heap_destroy_all(void) {
  atomic_store_explicit(&heap_is_destroyed, true, memory_order_release);
  mim_theap_self = &mim_theap_none;
  mim_heap_forget_pages(&mim_heap_main);
  memset(&late_shared, 0, sizeof(late_shared));
  memset(&theap_of_first_thread, 0, sizeof(theap_of_first_thread));
  atomic_store_explicit(&theap_is_first_taken, false, memory_order_relaxed);
  mim_page_destroy_big();
  mim_arenas_destroy(&mim_arenas_main);
  mim_page_map_destroy();
  mim_metadata_destroy();
}
