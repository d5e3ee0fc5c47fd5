/* test_counter.c - what counts remember; on 32-bit machines also beyond 2 and 4 GiB. */
#include "os/counter.h"

#include "test/unit/unit.h"

static void check_quantity(mim_counter_t* counter, int64_t current, int64_t peak, int64_t total) {
  const mim_quantity_t quantity = mim_counter_read(counter);
  CHECK_EQ(quantity.current, current);
  CHECK_EQ(quantity.peak, peak);
  CHECK_EQ(quantity.total, total);
}

TEST(counter_knows_current_peak_and_total) {
  mim_counter_t counter = {0};
  mim_counter_add(&counter, 5);
  mim_counter_add(&counter, -3);
  mim_counter_add(&counter, 2);
  check_quantity(&counter, 4, 5, 7);
  CHECK_EQ(mim_counter_current(&counter), 4);
}

TEST(counter_may_be_below_zero_for_a_moment) {
  mim_counter_t counter = {0};
  mim_counter_add(&counter, -1000);
  check_quantity(&counter, -1000, 0, 0);
  CHECK_EQ(mim_counter_current(&counter), 0);
  mim_counter_add(&counter, 1500);
  check_quantity(&counter, 500, 500, 1500);
}

/* 3.5 GiB are in use at once, 70 GiB were in the end. */
TEST(counter_holds_what_the_address_space_holds) {
  mim_counter_t counter = {0};
  const ptrdiff_t half_gib = 512 * (ptrdiff_t)MIM_MIB;
  for (int round = 1; round <= 20; round++) {
    for (int i = 0; i < 7; i++) { mim_counter_add(&counter, half_gib); }
    check_quantity(&counter, 7 * (int64_t)half_gib, 7 * (int64_t)half_gib,
                   round * 7 * (int64_t)half_gib);
    for (int i = 0; i < 7; i++) { mim_counter_add(&counter, -half_gib); }
  }
  check_quantity(&counter, 0, 7 * (int64_t)half_gib, 140 * (int64_t)half_gib);
}

TEST(counter_reset_keeps_what_is_current) {
  mim_counter_t counter = {0};
  for (int i = 0; i < 9; i++) { mim_counter_add(&counter, PTRDIFF_MAX / 8); }
  for (int i = 0; i < 8; i++) { mim_counter_add(&counter, -(PTRDIFF_MAX / 8)); }
  mim_counter_reset(&counter);
  check_quantity(&counter, PTRDIFF_MAX / 8, PTRDIFF_MAX / 8, 0);
  mim_counter_add(&counter, 1);
  check_quantity(&counter, PTRDIFF_MAX / 8 + 1, PTRDIFF_MAX / 8 + 1, 1);
}

TEST(counter_fold_moves_the_history) {
  mim_counter_t from = {0}, to = {0};
  for (int i = 0; i < 3; i++) { mim_counter_add(&from, (ptrdiff_t)MIM_GIB); }
  mim_counter_add(&to, 10);
  CHECK_EQ(mim_counter_fold(&to, &from, false), 3 * (int64_t)MIM_GIB);
  check_quantity(&from, 3 * (int64_t)MIM_GIB, 3 * (int64_t)MIM_GIB, 0);
  check_quantity(&to, 10, 10, 10 + 3 * (int64_t)MIM_GIB);
  CHECK_EQ(mim_counter_fold(&to, &from, true), 0);
  CHECK_EQ(mim_counter_read(&from).current, 0);
  CHECK_EQ(mim_counter_read(&to).current, 10 + 3 * (int64_t)MIM_GIB);
}

TEST_MAIN()
