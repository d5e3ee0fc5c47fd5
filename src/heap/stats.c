/* stats.c - what heaps did: read, moved, started anew.
 *
 * The lock of heaps is held throughout, and that of the main heap's thread heaps with it: so no
 * thread merges what it counted while others' counts are summed. */
#include "heap/theap.h"

static void lock_all(void) {
  mim_heaps_lock();
  mim_lock_acquire(mim_heap_main.theaps_lock);
}

static void unlock_all(void) {
  mim_lock_release(mim_heap_main.theaps_lock);
  mim_heaps_unlock();
}

static int64_t count_abandoned(const mim_heap_t* heap) {
  size_t count = 0;
  for (unsigned i = 0; i < MIM_BIN_COUNT * heap->shard_count; i++) {
    count += atomic_load_explicit(&heap->abandoned[i].count, memory_order_relaxed);
  }
  return (int64_t)count;
}

static void add_one(mim_heap_t* heap, mim_stats_t* stats) {
  mim_stats_add_tally(stats, &heap->tally);
  for (const mim_theap_t* theap = heap->theaps; theap != NULL; theap = theap->next) {
    mim_stats_add_counts(stats, &theap->counts);
  }
  if (mim_heap_is_main(heap)) { mim_stats_add_counts(stats, mim_theap_late_counts()); }
  stats->abandoned_now += count_abandoned(heap);
}

static void add_heap(mim_heap_t* heap, mim_stats_t* stats) {
  const mim_subproc_t* const subproc = heap->subproc;
  add_one(heap, stats);
  if (heap != subproc->main) { return; }
  for (mim_heap_t* other = mim_heaps_first(); other != NULL; other = other->next) {
    if (other->subproc == subproc && mim_heap_is_deleted(other)) { add_one(other, stats); }
  }
}

void mim_heap_add_stats(mim_heap_t* heap, mim_stats_t* stats) {
  lock_all();
  add_heap(heap, stats);
  unlock_all();
}

void mim_subproc_add_stats(mim_subproc_t* subproc, bool with_heaps, mim_stats_t* stats) {
  lock_all();
  mim_stats_add_tally(stats, &subproc->ended);
  if (with_heaps) {
    add_one(subproc->main, stats);
    for (mim_heap_t* heap = mim_heaps_first(); heap != NULL; heap = heap->next) {
      if (heap->subproc == subproc && heap != subproc->main) { add_one(heap, stats); }
    }
  }
  unlock_all();
}

void mim_subproc_reset_stats(mim_subproc_t* subproc) {
  lock_all();
  mim_tally_reset(&subproc->ended);
  mim_tally_reset(&subproc->main->tally);
  for (mim_heap_t* heap = mim_heaps_first(); heap != NULL; heap = heap->next) {
    if (heap->subproc == subproc) { mim_tally_reset(&heap->tally); }
  }
  unlock_all();
}

void mim_heap_fold_stats(mim_heap_t* heap, mim_tally_t* to, bool moves_live) {
  lock_all();
  mim_tally_fold(to, &heap->tally, moves_live);
  unlock_all();
}
