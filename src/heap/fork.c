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
  mim_lock_acquire(&mim_heap_main.theaps_lock);
  mim_heap_late_lock();
  mim_lock_acquire(&mim_heap_main.abandoned_lock);
  mim_arenas_lock(&mim_arenas_main);
  mim_page_lock_big();
  mim_page_map_lock();
  mim_metadata_lock();
}

void mim_heap_after_fork_in_parent(void) {
  mim_metadata_unlock();
  mim_page_map_unlock();
  mim_page_unlock_big();
  mim_arenas_unlock(&mim_arenas_main);
  mim_lock_release(&mim_heap_main.abandoned_lock);
  mim_theap_late_end();
  mim_lock_release(&mim_heap_main.theaps_lock);
}

static void page_lose(mim_page_t* page, uintptr_t self_id) {
  const uintptr_t owner = mim_page_owner(page);
  const uintptr_t id = owner & ~(uintptr_t)MIM_PAGE_FLAGS;
  if (id == 0 || id == self_id || id == (uintptr_t)mim_theap_late_id()) { return; }
  atomic_store_explicit(&page->owner, LOST_THREAD_ID | (owner & MIM_PAGE_FLAGS),
                        memory_order_relaxed);
}

/* Every page starts at a slice that is not free. */
static void arena_lose_pages(const mim_arena_t* arena, uintptr_t self_id) {
  for (size_t slice = arena->head_slices; slice < arena->slice_count; slice++) {
    const mim_slice_group_t* const group = &arena->groups[slice / MIM_GROUP_SLICES];
    if (atomic_load_explicit(&group->free, memory_order_relaxed) == SIZE_MAX) {
      slice |= MIM_GROUP_SLICES - 1;
      continue;
    }
    mim_page_t* const page = mim_page_of(arena->base + slice * MIM_SLICE_SIZE);
    if (page != mim_page_none()) { page_lose(page, self_id); }
  }
}

static bool lose_theaps(void) {
  bool is_any = false;
  for (mim_theap_t* theap = mim_heap_main.theaps; theap != NULL; theap = theap->next) {
    if (theap == mim_theap_self) { continue; }
    theap->kind = MIM_THEAP_LOST;
    is_any = true;
  }
  return is_any;
}

void mim_heap_after_fork_in_child(void) {
  const mim_arena_t* arena = atomic_load_explicit(&mim_arenas_main.first, memory_order_acquire);
  const bool has_lost = lose_theaps() || atomic_load(&mim_theap_is_concurrent);
  for (; has_lost && arena != NULL;
       arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    arena_lose_pages(arena, mim_thread_id());
  }
  mim_heap_after_fork_in_parent();
}
