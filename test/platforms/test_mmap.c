/* test_mmap.c - prim/mmap, which macOS and the BSDs use, keeps the contract of prim.h on this OS as
 * well: with mappings that need nothing before they are written, and with those that do. */
#include "prim/mmap/mmap.h"
#include "test/unit/prim/memory_contract.h"

const mim_mmap_rules_t mim_mmap_rules = {
  .overcommits = MIM_TEST_OVERCOMMITS,
  .file = -1,
  .limit = RLIMIT_AS,
};

TEST(mmap_memory_that_is_not_committed_faults_where_it_would_be_charged) {
  const size_t size = unit_size();
  uint8_t* const p = reserve_now(size, false);
  if (config_now().overcommits) {
    touch(p);
  } else {
    check_faults(touch, p);
  }
  bool needs_commit = false;
  CHECK_EQ(mim_prim_commit(p, size), 0);
  touch(p);
  CHECK_EQ(mim_prim_purge(p, size, MIM_PURGE_DECOMMIT, &needs_commit), 0);
  CHECK_EQ(needs_commit, !config_now().overcommits);
  CHECK_EQ(mim_prim_release(p, size), 0);
}

TEST_MAIN()
