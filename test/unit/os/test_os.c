/* test_os.c - alignment, accounting, and failing calls that leave nothing behind. */
/* links: sim */
#include "os/os.h"

#include <errno.h>

#include "base/bits.h"
#include "diag/message.h"
#include "diag/options.h"
#include "test/sim/prim_sim.h"
#include "test/unit/unit.h"

static int messages;

static void note(const char* text, void* arg) {
  (void)text;
  (void)arg;
  messages++;
}

static ptrdiff_t reserved_now(void) { return mim_os_counters.reserved.current; }
static ptrdiff_t committed_now(void) { return mim_os_counters.committed.current; }

static void start(const sim_rules_t* rules) {
  sim_start(rules);
  mim_os_init();
  mim_os_counters = (mim_os_counters_t){0};
  mim_output_register(note, NULL);
  mim_option_set(MIM_OPTION_show_errors, 1);
  messages = 0;
}

static void check_accounting(void) {
  CHECK_EQ(reserved_now(), sim_reserved());
  CHECK_EQ(committed_now(), sim_committed());
}

/* Rules of every machine that we know, one after the other. */
static void for_each_os(void (*run)(void)) {
  for (size_t page = 4096; page <= 65536; page *= 4) {
    sim_rules_t rules = sim_linux;
    rules.config.page_size = rules.config.reserve_align = page;
    start(&rules);
    run();
    rules = sim_windows;
    rules.config.page_size = page;
    start(&rules);
    run();
  }
}

static void reserve_every_alignment(void) {
  for (size_t alignment = 4096; alignment <= (size_t)1 << (SIM_IS_LARGE ? 30 : 28);
       alignment *= 2) {
    mim_os_memory_t memory;
    CHECK(mim_os_reserve(100000, alignment, false, &memory));
    CHECK(mim_is_aligned(memory.base, alignment));
    CHECK(memory.size >= 100000 && memory.size % mim_os_config()->page_size == 0);
    CHECK(memory.whole_base <= memory.base);
    CHECK(memory.base + memory.size <= memory.whole_base + memory.whole_size);
    check_accounting();
    CHECK(mim_os_commit(memory.base, memory.size));
    memory.base[0] = memory.base[memory.size - 1] = 1;
    check_accounting();
    mim_os_release(&memory, memory.size);
    CHECK_EQ(sim_reserved() + sim_committed(), 0);
    check_accounting();
  }
}

TEST(os_reserves_at_every_alignment_and_takes_no_more_than_it_must) {
  for_each_os(reserve_every_alignment);
}

TEST(os_keeps_only_the_aligned_part_where_parts_can_be_released) {
  mim_os_memory_t memory;
  start(&sim_linux);
  CHECK(mim_os_reserve(1 << 20, 1 << 24, false, &memory));
  CHECK_EQ(sim_reserved(), 1 << 20);
  start(&sim_windows);
  CHECK(mim_os_reserve(1 << 20, 1 << 24, false, &memory));
  CHECK_EQ(sim_reserved(), (1 << 20) + (1 << 24));
  check_accounting();
}

TEST(os_impossible_sizes_are_refused) {
  start(&sim_linux);
  mim_os_memory_t memory;
  CHECK(!mim_os_reserve(MIM_SIZE_MAX, SIZE_MAX / 4 + 1, false, &memory));
  CHECK(!mim_os_reserve(MIM_SIZE_MAX, 4096, false, &memory));
  CHECK(!mim_os_reserve(4096, SIZE_MAX / 2 + 1, false, &memory));
  CHECK_EQ(sim_reserved(), 0);
  check_accounting();
}

TEST(os_a_failing_reserve_leaves_nothing_and_is_told_unless_quiet) {
  mim_os_memory_t memory;
  for (long n = 1; n <= 2; n++) { /* the second is the one that makes room for alignment */
    start(&sim_linux);
    sim_fail(SIM_RESERVE, n, 0);
    CHECK(!mim_os_reserve(1 << 20, 1 << 24, n == 2, &memory));
    CHECK_EQ(messages, n == 2 ? 0 : 1);
    CHECK_EQ(sim_reserved(), 0);
    check_accounting();
    CHECK(mim_os_reserve(1 << 20, 1 << 24, false, &memory));
    check_accounting();
  }
}

