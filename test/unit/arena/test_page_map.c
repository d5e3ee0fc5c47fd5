/* test_page_map.c - from address to page: every address has an answer, and a failing table leaves
 * nothing behind. */
/* links: sim */
#include "arena/page_map.h"

#include "os/os.h"
#include "test/sim/prim_sim.h"
#include "test/unit/unit.h"

/* Nobody touches what is there. */
static uint8_t* const base = (uint8_t*)((uintptr_t)3 << (MIM_ADDRESS_BITS - 16));

/* A 32-bit machine has one table for all. */
static const size_t table_span = (size_t)MIM_SLICE_SIZE << (MIM_IS_64BIT ? 16 : 0);
static MIM_ALIGNED(128) uint8_t page_a[MIM_PAGE_METADATA_SIZE], page_b[MIM_PAGE_METADATA_SIZE];

static void start(void) {
  mim_page_map_destroy();
  sim_start(&sim_windows);
  mim_os_init();
  mim_os_counters = (mim_os_counters_t){0};
}

TEST(page_map_unknown_addresses_have_the_page_none) {
  start();
  const uintptr_t addresses[] = {0,
                                 1,
                                 4096,
                                 (uintptr_t)&page_a,
                                 (uintptr_t)base,
                                 UINTPTR_MAX,
                                 UINTPTR_MAX / 2,
                                 UINTPTR_MAX >> 17,
                                 (UINTPTR_MAX >> 16) + 6};
  for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
    CHECK(mim_page_map_at((void*)addresses[i]) == mim_page_map.none);
  }
  CHECK_EQ(sim_reserved(), 0);
}

TEST(page_map_finds_every_byte_of_a_page_and_no_other) {
  start();
  CHECK(mim_page_map_set(base, 3, page_a));
  CHECK(mim_page_map_set(base + 3 * MIM_SLICE_SIZE, 1, page_b));
  CHECK(mim_page_map_at(base - 1) == mim_page_map.none);
  CHECK(mim_page_map_at(base) == page_a);
  CHECK(mim_page_map_at(base + 3 * MIM_SLICE_SIZE - 1) == page_a);
  CHECK(mim_page_map_at(base + 3 * MIM_SLICE_SIZE) == page_b);
  CHECK(mim_page_map_at(base + 4 * MIM_SLICE_SIZE) == mim_page_map.none);
  mim_page_map_clear(base, 3);
  CHECK(mim_page_map_at(base + MIM_SLICE_SIZE) == mim_page_map.none);
  CHECK(mim_page_map_at(base + 3 * MIM_SLICE_SIZE) == page_b);
  mim_page_map_clear(base + 3 * MIM_SLICE_SIZE, 1);
}

TEST(page_map_pages_may_lie_across_two_tables) {
  if (!MIM_IS_64BIT) { return; }
  start();
  uint8_t* const border = base + table_span;
  uint8_t* const from = border - 2 * MIM_SLICE_SIZE;
  CHECK(mim_page_map_set(from, 5, page_a));
  for (int i = 0; i < 5; i++) { CHECK(mim_page_map_at(from + i * MIM_SLICE_SIZE) == page_a); }
  CHECK_EQ(sim_calls(SIM_RESERVE), 2);
  mim_page_map_clear(from, 5);
  CHECK(mim_page_map_at(border) == mim_page_map.none);
}

TEST(page_map_forgets_a_range_that_was_set_in_part) {
  start();
  CHECK(mim_page_map_set(base, 3, page_a));
  mim_page_map_forget(base - 2 * MIM_GIB, 3 * MIM_GIB / MIM_SLICE_SIZE); /* of several tables */
  CHECK(mim_page_map_at(base) == mim_page_map.none);
  CHECK(mim_page_map_at(base - MIM_GIB) == mim_page_map.none);
}

TEST(page_map_a_table_that_cannot_be_made_leaves_no_trace) {
  if (!MIM_IS_64BIT) { return; }
  for (long n = 1; n <= 4; n++) { /* reserve and commit of the first, then of the second table */
    start();
    uint8_t* const from = base + table_span - 2 * MIM_SLICE_SIZE;
    sim_fail(SIM_ANY, n, 0);
    CHECK(!mim_page_map_set(from, 5, page_a));
    for (int i = 0; i < 5; i++) {
      CHECK(mim_page_map_at(from + i * MIM_SLICE_SIZE) == mim_page_map.none);
    }
    CHECK_EQ(mim_os_counters.reserved.current, sim_reserved());
    CHECK_EQ(mim_os_counters.committed.current, sim_committed());
    CHECK(mim_page_map_set(from, 5, page_a));
  }
}

TEST(page_map_addresses_beyond_the_machine_are_refused) {
  start();
  if (MIM_ADDRESS_BITS >= 8 * sizeof(void*)) { return; }
  CHECK(!mim_page_map_set((void*)((uintptr_t)1 << (MIM_ADDRESS_BITS % 64)), 1, page_a));
  CHECK(mim_page_map_at(NULL) == mim_page_map.none);
}

TEST(page_map_destroy_forgets_all_and_gives_its_tables_back) {
  start();
  CHECK(mim_page_map_set(base, 3, page_a));
  mim_page_map_destroy();
  CHECK(mim_page_map_at(base) == mim_page_map.none);
  CHECK_EQ(sim_reserved(), 0);
  CHECK_EQ(mim_os_counters.reserved.current, 0);
  CHECK_EQ(mim_os_counters.committed.current, 0);
}

TEST_MAIN()
