/* memory_contract.h - what every implementation of prim.h's memory functions owes.  The real one
 * and the simulated one are both tested with it. */
#ifndef MIM_TEST_UNIT_PRIM_MEMORY_CONTRACT_H
#define MIM_TEST_UNIT_PRIM_MEMORY_CONTRACT_H

#include <errno.h>

#include "base/bits.h"
#include "prim/prim.h"
#include "test/unit/unit.h"

static mim_prim_config_t config_now(void) {
  mim_prim_config_t config;
  mim_prim_memory_config(&config);
  return config;
}

static size_t unit_size(void) {
  return mim_max(config_now().reserve_align, 4 * config_now().page_size);
}

static int reserve_aligned(size_t size, size_t alignment, bool commit, void** p) {
  mim_prim_wish_t wish = {alignment, -1, -1};
  const int error = mim_prim_reserve(size, &wish, commit, p);
  CHECK_EQ(wish.numa_node, -1);
  return error;
}

static uint8_t* reserve_now(size_t size, bool commit) {
  void* p = NULL;
  CHECK_EQ(reserve_aligned(size, 1, commit, &p), 0);
  CHECK(p != NULL);
  CHECK(mim_is_aligned(p, config_now().reserve_align));
  return p;
}

TEST(prim_config_is_plausible) {
  const mim_prim_config_t config = config_now();
  CHECK(mim_is_power_of_two(config.page_size) && config.page_size >= 4096);
  CHECK(mim_is_power_of_two(config.reserve_align) && config.reserve_align >= config.page_size);
  CHECK(config.huge_page_size == 0 || config.huge_page_size > config.page_size);
}

TEST(prim_reserved_memory_is_zero_after_commit_and_can_be_written) {
  const size_t size = unit_size();
  uint8_t* const p = reserve_now(size, false);
  CHECK_EQ(mim_prim_commit(p, size), 0);
  CHECK(is_filled(p, 0, size));
  memset(p, 0x5A, size);
  CHECK_EQ(mim_prim_commit(p, size), 0); /* again: no harm */
  CHECK(is_filled(p, 0x5A, size));
  CHECK_EQ(mim_prim_release(p, size), 0);
}

TEST(prim_memory_can_be_committed_at_once_or_by_os_pages) {
  const size_t page = config_now().page_size, size = unit_size();
  uint8_t* p = reserve_now(size, true);
  memset(p, 1, size);
  CHECK_EQ(mim_prim_release(p, size), 0);
  p = reserve_now(size, false);
  CHECK_EQ(mim_prim_commit(p + page, page), 0);
  p[page] = p[2 * page - 1] = 1;
  CHECK_EQ(mim_prim_release(p, size), 0);
}

TEST(prim_decommitted_memory_is_zero_again) {
  const size_t page = config_now().page_size, size = unit_size();
  uint8_t* const p = reserve_now(size, true);
  memset(p, 0x77, size);
  bool needs_commit;
  CHECK_EQ(mim_prim_purge(p + page, page, MIM_PURGE_DECOMMIT, &needs_commit), 0);
  CHECK_EQ(mim_prim_commit(p + page, page), 0);
  CHECK(is_filled(p, 0x77, page));
  CHECK(is_filled(p + page, 0, page));
  CHECK(is_filled(p + 2 * page, 0x77, size - 2 * page));
  CHECK_EQ(mim_prim_release(p, size), 0);
}

TEST(prim_reset_memory_stays_accessible) {
  const size_t size = unit_size();
  uint8_t* const p = reserve_now(size, true);
  bool needs_commit = true;
  CHECK_EQ(mim_prim_purge(p, size, MIM_PURGE_RESET, &needs_commit), 0);
  CHECK(!needs_commit);
  memset(p, 3, size);
  CHECK(is_filled(p, 3, size));
  CHECK_EQ(mim_prim_release(p, size), 0);
}

static void touch(void* p) { *(volatile uint8_t*)p = 1; }

TEST(prim_protected_memory_faults_and_keeps_what_it_holds) {
  const size_t page = config_now().page_size, size = unit_size();
  uint8_t* const p = reserve_now(size, true);
  memset(p, 9, size);
  const int error = mim_prim_protect(p + page, page, false);
  if (error == ENOSYS) { SKIP_PART(TEST_NO_PROTECTION); }
  CHECK_EQ(error, 0);
  check_faults(touch, p + page);
  run_in_child(touch, p);
  run_in_child(touch, p + 2 * page);
  CHECK_EQ(mim_prim_protect(p + page, page, true), 0);
  CHECK(is_filled(p, 9, size));
  CHECK_EQ(mim_prim_release(p, size), 0);
}