TEST(os_a_failing_commit_is_told_and_changes_nothing) {
  start(&sim_windows);
  mim_os_memory_t memory;
  CHECK(mim_os_reserve(1 << 20, 65536, false, &memory));
  sim_fail(SIM_COMMIT, 1, 0);
  CHECK(!mim_os_commit(memory.base, 65536));
  CHECK_EQ(messages, 1);
  check_accounting();
  CHECK(mim_os_commit(memory.base, 65536));
  check_accounting();
  mim_os_release(&memory, 65536);
  check_accounting();
}

static void purge_and_commit_again(void) {
  mim_os_memory_t memory;
  bool is_reset = true;
  CHECK(mim_os_reserve(1 << 20, 65536, false, &memory));
  CHECK(mim_os_commit(memory.base, 1 << 20));
  memset(memory.base, 1, 1 << 20);
  CHECK(mim_os_purge(memory.base + 65536, 65536, true, &is_reset));
  CHECK(!is_reset);
  check_accounting();
  CHECK(mim_os_commit(memory.base + 65536, 65536));
  CHECK(is_filled(memory.base + 65536, 0, 65536));
  CHECK(is_filled(memory.base, 1, 65536));
  CHECK(mim_os_purge(memory.base, 65536, false, &is_reset));
  CHECK(is_reset);
  memory.base[0] = 1;
  check_accounting();
  mim_option_set(MIM_OPTION_purge_decommits, 0);
  CHECK(mim_os_purge(memory.base, 65536, true, &is_reset));
  CHECK(is_reset);
  mim_option_set(MIM_OPTION_purge_decommits, 1);
  check_accounting();
  CHECK_EQ(mim_counter_read(&mim_os_counters.purge_calls).total, 3);
  CHECK_EQ(mim_counter_read(&mim_os_counters.purged).total, 3 * 65536);
  mim_os_release(&memory, 1 << 20);
  check_accounting();
}

TEST(os_purge_decommits_or_resets_and_is_counted) { for_each_os(purge_and_commit_again); }

TEST(os_a_failing_purge_changes_nothing) {
  start(&sim_windows);
  mim_os_memory_t memory;
  bool is_reset;
  CHECK(mim_os_reserve(65536, 65536, false, &memory));
  CHECK(mim_os_commit(memory.base, 65536));
  memset(memory.base, 7, 65536);
  sim_fail(SIM_PURGE, 1, 0);
  CHECK(!mim_os_purge(memory.base, 65536, true, &is_reset));
  CHECK(is_filled(memory.base, 7, 65536));
  check_accounting();
}

TEST(os_a_failing_release_is_told) {
  start(&sim_windows);
  mim_os_memory_t memory;
  CHECK(mim_os_reserve(65536, 65536, false, &memory));
  sim_fail(SIM_RELEASE, 1, 0);
  mim_os_release(&memory, 0);
  CHECK_EQ(messages, 1);
}

TEST(os_move_and_protect_report_what_the_os_can) {
  mim_os_memory_t a, b;
  start(&sim_linux);
  const size_t page = mim_os_config()->page_size;
  CHECK(mim_os_reserve(65536, 65536, false, &a) && mim_os_commit(a.base, 65536));
  CHECK(mim_os_reserve(65536, 65536, false, &b) && mim_os_commit(b.base, 65536));
  memset(a.base, 5, 65536);
  sim_fail(SIM_MOVE, 1, 0);
  CHECK(!mim_os_move(a.base, b.base, 65536));
  CHECK(is_filled(a.base, 5, 65536));
  CHECK(mim_os_move(a.base, b.base, 65536));
  CHECK(is_filled(b.base, 5, 65536));
  CHECK(mim_os_protect(a.base, page, false));
  CHECK(mim_os_protect(a.base, page, true));
  sim_fail(SIM_PROTECT, 1, 0);
  CHECK(!mim_os_protect(a.base, page, false));
  a.base[0] = 1;
  start(&sim_windows);
  CHECK(mim_os_reserve(131072, 65536, false, &a) && mim_os_commit(a.base, 131072));
  CHECK(!mim_os_move(a.base, a.base + 65536, 65536));
}

