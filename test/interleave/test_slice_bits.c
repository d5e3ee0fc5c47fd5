/* test_slice_bits.c - every order of a few operations on an arena's bitmaps: taking, giving back,
 * purging. In each: a slice has never two owners, none is lost, and what waits to be purged is
 * not forgotten. */
#include <stdatomic.h>

#include "arena/arena.h"
#include "diag/options.h"
#include "test/sim/prim_sim.h"
#include "test/test.h"

enum { SLICES = 200, NOBODY = -1, BORDER = MIM_GROUP_SLICES };

static mim_arenas_t arenas;
static mim_arena_t* arena;
static mim_slice_group_t fresh_groups[SLICES / MIM_GROUP_SLICES + 2];
static size_t group_count, fresh_free;
static int owner[SLICES + 64];
static int successes;

/* Once: an arena all of whose slices are free, committed, dirty, and not marked. */
static void make_arena(void) {
  sim_start(&sim_windows);
  mim_os_init();
  mim_option_set(MIM_OPTION_arena_reserve, 0);
  mim_option_set(MIM_OPTION_purge_delay, -1);
  const mim_arena_traits_t traits = {.numa_node = -1};
  CHECK(mim_arenas_reserve(&arenas, SLICES * MIM_SLICE_SIZE, &traits) != NULL);
  arena = arenas.first;
  group_count = (arena->slice_count + MIM_GROUP_SLICES - 1) / MIM_GROUP_SLICES;
  CHECK(group_count <= sizeof(fresh_groups) / sizeof(fresh_groups[0]));
  CHECK(arena->slice_count <= sizeof(owner) / sizeof(owner[0]));
  mim_slices_t all;
  fresh_free = arena->free_count;
  CHECK(mim_slices_claim(&arenas, &(mim_place_t){arena, -1}, fresh_free, MIM_SLICE_SIZE, &all));
  mim_slices_release(&all);
  memcpy(fresh_groups, arena->groups, group_count * sizeof(fresh_groups[0]));
}

/* What a run decommitted is committed again. */
static void commit_again(void) {
  const size_t first = arena->head_slices;
  for (size_t i = first; i < arena->slice_count; i++) {
    uint8_t* const slice = arena->base + i * MIM_SLICE_SIZE;
    if (!sim_is_committed(slice, MIM_SLICE_SIZE)) { CHECK(mim_os_commit(slice, MIM_SLICE_SIZE)); }
  }
}

static void setup_common(long purge_delay) {
  if (arena == NULL) { make_arena(); }
  if (sim_calls(SIM_PURGE) > 0) { commit_again(); }
  mim_option_set(MIM_OPTION_purge_delay, purge_delay);
  memcpy(arena->groups, fresh_groups, group_count * sizeof(fresh_groups[0]));
  arena->free_count = fresh_free;
  arena->first_free_group = 0;
  arena->has_purge = false;
  arenas.purge_due_ms = 0;
  for (size_t i = 0; i < arena->slice_count; i++) { owner[i] = NOBODY; }
  successes = 0;
  for (size_t i = 0; i < group_count; i++) {
    interleave_watch(&arena->groups[i].free, sizeof(arena->groups[i].free));
  }
}

static void note_taken(size_t first, size_t count) {
  for (size_t i = first; i < first + count; i++) {
    CHECK_EQ(owner[i], NOBODY);
    owner[i] = interleave_self();
  }
}

static void note_given_back(size_t first, size_t count) {
  for (size_t i = first; i < first + count; i++) {
    CHECK_EQ(owner[i], interleave_self());
    owner[i] = NOBODY;
  }
}

static void check_all_free(void) {
  for (size_t i = 0; i < group_count; i++) { CHECK(arena->groups[i].free == fresh_groups[i].free); }
  CHECK_EQ(arena->free_count, fresh_free);
}

/* ---- taking given slices ---- */

static bool take(size_t first, size_t count) {
  if (!mim_arena_try_take(arena, first, count)) { return false; }
  note_taken(first, count);
  successes++;
  return true;
}

static void give_back(size_t first, size_t count) {
  note_given_back(first, count);
  mim_arena_put_free(arena, first, count);
}

static void take_across(void) {
  if (take(BORDER - 4, 8)) { give_back(BORDER - 4, 8); }
}

static void take_end_of_first_group(void) {
  if (take(BORDER - 2, 2)) { give_back(BORDER - 2, 2); }
}

static void take_start_of_second_group(void) {
  if (take(BORDER, 1)) { give_back(BORDER, 1); }
}

static void take_and_keep(void) { take(BORDER - 1, 3); }

static void setup_plain(void) { setup_common(-1); }

static void check_one_succeeded(void) {
  check_all_free();
  CHECK(successes >= 1);
}

/* Of two overlapping takes at most one is kept; what is not kept is free. */
static void check_kept(void) {
  CHECK(successes <= 1);
  size_t taken = 0;
  for (size_t i = 0; i < arena->slice_count; i++) { taken += owner[i] != NOBODY; }
  CHECK_EQ(taken, successes == 1 ? 3 : 0);
  CHECK_EQ(arena->free_count, fresh_free - taken);
  if (successes == 0) { check_all_free(); }
}

TEST(slices_taken_across_two_groups_have_one_owner) {
  const interleave_case_t cases[] = {
    {"across | across", setup_plain, {take_across, take_across}, check_one_succeeded, -1},
    {"across | end", setup_plain, {take_across, take_end_of_first_group}, check_all_free, -1},
    {"across | end | start",
     setup_plain,
     {take_across, take_end_of_first_group, take_start_of_second_group},
     check_all_free,
     -1},
    {"keep | keep", setup_plain, {take_and_keep, take_and_keep}, check_kept, -1},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) { interleave_explore(&cases[i]); }
}

