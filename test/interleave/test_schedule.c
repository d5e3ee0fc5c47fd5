/* test_schedule.c - the search itself: it visits every order, once, and finds a planted race. */
#include <stdatomic.h>
#include <stdbool.h>

#include "test/test.h"

static _Atomic(int) counter;
static int trace[8], trace_length;
static int orders[1000], order_count;
static int lost_updates;

static void setup(void) {
  counter = 0;
  trace_length = 0;
  interleave_watch(&counter, sizeof(counter));
}

static void two_steps(void) {
  for (int i = 0; i < 2; i++) {
    atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);
    trace[trace_length++] = interleave_self();
  }
}

static void ignore(void) {}

static const interleave_case_t two_threads = {
  .name = "2 x 2 steps",
  .setup = setup,
  .threads = {two_steps, two_steps},
  .check = ignore,
  .preemptions = -1,
};

TEST(schedule_visits_as_many_orders_as_there_are) {
  interleave_case_t c = two_threads;
  CHECK_EQ(interleave_explore(&c), 6); /* 4! / 2!2! */
  c.threads[2] = two_steps;
  CHECK_EQ(interleave_explore(&c), 90); /* 6! / 2!2!2! */
  c.preemptions = 0;
  CHECK_EQ(interleave_explore(&c), 6);
}

static bool has_order(int a, int b, int c, int d) {
  const int wanted = ((a * 4 + b) * 4 + c) * 4 + d;
  for (int i = 0; i < order_count; i++) {
    if (orders[i] == wanted) { return true; }
  }
  return false;
}

static void note_any_order(void) {
  int order = 0;
  for (int i = 0; i < trace_length; i++) { order = 4 * order + trace[i]; }
  if (order_count < 1000) { orders[order_count++] = order; }
}

TEST(schedule_reaches_each_order_of_the_steps) {
  interleave_case_t c = two_threads;
  c.check = note_any_order;
  order_count = 0;
  interleave_explore(&c);
  CHECK(has_order(0, 0, 1, 1) && has_order(0, 1, 0, 1) && has_order(0, 1, 1, 0));
  CHECK(has_order(1, 1, 0, 0) && has_order(1, 0, 1, 0) && has_order(1, 0, 0, 1));
}

/* A load and a store are no increment. */
static void racy_increment(void) {
  const int before = atomic_load_explicit(&counter, memory_order_relaxed);
  atomic_store_explicit(&counter, before + 1, memory_order_relaxed);
}

static void count_lost(void) { lost_updates += counter != 2; }

TEST(schedule_finds_a_lost_update) {
  const interleave_case_t c = {.name = "load and store",
                               .setup = setup,
                               .threads = {racy_increment, racy_increment},
                               .check = count_lost,
                               .preemptions = 1};
  lost_updates = 0;
  interleave_explore(&c);
  CHECK(lost_updates > 0);
}

static void good_increment(void) {
  int before = atomic_load_explicit(&counter, memory_order_relaxed);
  while (!atomic_compare_exchange_weak_explicit(&counter, &before, before + 1, memory_order_relaxed,
                                                memory_order_relaxed)) {}
}

TEST(schedule_finds_nothing_where_nothing_is) {
  const interleave_case_t c = {.name = "compare and exchange",
                               .setup = setup,
                               .threads = {good_increment, good_increment},
                               .check = count_lost,
                               .preemptions = -1};
  lost_updates = 0;
  CHECK(interleave_explore(&c) >= 6);
  CHECK_EQ(lost_updates, 0);
}

TEST_MAIN()
