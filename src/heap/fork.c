/* fork.c - a threaded process forks: only the forking thread lives on in the child.
 *
 * The locks are taken before the fork, so that what they guard is whole in the child.  The thread
 * heaps of the other threads stay behind as they were in that moment, perhaps in the middle of a
 * change: nobody may use them again, and their free blocks are lost to the child.  The child's new
 * threads get the stacks, and so the thread ids, that those had: so their pages are given an id
 * that no thread has, and frees into them are remote ones for ever. */
#include "arena/metadata.h"
#include "base/assert.h"
#include "heap/theap.h"
#include "page/page_inline.h"

/* Not 0, which means no owner, and no thread pointer. */
enum { LOST_THREAD_ID = 64 };

void mim_heap_before_fork(void) {
  mim_heaps_lock();
  mim_lock_acquire(mim_heap_main.theaps_lock);
  mim_heap_late_lock();
  mim_lock_acquire(mim_heap_main.abandoned_lock);
  mim_heaps_lock_aside();
  mim_profile_lock();
  mim_arenas_lock();
  mim_page_lock_big();
  mim_page_lock_guarded();
  mim_page_map_lock();
  mim_metadata_lock();
}

void mim_heap_after_fork_in_parent(void) {
  mim_metadata_unlock();
  mim_page_map_unlock();
  mim_page_unlock_guarded();
  mim_page_unlock_big();
  mim_arenas_unlock();
  mim_profile_unlock();
  mim_heaps_unlock_aside();
  mim_lock_release(mim_heap_main.abandoned_lock);
  mim_theap_late_end();
  mim_lock_release(mim_heap_main.theaps_lock);
  mim_heaps_unlock();
}

static bool page_lose(mim_page_t* page, void* arg) {
  const uintptr_t self_id = *(const uintptr_t*)arg;
  const uintptr_t owner = mim_page_owner(page);
  const uintptr_t id = owner & ~(uintptr_t)MIM_PAGE_FLAGS;
  if (id == 0 || id == self_id || id == (uintptr_t)mim_theap_late_id()) { return true; }
  atomic_store_explicit(&page->owner, LOST_THREAD_ID | (owner & MIM_PAGE_FLAGS),
                        memory_order_relaxed);
  return true;
}

static void lose_theaps(mim_heap_t* heap, bool* is_any) {
  for (mim_theap_t* theap = heap->theaps; theap != NULL; theap = theap->next) {
    if (theap->thread_id == mim_thread_id()) { continue; }
    theap->kind = MIM_THEAP_LOST;
    mim_theap_leave_first(theap);
    *is_any = true;
  }
}

static bool arena_lose_pages(mim_arena_t* arena, void* self_id) {
  return mim_arena_visit_pages(arena, &page_lose, self_id);
}

void mim_heap_after_fork_in_child(void) {
  uintptr_t self_id = mim_thread_id();
  bool has_lost = atomic_load(&mim_theap_is_concurrent);
  lose_theaps(&mim_heap_main, &has_lost);
  for (mim_heap_t* heap = mim_heaps_first(); heap != NULL; heap = heap->next) {
    lose_theaps(heap, &has_lost);
  }
  if (has_lost) { mim_subprocs_visit_arenas(&arena_lose_pages, &self_id); }
  mim_heap_after_fork_in_parent();
}
