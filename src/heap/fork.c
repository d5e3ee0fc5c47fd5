/* fork.c - a threaded process forks: only the forking thread lives on in the child.
 *
 * The locks are taken before the fork, so that what they guard is whole in the child.  The thread
 * heaps of the other threads stay behind as they were in that moment, perhaps in the middle of a
 * change: nobody may use them again, and their free blocks are lost to the child.  Frees into their
 * pages are remote ones, and stay safe: unless a new thread of the child gets the same thread id.
 * Then, before its first allocation, the pages that bear its id are given one that no thread has. */
#include "arena/metadata.h"
#include "base/assert.h"
#include "heap/theap.h"
#include "page/page_inline.h"

/* Not 0, which means no owner, and no thread pointer. */
enum { LOST_THREAD_ID = 64 };

static _Atomic(bool) fork_lost_threads; /* in this process, since it was forked */

void mim_heap_before_fork(void) {
  mim_lock_acquire(&mim_heap_main.theaps_lock);
  mim_heap_late_lock();
  mim_lock_acquire(&mim_heap_main.abandoned_lock);
  mim_arenas_lock(&mim_arenas_main);
  mim_page_map_lock();
  mim_metadata_lock();
}

void mim_heap_after_fork_in_parent(void) {
  mim_metadata_unlock();
  mim_page_map_unlock();
  mim_arenas_unlock(&mim_arenas_main);
  mim_lock_release(&mim_heap_main.abandoned_lock);
  mim_theap_late_end();
  mim_lock_release(&mim_heap_main.theaps_lock);
}

void mim_heap_after_fork_in_child(void) {
  const mim_theap_t* const self = mim_theap_self;
  for (mim_theap_t* theap = mim_heap_main.theaps; theap != NULL; theap = theap->next) {
    if (theap == self) { continue; }
    theap->kind = MIM_THEAP_LOST;
    atomic_store_explicit(&fork_lost_threads, true, memory_order_relaxed);
  }
  mim_heap_after_fork_in_parent();
}

static bool fork_has_lost(uintptr_t thread_id) {
  bool is_found = false;
  mim_lock_acquire(&mim_heap_main.theaps_lock);
  for (mim_theap_t* theap = mim_heap_main.theaps; theap != NULL; theap = theap->next) {
    if (theap->kind != MIM_THEAP_LOST || theap->thread_id != thread_id) { continue; }
    theap->thread_id = LOST_THREAD_ID;
    is_found = true;
  }
  mim_lock_release(&mim_heap_main.theaps_lock);
  return is_found;
}

static void arena_disown(const mim_arena_t* arena, uintptr_t thread_id) {
  for (size_t slice = arena->head_slices; slice < arena->slice_count; slice++) {
    mim_page_t* const page = mim_page_of(arena->base + slice * MIM_SLICE_SIZE);
    const uintptr_t owner = mim_page_owner(page);
    if (page == mim_page_none() || (owner & ~(uintptr_t)MIM_PAGE_FLAGS) != thread_id) { continue; }
    atomic_store_explicit(&page->owner, LOST_THREAD_ID | (owner & MIM_PAGE_FLAGS),
                          memory_order_relaxed);
  }
}

void mim_heap_disown_lost(uintptr_t thread_id) {
  if (!atomic_load_explicit(&fork_lost_threads, memory_order_relaxed)) { return; }
  if (!fork_has_lost(thread_id)) { return; }
  const mim_arena_t* arena = atomic_load_explicit(&mim_arenas_main.first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    arena_disown(arena, thread_id);
  }
}
