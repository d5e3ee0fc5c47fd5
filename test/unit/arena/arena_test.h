/* arena_test.h - a fresh simulated OS with fresh arenas, and the invariants of their bitmaps. */
#ifndef MIM_TEST_UNIT_ARENA_ARENA_TEST_H
#define MIM_TEST_UNIT_ARENA_ARENA_TEST_H

#include "arena/arena.h"
#include "base/bits.h"
#include "diag/options.h"
#include "test/sim/prim_sim.h"
#include "test/unit/unit.h"

static mim_arenas_t arenas;

/* Arenas of `reserve_kib` (0: as small as can be); freed slices are purged when a test says so. */
__attribute__((unused)) static void arenas_start(const sim_rules_t* rules, long reserve_kib) {
  sim_start(rules);
  mim_os_init();
  mim_os_counters = (mim_os_counters_t){0};
  memset(&arenas, 0, sizeof(arenas));
  mim_option_set(MIM_OPTION_arena_reserve, reserve_kib);
  mim_option_set(MIM_OPTION_purge_delay, 100000);
  mim_option_set(MIM_OPTION_show_errors, 0);
}

__attribute__((unused)) static bool slice_bit(const _Atomic(mim_slice_word_t)* first_word,
                                              size_t slice) {
  const size_t stride = sizeof(mim_slice_group_t) / sizeof(*first_word);
  const mim_slice_word_t word =
    atomic_load_explicit(&first_word[slice / MIM_GROUP_SLICES * stride], memory_order_relaxed);
  return (word >> slice % MIM_GROUP_SLICES & 1) != 0;
}

#define SLICE_HAS(arena, bits, slice) slice_bit(&(arena)->groups[0].bits, (slice))

__attribute__((unused)) static void check_accounting(void) {
  CHECK_EQ(mim_os_counters.reserved.current, sim_reserved());
  CHECK_EQ(mim_os_counters.committed.current, sim_committed());
}

__attribute__((unused)) static void check_slice(const mim_arena_t* arena, size_t slice) {
  const bool is_free = SLICE_HAS(arena, free, slice);
  const bool is_committed = SLICE_HAS(arena, committed, slice);
  CHECK(!SLICE_HAS(arena, purge, slice) || (is_free && is_committed));
  CHECK(is_free || is_committed);
  CHECK_EQ(is_committed, sim_is_committed(arena->base + slice * MIM_SLICE_SIZE, MIM_SLICE_SIZE));
  CHECK(is_committed || !SLICE_HAS(arena, dirty, slice));
}

/* While no other thread is at work; the number of free slices. */
__attribute__((unused)) static size_t check_arena(const mim_arena_t* arena) {
  size_t free_count = 0;
  const size_t bits = mim_align_up(arena->slice_count, MIM_GROUP_SLICES);
  for (size_t slice = 0; slice < bits; slice++) {
    const bool is_usable = slice >= arena->head_slices && slice < arena->slice_count;
    CHECK(is_usable || !SLICE_HAS(arena, free, slice));
    if (is_usable) { check_slice(arena, slice); }
    free_count += SLICE_HAS(arena, free, slice);
  }
  CHECK_EQ(arena->free_count, free_count);
  return free_count;
}

/* The number of slices in use. */
__attribute__((unused)) static size_t check_arenas(void) {
  size_t used = 0, count = 0;
  for (mim_arena_t* arena = arenas.first; arena != NULL; arena = arena->next) {
    used += arena->slice_count - arena->head_slices - check_arena(arena);
    count++;
    CHECK(arena->next != NULL || arenas.last == arena);
  }
  CHECK_EQ(arenas.count, count);
  return used;
}

#endif
