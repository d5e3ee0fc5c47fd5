/* purge.c - giving free slices back to the OS, some time after they were freed.
 *
 * Freed slices are marked in `purge`; whoever claims them clears the mark.  Once the time has come
 * a thread that passes by takes all marked slices out of `free`, as if it allocated them, and gives
 * them to the OS.  One thread at a time does that: the others go on. */
#include "arena/arena.h"
#include "arena/arena_bits.h"
#include "base/assert.h"
#include "diag/options.h"

static mim_lock_t purge_lock = MIM_LOCK_INIT(MIM_RANK_PURGE);

void mim_arenas_lock_purge(void) { mim_lock_acquire(&purge_lock); }
void mim_arenas_unlock_purge(void) { mim_lock_release(&purge_lock); }

/* Never 0, which means that nothing waits.  On a 32-bit machine it wraps around. */
static size_t clock_ms(void) { return (size_t)mim_prim_clock_ms() | 1; }

static long purge_delay_ms(const mim_arena_t* arena) {
  if (mim_os_config()->keeps_memory && arena->traits.commit == NULL) { return -1; }
  const long delay = mim_option_get(MIM_OPTION_purge_delay);
  return delay <= 0 ? delay : delay * mim_option_get(MIM_OPTION_arena_purge_mult);
}

static void slices_purge(mim_arena_t* arena, size_t first, size_t count);

/* The slices are marked and free; now the arena says so, and the arenas say when.
 *
 * Sequentially consistent, like the two accesses in mim_arenas_purge and arena_purge that are their
 * partners: either the purger's exchange sees our flag, and with it the marks; or our flag stays,
 * and our load sees that the purger has taken the due time away. */
static void note_purge(mim_arena_t* arena, size_t delay_ms) {
  _Atomic(size_t)* const due = &arena->arenas->purge_due_ms;
  atomic_store_explicit(&arena->has_purge, true, memory_order_seq_cst);
  if (atomic_load_explicit(due, memory_order_seq_cst) != 0) { return; }
  atomic_store_explicit(due, (clock_ms() + delay_ms) | 1, memory_order_relaxed);
}

void mim_arena_put_free_dirty(mim_arena_t* arena, size_t first, size_t count) {
  const long delay = purge_delay_ms(arena);
  const size_t at_once = mim_option_get_size(MIM_OPTION_arena_purge_immediate_size);
  if (delay < 0) {
    mim_arena_put_free(arena, first, count);
  } else if (delay == 0 || (at_once != 0 && count * MIM_SLICE_SIZE > at_once)) {
    slices_purge(arena, first, count);
    mim_arena_put_free(arena, first, count);
  } else {
    MIM_FOR_EACH_PART(part, arena, first, count) {
      atomic_fetch_or_explicit(&part.group->purge, part.mask, memory_order_relaxed);
    }
    mim_arena_put_free(arena, first, count);
    note_purge(arena, (size_t)delay);
  }
}

/* The caller owns the slices. */
static void slices_purge(mim_arena_t* arena, size_t first, size_t count) {
  bool is_reset;
  uint8_t* const base = arena->base + first * MIM_SLICE_SIZE;
  const bool is_purged = mim_arena_purge_range(arena, base, count * MIM_SLICE_SIZE, &is_reset);
  MIM_FOR_EACH_PART(part, arena, first, count) {
    atomic_fetch_and_explicit(&part.group->purge, ~part.mask, memory_order_relaxed);
    if (is_purged && !is_reset) {
      atomic_fetch_and_explicit(&part.group->committed, ~part.mask, memory_order_relaxed);
      /* What a commit function hands out again may hold anything. */
      const mim_slice_word_t clean = arena->traits.commit == NULL ? part.mask : 0;
      atomic_fetch_and_explicit(&part.group->dirty, ~clean, memory_order_relaxed);
    }
  }
}

static void run_purge(mim_arena_t* arena, size_t first, size_t count) {
  if (count == 0) { return; }
  slices_purge(arena, first, count);
  mim_arena_put_free(arena, first, count);
}

static mim_slice_word_t group_take(mim_slice_group_t* group, mim_slice_word_t wanted) {
  mim_slice_word_t word = atomic_load_explicit(&group->free, memory_order_relaxed);
  while ((word & wanted) != 0) {
    if (atomic_compare_exchange_weak_explicit(&group->free, &word, word & ~wanted,
                                              memory_order_acquire, memory_order_relaxed)) {
      return word & wanted;
    }
  }
  return 0;
}

/* Takes the marked free slices of a group: acquire, they are ours until they are put back.  Between
 * the look at the marks and the taking, somebody may have had a slice and purged it himself: what
 * is not marked any more goes back at once. */
static mim_slice_word_t group_take_marked(mim_arena_t* arena, size_t index) {
  mim_slice_group_t* const group = &arena->groups[index];
  const mim_slice_word_t seen = atomic_load_explicit(&group->purge, memory_order_relaxed);
  if (seen == 0) { return 0; }
  const mim_slice_word_t taken = group_take(group, seen);
  const mim_slice_word_t marked = taken & atomic_load_explicit(&group->purge, memory_order_relaxed);
  if (marked != taken) {
    atomic_fetch_or_explicit(&group->free, taken & ~marked, memory_order_release);
  }
  atomic_fetch_sub_explicit(&arena->free_count, mim_count_bits(marked), memory_order_relaxed);
  return marked;
}

/* Neighbouring slices go to the OS in one call, also across groups. */
static void arena_purge(mim_arena_t* arena) {
  const size_t groups = mim_divide_up(arena->slice_count, MIM_GROUP_SLICES);
  size_t first = 0, count = 0;
  if (!atomic_exchange_explicit(&arena->has_purge, false, memory_order_seq_cst)) { return; }
  for (size_t group = 0; group < groups; group++) {
    mim_slice_word_t taken = group_take_marked(arena, group);
    while (taken != 0) {
      const size_t slice = group * MIM_GROUP_SLICES + mim_lowest_bit(taken);
      taken &= taken - 1;
      if (slice != first + count) {
        run_purge(arena, first, count);
        first = slice;
        count = 0;
      }
      count++;
    }
  }
  run_purge(arena, first, count);
}

void mim_arenas_purge(mim_arenas_t* arenas, bool is_forced) {
  const size_t due = atomic_load_explicit(&arenas->purge_due_ms, memory_order_relaxed);
  if (due == 0 && !is_forced) { return; }
  if (!is_forced && (ptrdiff_t)(clock_ms() - due) < 0) { return; }
  if (is_forced) {
    mim_lock_acquire(&purge_lock);
  } else if (!mim_lock_try_acquire(&purge_lock)) {
    return;
  }
  /* Cleared first: a slice that is freed from now on sets it again; see note_purge. */
  atomic_store_explicit(&arenas->purge_due_ms, 0, memory_order_seq_cst);
  mim_arena_t* arena = atomic_load_explicit(&arenas->first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    arena_purge(arena);
  }
  mim_lock_release(&purge_lock);
}
