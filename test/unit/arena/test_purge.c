/* test_purge.c - when freed slices go back to the OS, and what they hold after. */
/* links: sim */
#include <time.h>

#include "test/unit/arena/arena_test.h"

static mim_slices_t claim_and_write(size_t count) {
  mim_slices_t slices;
  CHECK(mim_slices_claim(&arenas, NULL, count, MIM_SLICE_SIZE, &slices));
  memset(slices.base, 0xAA, count * MIM_SLICE_SIZE);
  return slices;
}

static bool is_committed(const mim_slices_t* slices) {
  return sim_is_committed(slices->base, slices->count * MIM_SLICE_SIZE);
}

static void start(long delay_ms) {
  arenas_start(&sim_windows, 64 * 1024);
  mim_option_set(MIM_OPTION_purge_delay, delay_ms);
  mim_option_set(MIM_OPTION_arena_purge_immediate_size, 0);
}

TEST(purge_waits_for_its_time) {
  start(100000);
  const mim_slices_t slices = claim_and_write(5);
  CHECK(!mim_arenas_purge_waits(&arenas));
  mim_slices_release(&slices);
  CHECK(mim_arenas_purge_waits(&arenas));
  mim_arenas_purge(&arenas, false);
  CHECK(is_committed(&slices));
  check_arenas();
  mim_arenas_purge(&arenas, true);
  CHECK(!sim_is_committed(slices.base, 1));
  CHECK(!mim_arenas_purge_waits(&arenas));
  CHECK_EQ(sim_calls(SIM_PURGE), 1); /* neighbours in one call */
  check_arenas();
  check_accounting();
}

TEST(purge_comes_by_itself_when_its_time_has_come) {
  start(10);
  const mim_slices_t slices = claim_and_write(1);
  mim_slices_release(&slices);
  nanosleep(&(struct timespec){.tv_nsec = 40000000}, NULL);
  mim_arenas_purge(&arenas, false);
  CHECK(!is_committed(&slices));
  CHECK(!mim_arenas_purge_waits(&arenas));
}

TEST(purge_is_not_tried_where_memory_is_kept) {
  sim_rules_t rules = sim_linux;
  rules.config.keeps_memory = true;
  arenas_start(&rules, 64 * 1024);
  mim_option_set(MIM_OPTION_purge_delay, 0);
  const mim_slices_t slices = claim_and_write(1);
  mim_slices_release(&slices);
  mim_arenas_purge(&arenas, true);
  CHECK(!mim_arenas_purge_waits(&arenas) && is_committed(&slices));
  CHECK_EQ(sim_calls(SIM_PURGE), 0);
}

TEST(purge_leaves_alone_what_is_in_use_again) {
  start(100000);
  mim_slices_t slices = claim_and_write(6);
  mim_slices_release(&slices);
  const mim_slices_t again = claim_and_write(2);
  CHECK(again.base == slices.base);
  mim_arenas_purge(&arenas, true);
  CHECK(is_committed(&again) && is_filled(again.base, 0xAA, 2 * MIM_SLICE_SIZE));
  CHECK(!sim_is_committed(again.base + 2 * MIM_SLICE_SIZE, 4 * MIM_SLICE_SIZE));
  check_arenas();
  check_accounting();
}

TEST(purge_a_slice_in_use_has_no_mark_left) {
  start(100000);
  mim_slices_t slices = claim_and_write(1);
  mim_slices_release(&slices);
  slices = claim_and_write(1);
  CHECK(!SLICE_HAS(slices.arena, purge, slices.first));
  mim_option_set(MIM_OPTION_purge_delay, -1);
  mim_slices_release(&slices);
  mim_arenas_purge(&arenas, true);
  CHECK(is_committed(&slices)); /* never, says the option */
}

TEST(purged_slices_are_zero_when_they_come_back) {
  start(100000);
  mim_slices_t slices = claim_and_write(70);
  mim_slices_release(&slices);
  mim_arenas_purge(&arenas, true);
  CHECK(mim_slices_claim(&arenas, NULL, 70, MIM_SLICE_SIZE, &slices));
  CHECK(slices.is_zero);
  CHECK(is_filled(slices.base, 0, 70 * MIM_SLICE_SIZE));
}

TEST(reset_slices_stay_committed_and_are_not_zero) {
  start(100000);
  mim_option_set(MIM_OPTION_purge_decommits, 0);
  mim_slices_t slices = claim_and_write(2);
  mim_slices_release(&slices);
  mim_arenas_purge(&arenas, true);
  CHECK(is_committed(&slices));
  CHECK(mim_slices_claim(&arenas, NULL, 2, MIM_SLICE_SIZE, &slices));
  CHECK(!slices.is_zero);
  mim_option_set(MIM_OPTION_purge_decommits, 1);
  check_arenas();
  check_accounting();
}

TEST(purge_without_delay_happens_at_once) {
  start(0);
  const mim_slices_t slices = claim_and_write(3);
  mim_slices_release(&slices);
  CHECK(!sim_is_committed(slices.base, 1));
  CHECK(!mim_arenas_purge_waits(&arenas));
  check_arenas();
  check_accounting();
}

TEST(purge_of_large_runs_can_be_at_once_while_small_ones_wait) {
  start(100000);
  mim_option_set(MIM_OPTION_arena_purge_immediate_size, 2 * MIM_SLICE_SIZE / MIM_KIB);
  const mim_slices_t small = claim_and_write(2), large = claim_and_write(3);
  mim_slices_release(&small);
  mim_slices_release(&large);
  CHECK(is_committed(&small) && !is_committed(&large));
  check_arenas();
}

TEST(purge_that_fails_keeps_the_slices_usable) {
  start(100000);
  mim_slices_t slices = claim_and_write(4);
  mim_slices_release(&slices);
  sim_fail(SIM_PURGE, 1, 1);
  mim_arenas_purge(&arenas, true);
  sim_fail(SIM_ANY, 0, 0);
  CHECK(is_committed(&slices));
  CHECK_EQ(check_arenas(), 0);
  check_accounting();
  CHECK(mim_slices_claim(&arenas, NULL, 4, MIM_SLICE_SIZE, &slices));
  CHECK(!slices.is_zero);
}

TEST(purge_of_what_an_extension_gave_back) {
  start(100000);
  mim_slices_t slices = claim_and_write(10);
  mim_slices_shrink(&slices, 6);
  mim_arenas_purge(&arenas, true);
  CHECK(is_committed(&slices));
  CHECK(!sim_is_committed(slices.base + 4 * MIM_SLICE_SIZE, 1));
  CHECK_EQ(check_arenas(), 4);
  check_accounting();
}

TEST_MAIN()