TEST(prim_wish_for_an_alignment_does_no_harm) {
  const size_t size = unit_size();
  for (size_t alignment = 1; alignment <= (size_t)64 << 20; alignment *= 16) {
    void* p = NULL;
    CHECK_EQ(reserve_aligned(size, alignment, true, &p), 0);
    CHECK(mim_is_aligned(p, config_now().reserve_align));
    CHECK(is_filled(p, 0, size));
    memset(p, 1, size);
    CHECK_EQ(mim_prim_release(p, size), 0);
  }
}

/* Also where the process may not choose a node, as in some containers. */
TEST(prim_wish_for_a_node_does_no_harm) {
  const size_t size = unit_size();
  const unsigned count = mim_prim_numa_count();
  for (unsigned node = 0; node < count; node++) {
    mim_prim_wish_t wish = {size, (int)node, 0};
    void* p = NULL;
    errno = 1234;
    CHECK_EQ(mim_prim_reserve(size, &wish, true, &p), 0);
    CHECK_EQ(errno, 1234);
    CHECK(is_filled(p, 0, size));
    memset(p, 1, size);
    CHECK_EQ(mim_prim_release(p, size), 0);
  }
}

TEST(prim_released_memory_faults) {
  if (config_now().keeps_memory) { SKIP_PART("this system keeps all memory"); }
  const size_t size = unit_size();
  uint8_t* const p = reserve_now(size, true);
  CHECK_EQ(mim_prim_release(p, size), 0);
  check_faults(touch, p);
}

TEST(prim_parts_can_be_released_where_the_os_says_so) {
  if (!config_now().can_release_part) { return; }
  const size_t size = 4 * config_now().page_size;
  uint8_t* const p = reserve_now(4 * size, true);
  CHECK_EQ(mim_prim_release(p, size), 0);
  CHECK_EQ(mim_prim_release(p + 3 * size, size), 0);
  if (!config_now().keeps_memory) { check_faults(touch, p); }
  memset(p + size, 1, 2 * size);
  CHECK_EQ(mim_prim_release(p + size, 2 * size), 0);
}

TEST(prim_memory_that_was_released_is_zero_when_it_comes_again) {
  const size_t size = unit_size();
  for (int i = 0; i < 20; i++) {
    uint8_t* const p = reserve_now((size_t)(1 + i % 3) * size, true);
    uint8_t* const q = reserve_now(size, true);
    CHECK(is_filled(p, 0, (size_t)(1 + i % 3) * size) && is_filled(q, 0, size));
    memset(p, 0xFF, (size_t)(1 + i % 3) * size);
    memset(q, 0xFF, size);
    CHECK_EQ(mim_prim_release(p, (size_t)(1 + i % 3) * size), 0);
    CHECK_EQ(mim_prim_release(q, size), 0);
  }
}

TEST(prim_move_takes_the_contents_along) {
  if (!config_now().can_move) { return; }
  const size_t size = unit_size();
  uint8_t* const from = reserve_now(size, true);
  uint8_t* const to = reserve_now(size, true);
  for (size_t i = 0; i < size; i++) { from[i] = (uint8_t)(i * 7); }
  memset(to, 0xFF, size);
  CHECK_EQ(mim_prim_move(from, to, size), 0);
  for (size_t i = 0; i < size; i++) { CHECK_EQ(to[i], (uint8_t)(i * 7)); }
  CHECK(is_filled(from, 0, size));
  CHECK_EQ(mim_prim_release(from, size), 0);
  CHECK_EQ(mim_prim_release(to, size), 0);
}

TEST(prim_what_does_not_fit_is_refused_and_errno_stays) {
  (void)config_now();
  errno = 1234;
  void* p = &p;
  CHECK(reserve_aligned(SIZE_MAX - MIM_GIB / 2 + 1, 1, false, &p) != 0);
  CHECK(p == NULL);
  CHECK_EQ(errno, 1234);
}

TEST(prim_advice_about_huge_pages_does_no_harm) {
  const size_t size = unit_size();
  uint8_t* const p = reserve_now(size, true);
  memset(p, 4, size);
  (void)mim_prim_advise_huge(p, size, true); /* a kernel may be built without */
  (void)mim_prim_advise_huge(p, size, false);
  (void)mim_prim_populate(p, size);
  CHECK(is_filled(p, 4, size));
  CHECK_EQ(mim_prim_release(p, size), 0);
}

#endif
