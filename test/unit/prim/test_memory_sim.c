/* test_memory_sim.c - the simulated OS keeps the contract of prim.h, is strict, and can fail. */
/* links: sim */
#include "test/sim/prim_sim.h"
#include "test/unit/prim/memory_contract.h"

static void run_contract(void* arg) {
  sim_start(arg);
  test_t* t = test_first;
  for (; t != NULL && strncmp(t->name, "prim_", 5) == 0; t = t->next) { t->run(); }
  CHECK(t != NULL);
  CHECK_EQ(sim_reserved(), 0);
  CHECK_EQ(sim_committed(), 0);
}

TEST(sim_keeps_the_contract_with_every_os_page_and_both_rules) {
  for (size_t page = 4096; page <= 65536; page *= 4) {
    sim_rules_t rules = sim_linux;
    rules.config.page_size = rules.config.reserve_align = page;
    run_in_child(run_contract, &rules);
    rules = sim_windows;
    rules.config.page_size = page;
    run_in_child(run_contract, &rules);
  }
}

#define PAGE (config_now().page_size)

TEST(sim_counts_what_is_reserved_and_committed) {
  sim_start(&sim_windows);
  uint8_t* const p = reserve_now(1 << 20, false);
  CHECK_EQ(sim_reserved(), 1 << 20);
  CHECK_EQ(sim_committed(), 0);
  CHECK_EQ(mim_prim_commit(p + PAGE, 2 * PAGE), 0);
  CHECK_EQ(mim_prim_commit(p, 4 * PAGE), 0);
  CHECK_EQ(sim_committed(), 4 * PAGE);
  CHECK(sim_is_committed(p + 100, 4 * PAGE - 384));
  CHECK(!sim_is_committed(p + 100, 4 * PAGE));
  CHECK_EQ(mim_prim_release(p, 1 << 20), 0);
  CHECK_EQ(sim_reserved() + sim_committed(), 0);
}

TEST(sim_memory_that_is_not_committed_faults) {
  sim_start(&sim_linux);
  uint8_t* const p = reserve_now(2 * PAGE, false);
  check_faults(touch, p);
  CHECK_EQ(mim_prim_commit(p, 2 * PAGE), 0);
  run_in_child(touch, p);
  bool needs_commit;
  CHECK_EQ(mim_prim_purge(p, PAGE, MIM_PURGE_DECOMMIT, &needs_commit), 0);
  CHECK(needs_commit);
  check_faults(touch, p);
  run_in_child(touch, p + PAGE);
}

TEST(sim_reset_memory_is_garbage) {
  sim_start(&sim_linux);
  uint8_t* const p = reserve_now(PAGE, true);
  bool needs_commit;
  CHECK_EQ(mim_prim_purge(p, PAGE, MIM_PURGE_RESET, &needs_commit), 0);
  CHECK(!is_filled(p, 0, PAGE));
}

static long failures_among(long calls) {
  const long before = sim_failed_calls();
  for (long i = 0; i < calls; i++) {
    void* p;
    if (reserve_aligned(65536, 1, false, &p) == 0) { CHECK_EQ(mim_prim_release(p, 65536), 0); }
  }
  return sim_failed_calls() - before;
}

TEST(sim_fails_the_calls_it_was_told_to_fail) {
  sim_start(&sim_windows);
  CHECK_EQ(failures_among(10), 0);
  sim_fail(SIM_ANY, 3, 0);
  CHECK_EQ(failures_among(2), 0);
  CHECK_EQ(failures_among(1), 1);
  CHECK_EQ(failures_among(10), 0);
  sim_fail(SIM_RESERVE, 4, 1);
  CHECK_EQ(failures_among(10), 7);
  sim_fail(SIM_RESERVE, 3, 3);
  CHECK_EQ(failures_among(10), 3);
  sim_fail(SIM_COMMIT, 1, 1);
  CHECK_EQ(failures_among(10), 0);
  uint8_t* const p = reserve_now(65536, false);
  CHECK_EQ(mim_prim_commit(p, PAGE), ENOMEM);
  CHECK_EQ(sim_committed(), 0);
}

TEST(sim_has_limits) {
  sim_rules_t rules = sim_windows;
  rules.config.address_limit = 1 << 20;
  rules.commit_limit = 65536;
  sim_start(&rules);
  uint8_t* const p = reserve_now(1 << 20, false);
  void* q;
  CHECK_EQ(reserve_aligned(65536, 1, false, &q), ENOMEM);
  CHECK_EQ(mim_prim_commit(p, 65536), 0);
  CHECK_EQ(mim_prim_commit(p + 65536, PAGE), ENOMEM);
  CHECK_EQ(mim_prim_commit(p + 65536 - PAGE, PAGE), 0);
}

/* ---- what the protocol forbids ---- */

static bool is_unused;

static void release_part(void* p) { mim_prim_release(p, 65536); }
static void release_twice(void* p) {
  mim_prim_release(p, 1 << 20);
  mim_prim_release(p, 1 << 20);
}
static void commit_released(void* p) {
  mim_prim_release(p, 1 << 20);
  mim_prim_commit(p, PAGE);
}
static void commit_half_a_page(void* p) { mim_prim_commit(p, PAGE / 2); }
static void purge_reserved(void* p) { mim_prim_purge(p, PAGE, MIM_PURGE_DECOMMIT, &is_unused); }
static void protect_reserved(void* p) { mim_prim_protect(p, PAGE, false); }
static void commit_foreign(void* p) {
  (void)p;
  mim_prim_commit((void*)(uintptr_t)PAGE, PAGE);
}

TEST(sim_forbids_what_the_strictest_os_forbids) {
  sim_start(&sim_windows);
  uint8_t* const p = reserve_now(1 << 20, false);
  child_fun_t* const forbidden[] = {release_part,   release_twice,    commit_released,
                                    purge_reserved, protect_reserved, commit_half_a_page,
                                    commit_foreign};
  for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
    check_aborts(forbidden[i], p);
  }
}

TEST_MAIN()