/* ---- claiming: searching, taking, marking ---- */

static void claim_and_release(size_t count) {
  mim_slices_t slices;
  if (!mim_slices_claim(&arenas, &(mim_place_t){arena, -1}, count, MIM_SLICE_SIZE, &slices)) {
    return;
  }
  successes++;
  note_taken(slices.first, slices.count);
  memset(slices.base, 1, 8); /* faults if it is not committed */
  note_given_back(slices.first, slices.count);
  mim_slices_release(&slices);
}

static void claim_1(void) { claim_and_release(1); }
static void claim_3(void) { claim_and_release(3); }

static void claim_2_extend_shrink(void) {
  mim_slices_t slices;
  if (!mim_slices_claim(&arenas, &(mim_place_t){arena, -1}, 2, MIM_SLICE_SIZE, &slices)) { return; }
  note_taken(slices.first, 2);
  if (mim_slices_extend(&slices, 2)) {
    note_taken(slices.first + 2, 2);
    note_given_back(slices.first + 2, 2);
    mim_slices_shrink(&slices, 2);
  }
  note_given_back(slices.first, slices.count);
  mim_slices_release(&slices);
}

static void check_all_succeeded(void) {
  check_all_free();
  CHECK_EQ(successes, 2);
}

TEST(slices_claimed_have_one_owner) {
  const interleave_case_t cases[] = {
    {"claim 1 | claim 1", setup_plain, {claim_1, claim_1}, check_all_succeeded, -1},
    {"claim 3 | claim 1", setup_plain, {claim_3, claim_1}, check_all_succeeded, -1},
    {"extend | claim 3", setup_plain, {claim_2_extend_shrink, claim_3}, check_all_free, -1},
    {"extend | claim 3 | claim 1",
     setup_plain,
     {claim_2_extend_shrink, claim_3, claim_1},
     check_all_free,
     3},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) { interleave_explore(&cases[i]); }
}

/* ---- purging ---- */

static mim_slices_t waiting;

/* One run is in use, and will be released; another waits to be purged. */
static void setup_purge(long purge_delay) {
  setup_common(100000);
  mim_slices_t used;
  CHECK(mim_slices_claim(&arenas, &(mim_place_t){arena, -1}, 2, MIM_SLICE_SIZE, &used));
  CHECK(mim_slices_claim(&arenas, &(mim_place_t){arena, -1}, 1, MIM_SLICE_SIZE, &waiting));
  mim_slices_release(&used);
  mim_option_set(MIM_OPTION_purge_delay, purge_delay);
  for (size_t i = 0; i < group_count; i++) {
    interleave_watch(&arena->groups[i].purge, sizeof(arena->groups[i].purge));
  }
  interleave_watch(&arena->has_purge, sizeof(arena->has_purge));
  interleave_watch(&arenas.purge_due_ms, sizeof(arenas.purge_due_ms));
}

static void setup_purge_later(void) { setup_purge(100000); }
static void setup_purge_at_once(void) { setup_purge(0); }

/* All of it waits already. */
static void setup_all_waits(long purge_delay) {
  setup_purge(100000);
  mim_slices_release(&waiting);
  mim_option_set(MIM_OPTION_purge_delay, purge_delay);
}

static void setup_all_waits_later(void) { setup_all_waits(100000); }
static void setup_all_waits_at_once(void) { setup_all_waits(0); }

static void purge(void) { mim_arenas_purge(&arenas, true); }
static void release_waiting(void) { mim_slices_release(&waiting); }

static bool slice_waits(size_t slice) {
  const mim_slice_group_t* const group = &arena->groups[slice / MIM_GROUP_SLICES];
  return ((group->free & group->purge) >> slice % MIM_GROUP_SLICES & 1) != 0;
}

/* A slice that waits and that nobody will ever look at is lost to the OS. */
static void check_purged(void) {
  check_all_free();
  for (size_t i = arena->head_slices; i < arena->slice_count; i++) {
    const bool is_committed =
      (arena->groups[i / MIM_GROUP_SLICES].committed >> i % MIM_GROUP_SLICES & 1) != 0;
    CHECK_EQ(is_committed, sim_is_committed(arena->base + i * MIM_SLICE_SIZE, MIM_SLICE_SIZE));
    if (slice_waits(i)) { CHECK(arena->has_purge && arenas.purge_due_ms != 0); }
  }
  CHECK_EQ(mim_os_counters.committed.current, sim_committed());
}

TEST(slices_that_wait_for_purging_are_not_forgotten) {
  const interleave_case_t c = {
    "purge | release", setup_purge_later, {purge, release_waiting}, check_purged, -1};
  CHECK(interleave_explore(&c) > 1);
}

static void purge_and_release(void) {
  purge();
  mim_slices_release(&waiting);
}

/* Too many orders for all of them: those with three or four interruptions at most. */
TEST(slices_are_purged_once) {
  const interleave_case_t cases[] = {
    {"purge | claim 1", setup_all_waits_later, {purge, claim_1}, check_purged, 4},
    {"purge | claim 1, at once", setup_all_waits_at_once, {purge, claim_1}, check_purged, -1},
    {"purge, release | claim 1", setup_purge_later, {purge_and_release, claim_1}, check_purged, 3},
    {"purge | claim 3 | release",
     setup_purge_later,
     {purge, claim_3, release_waiting},
     check_purged,
     3},
    {"purge | claim 1 | release, at once",
     setup_purge_at_once,
     {purge, claim_1, release_waiting},
     check_purged,
     3},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) { interleave_explore(&cases[i]); }
}

TEST_MAIN()