/* ---- large machines ---- */

static sim_rules_t large_machine(size_t pages) {
  sim_rules_t rules = sim_linux;
  rules.config.gigantic_size = 64 * MIM_MIB;
  rules.gigantic_pages = pages;
  rules.numa_nodes = 3;
  return rules;
}

TEST(os_gigantic_pages_lie_side_by_side) {
  const sim_rules_t rules = large_machine(5);
  mim_os_memory_t memory;
  int error;
  start(&rules);
  CHECK_EQ(mim_os_reserve_gigantic(3, 2, 0, &memory, &error), 3);
  CHECK_EQ(memory.size, 192 * MIM_MIB);
  CHECK(mim_is_aligned(memory.base, 64 * MIM_MIB));
  CHECK(sim_is_committed(memory.base, memory.size));
  CHECK_EQ(sim_node_of(memory.base + memory.size - 1), 2);
  memory.base[memory.size - 1] = 1;
  check_accounting();
  mim_os_release(&memory, memory.size);
  check_accounting();
  CHECK_EQ(reserved_now(), 0);
}

TEST(os_gigantic_pages_that_are_missing_are_told) {
  const sim_rules_t rules = large_machine(2);
  mim_os_memory_t memory;
  int error = 0;
  start(&rules);
  CHECK_EQ(mim_os_reserve_gigantic(3, -1, 0, &memory, &error), 2);
  CHECK_EQ(error, ENOMEM);
  CHECK_EQ(memory.size, 128 * MIM_MIB);
  CHECK_EQ(sim_node_of(memory.base), -1);
  check_accounting();
  mim_os_release(&memory, memory.size);
  CHECK_EQ(mim_os_reserve_gigantic(1, -1, 0, &memory, &error), 0);
  CHECK_EQ(mim_os_reserve_gigantic(0, -1, 0, &memory, &error), 0);
  CHECK_EQ(mim_os_reserve_gigantic(SIZE_MAX / 2, -1, 0, &memory, &error), 0);
  sim_fail(SIM_RESERVE, 1, 1);
  CHECK_EQ(mim_os_reserve_gigantic(1, -1, 0, &memory, &error), 0);
  check_accounting();
}

TEST(os_without_gigantic_pages_has_none) {
  mim_os_memory_t memory;
  int error = 0;
  start(&sim_linux);
  CHECK_EQ(mim_os_reserve_gigantic(1, -1, 0, &memory, &error), 0);
  CHECK_EQ(error, ENOMEM);
}

/* Also where more than is needed has to be reserved. */
static void check_node(int wish, int node) {
  static const size_t alignments[] = {65536, 1 << 24};
  for (size_t i = 0; i < 2; i++) {
    mim_os_memory_t memory;
    CHECK(mim_os_reserve_near(MIM_MIB, alignments[i], wish, false, &memory));
    CHECK_EQ(sim_node_of(memory.base), node);
    CHECK_EQ(sim_node_of(memory.base + memory.size - 1), node);
    mim_os_release(&memory, 0);
  }
}

TEST(os_binds_to_nodes_that_are_there) {
  const sim_rules_t rules = large_machine(0);
  start(&rules);
  CHECK_EQ(mim_os_numa_count(), 3);
  check_node(-1, -1);
  check_node(2, 2);
  check_node(4, 1);
  mim_option_set(MIM_OPTION_use_numa_nodes, 2);
  CHECK_EQ(mim_os_numa_count(), 2);
  check_node(2, 0);
  mim_option_set(MIM_OPTION_use_numa_nodes, 0);
}

TEST(os_that_does_not_bind_gives_memory_of_any_node) {
  const sim_rules_t rules = large_machine(0);
  start(&rules);
  sim_fail(SIM_NUMA, 1, 1);
  check_node(1, -1);
}

TEST_MAIN()
