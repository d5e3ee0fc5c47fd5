/* abandoned.c - the pages of a heap that no thread owns: those that have free blocks, in a set; and
 * of a heap that can be destroyed also the others, aside. */
#include "base/assert.h"
#include "heap/heap.h"
#include "page/page_inline.h"
#include "prim/prim.h"

/* ---- sets, under the heap's lock ---- */

static void set_link(mim_abandoned_set_t* set, mim_page_t* page) {
  page->prev = NULL;
  page->next = set->first;
  if (set->first != NULL) { set->first->prev = page; }
  set->first = page;
  atomic_fetch_add_explicit(&set->count, 1, memory_order_relaxed);
}

static void set_unlink(mim_abandoned_set_t* set, mim_page_t* page) {
  if (page->prev != NULL) {
    page->prev->next = page->next;
  } else {
    mim_assert(set->first == page);
    set->first = page->next;
  }
  if (page->next != NULL) { page->next->prev = page->prev; }
  page->next = NULL;
  page->prev = NULL;
  atomic_fetch_sub_explicit(&set->count, 1, memory_order_relaxed);
}

static mim_abandoned_set_t* set_of(mim_heap_t* heap, const mim_page_t* page, bool is_listed) {
  return is_listed ? mim_heap_set(heap, page->bin, page->shard) : &heap->aside;
}

static unsigned own_shard(const mim_heap_t* heap) {
  return heap->shard_count == 1 ? 0 : mim_prim_cpu() % heap->shard_count;
}

/* ---- giving up ---- */

typedef enum outcome { DISOWNED, EMPTY, HEAP_IS_DELETED } outcome_t;

static outcome_t disown_in_set(mim_heap_t* heap, mim_page_t* page, bool is_listed) {
  if (mim_heap_is_deleted(heap)) { return HEAP_IS_DELETED; }
  page->shard = (uint8_t)own_shard(heap);
  mim_abandoned_set_t* const set = set_of(heap, page, is_listed);
  set_link(set, page);
  if (mim_page_try_disown(page, is_listed)) { return DISOWNED; }
  set_unlink(set, page);
  return EMPTY;
}

/* The heap is deleted: what is left of it belongs to its sub-process's main heap.  The caller owns
 * the page. */
static void move_to_main(mim_page_t* page) {
  mim_heap_t* const heap = mim_page_heap(page);
  mim_heap_t* const main = heap->subproc->main;
  mim_heap_ref(main);
  atomic_store_explicit(&page->heap, main, memory_order_relaxed);
  mim_heap_unref(heap);
}

/* False: all its blocks have come back. */
static bool disown(mim_page_t* page, bool is_listed) {
  mim_heap_t* const heap = mim_page_heap(page);
  if (!is_listed && mim_heap_is_main(heap)) { return mim_page_try_disown(page, false); }
  mim_lock_acquire(heap->abandoned_lock);
  const outcome_t outcome = disown_in_set(heap, page, is_listed);
  mim_lock_release(heap->abandoned_lock);
  if (outcome != HEAP_IS_DELETED) { return outcome == DISOWNED; }
  move_to_main(page);
  return disown(page, is_listed);
}

/* A page with little room is not worth a place in the set: who frees enough of it puts it there. */
static bool page_has_room(const mim_page_t* page) { return page->used <= mim_page_most_live(page); }

void mim_heap_abandon_page(mim_page_t* page) {
  mim_assert(page->state == MIM_PAGE_QUEUED && page->next == NULL && page->prev == NULL);
  mim_page_collect(page);
  if (page->used == 0 || !disown(page, page_has_room(page))) { mim_heap_dispose_page(page); }
}

void mim_heap_disown_huge(mim_page_t* page) { disown(page, false); }

/* ---- taking ---- */

static mim_page_t* set_take(mim_heap_t* heap, mim_abandoned_set_t* set) {
  if (atomic_load_explicit(&set->count, memory_order_relaxed) == 0) { return NULL; }
  mim_lock_acquire(heap->abandoned_lock);
  mim_page_t* page = set->first;
  /* One that is owned already was emptied just now: its claimer waits for this lock. */
  while (page != NULL && mim_page_try_claim(page) == MIM_PAGE_NOTHING) { page = page->next; }
  if (page != NULL) { set_unlink(set, page); }
  mim_lock_release(heap->abandoned_lock);
  return page;
}

/* Most often there are none: then nobody has to know which CPU this is. */
static bool has_abandoned(mim_heap_t* heap, unsigned bin) {
  for (unsigned shard = 0; shard < heap->shard_count; shard++) {
    const mim_abandoned_set_t* const set = mim_heap_set(heap, bin, shard);
    if (atomic_load_explicit(&set->count, memory_order_relaxed) != 0) { return true; }
  }
  return false;
}

mim_page_t* mim_heap_take_abandoned(mim_heap_t* heap, unsigned bin) {
  if (!has_abandoned(heap, bin)) { return NULL; }
  const unsigned own = own_shard(heap);
  for (unsigned i = 0; i < heap->shard_count; i++) {
    const unsigned shard = (own + i) % heap->shard_count;
    mim_page_t* const page = set_take(heap, mim_heap_set(heap, bin, shard));
    if (page != NULL) { return page; }
  }
  return NULL;
}

void mim_heap_unlink_claimed(mim_page_t* page, mim_page_event_t event) {
  mim_heap_t* const heap = mim_page_heap(page);
  const bool is_listed = (event == MIM_PAGE_CLAIMED_LISTED);
  if (!is_listed && mim_heap_is_main(heap)) { return; } /* it is in no set */
  mim_lock_acquire(heap->abandoned_lock);
  set_unlink(set_of(heap, page, is_listed), page);
  mim_lock_release(heap->abandoned_lock);
}

/* Under the lock: those that nobody claims just now, put before `taken`. */
static mim_page_t* set_take_all(mim_abandoned_set_t* set, mim_page_t* taken) {
  for (mim_page_t *page = set->first, *next; page != NULL; page = next) {
    next = page->next;
    if (mim_page_try_claim(page) == MIM_PAGE_NOTHING) { continue; }
    set_unlink(set, page);
    page->next = taken;
    taken = page;
  }
  return taken;
}

mim_page_t* mim_heap_take_all(mim_heap_t* heap) {
  mim_lock_acquire(heap->abandoned_lock);
  atomic_store_explicit(&heap->is_deleted, true, memory_order_relaxed);
  mim_page_t* taken = set_take_all(&heap->aside, NULL);
  for (unsigned i = 0; i < MIM_BIN_COUNT * heap->shard_count; i++) {
    taken = set_take_all(&heap->abandoned[i], taken);
  }
  mim_lock_release(heap->abandoned_lock);
  return taken;
}
