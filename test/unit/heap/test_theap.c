/* test_theap.c - one thread's heap: queues, full pages, finding, giving back, counting. */
/* links: sim */
#include "test/unit/heap/heap_test.h"

enum { SIZE = 64, COUNT = 70000 };
static mim_block_t* blocks[COUNT];

static const mim_bin_t* bin_of(size_t size) { return &mim_theap_self->bins[mim_bin_of_size(size)]; }

static void take_many(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    blocks[i] = take(size);
    CHECK(blocks[i] != NULL);
    memset(blocks[i], (int)(i % 251), size);
  }
}

static void give_many(size_t size, size_t count) {
  for (size_t i = 0; i < count; i++) {
    CHECK(is_filled(blocks[i], (unsigned char)(i % 251), size));
    give(blocks[i]);
  }
}

HEAP_TEST(theap_before_the_first_block_has_only_the_page_none) {
  CHECK(mim_theap_self == &mim_theap_none);
  for (size_t i = 0; i < MIM_SMALL_COUNT; i++) {
    CHECK(mim_theap_none.small[i] == mim_page_none());
    CHECK(mim_page_pop(mim_theap_none.small[i]) == NULL);
  }
  CHECK_EQ(sim_reserved(), 0);
  take(1);
  CHECK(mim_theap_self->kind == MIM_THEAP_LIVE);
  check_theap();
}

HEAP_TEST(theap_table_of_small_sizes_points_to_the_page_of_the_right_bin) {
  for (size_t size = 1; size <= MIM_SMALL_MAX; size += 7) {
    mim_block_t* const block = take(size);
    mim_page_t* const page = mim_page_of(block);
    CHECK(mim_theap_self->small[mim_granules_of(size)] == page);
    CHECK(page->block_size >= size);
  }
  check_theap();
}

HEAP_TEST(theap_blocks_of_every_bin_come_and_go) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    const size_t size = mim_bin_block_size(bin);
    const size_t count = 3 * mim_bin_slices(bin) * MIM_SLICE_SIZE / size;
    take_many(size, count);
    check_theap();
    give_many(size, count);
    check_theap();
    mim_theap_collect(mim_theap_self, true);
    CHECK_EQ(slices_in_use(), 0);
  }
  CHECK_EQ(pages_now(), 0);
}

HEAP_TEST(theap_full_pages_leave_the_queue_and_come_back_when_they_have_room) {
  const size_t page_size = mim_bin_slices(mim_bin_of_size(SIZE)) * MIM_SLICE_SIZE;
  take_many(SIZE, 20000);
  CHECK(bin_of(SIZE)->full.count >= 20000 * SIZE / page_size - 1);
  mim_page_t* const page = mim_page_of(blocks[0]);
  CHECK(page->state == MIM_PAGE_FULL);
  const size_t room = page->reserved - mim_page_most_live(page);
  for (size_t i = 0; i < 2 * room; i++) { /* twice the room: it was one of the first full pages */
    CHECK(mim_page_of(blocks[i]) == page && page->state == MIM_PAGE_FULL);
    give(blocks[i]);
  }
  CHECK(page->state == MIM_PAGE_QUEUED);
  CHECK(bin_of(SIZE)->pages.first->next == page);
  check_theap();
}

HEAP_TEST(theap_of_many_full_pages_is_reused_sooner) {
  take_many(SIZE, 20000);
  mim_page_t* const page = bin_of(SIZE)->full.first;
  const size_t room = page->reserved - mim_page_most_live(page);
  size_t freed = 0;
  for (size_t i = 0; freed < room; i++) {
    if (mim_page_of(blocks[i]) != page) { continue; }
    CHECK(page->state == MIM_PAGE_FULL);
    give(blocks[i]);
    freed++;
  }
  CHECK(page->state == MIM_PAGE_QUEUED);
  check_theap();
}

HEAP_TEST(theap_an_emptied_page_goes_back_but_the_first_is_kept) {
  take_many(SIZE, 20000);
  const size_t before = slices_in_use();
  CHECK(before > 10);
  give_many(SIZE, 20000);
  check_theap();
  CHECK(slices_in_use() <= 2 * mim_bin_slices(mim_bin_of_size(SIZE)));
  mim_theap_collect(mim_theap_self, false);
  mim_theap_collect(mim_theap_self, false); /* idle for a whole round */
  CHECK_EQ(slices_in_use(), 0);
  CHECK(bin_of(SIZE)->pages.first == NULL);
  check_theap();
}

HEAP_TEST(theap_a_block_that_comes_and_goes_asks_for_one_page_only) {
  for (int i = 0; i < 1000; i++) { give(take(SIZE)); }
  CHECK_EQ(mim_counter_read(&mim_heap_main.tally.pages[mim_bin_of_size(SIZE)]).total, 1);
}

HEAP_TEST(theap_collect_forced_takes_the_first_page_too) {
  give(take(SIZE));
  mim_block_t* const kept = take(2 * SIZE);
  CHECK_EQ(slices_in_use(), 2 * MIM_PAGE_SLICES_MIN);
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), MIM_PAGE_SLICES_MIN);
  CHECK(!mim_arenas_purge_waits(&mim_arenas_main));
  memset(kept, 1, 2 * SIZE);
  check_theap();
}

HEAP_TEST(theap_counts_every_block_it_handed_out) {
  take_many(SIZE, 5000);
  give_many(SIZE, 2500);
  for (int i = 0; i < 1000; i++) { take(SIZE); }
  CHECK_EQ(heap_stats()->blocks[mim_bin_of_size(SIZE)].total, 6000);
  CHECK_EQ(heap_stats()->blocks[mim_bin_of_size(SIZE)].current, 3500);
  CHECK_EQ(heap_stats()->normal.current, 3500 * SIZE);
}

HEAP_TEST(theap_random_blocks_of_all_sizes_stay_apart) {
  static size_t sizes[2000];
  uint64_t seed = 99;
  for (int i = 0; i < 60000; i++) {
    const size_t at = random_below(&seed, 2000);
    if (blocks[at] != NULL) {
      CHECK(is_filled(blocks[at], (unsigned char)(at % 251), mim_min(sizes[at], 200)));
      give(blocks[at]);
      blocks[at] = NULL;
    } else {
      sizes[at] = 1 + random_below(&seed, (size_t)1 << (4 + random_below(&seed, 12)));
      blocks[at] = take(sizes[at]);
      memset(blocks[at], (int)(at % 251), mim_min(sizes[at], 200));
    }
    if (i % 5000 == 0) {
      check_theap();
      mim_theap_collect(mim_theap_self, i % 10000 == 0);
    }
  }
  for (int at = 0; at < 2000; at++) {
    if (blocks[at] != NULL) { give(blocks[at]); }
  }
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
}

/* ---- no memory ---- */

HEAP_TEST(theap_without_memory_finds_no_page_and_recovers) {
  take(SIZE);
  sim_fail(SIM_ANY, 1, 1);
  CHECK(take(MIM_MEDIUM_BLOCK_MAX) == NULL);
  check_theap();
  sim_fail(SIM_ANY, 0, 0);
  CHECK(take(MIM_MEDIUM_BLOCK_MAX) != NULL);
  check_theap();
}

/* How many blocks there are until the memory is used up. */
static size_t take_until_the_end(size_t size) {
  size_t count = 0;
  take(size);
  sim_limit_commit(sim_committed() + 20 * MIM_SLICE_SIZE);
  while (count < COUNT && (blocks[count] = take(size)) != NULL) { count++; }
  CHECK(count > 19 * MIM_SLICE_SIZE / size && count < COUNT);
  check_theap();
  return count;
}

HEAP_TEST(theap_without_memory_gives_back_what_it_keeps_for_later) {
  const size_t count = take_until_the_end(4096);
  for (size_t i = 0; i < count; i++) { give(blocks[i]); }
  for (size_t i = 0; i < 20; i++) { CHECK(take(8192) != NULL); }
  check_theap();
}

/* Blocks that are free must serve a request, whatever list their page is in. */
HEAP_TEST(theap_without_memory_uses_the_last_free_block_of_a_full_page) {
  take_until_the_end(SIZE);
  give(blocks[0]);
  CHECK(take(SIZE) == blocks[0]);
}

/* ---- the program's deferred frees ---- */

static mim_block_t* kept_back[8];
static int deferred_calls, forced_calls;

static void deferred(bool is_forced, unsigned long long heartbeat, void* arg) {
  CHECK_STR(arg, "argument");
  deferred_calls++;
  forced_calls += is_forced;
  give(take(24)); /* may allocate, and is not called again for it */
  for (int i = 0; i < 8; i++) {
    if (kept_back[i] != NULL) { give(kept_back[i]); }
    kept_back[i] = NULL;
  }
  (void)heartbeat;
}

HEAP_TEST(theap_calls_the_deferred_free_function_now_and_then) {
  for (int i = 0; i < 8; i++) { kept_back[i] = take(100); }
  mim_deferred_free_register(deferred, (void*)"argument");
  take_many(48 * 1024, 700);
  CHECK(deferred_calls > 0);
  CHECK_EQ(forced_calls, 0);
  CHECK(kept_back[0] == NULL);
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(forced_calls, 1);
  mim_deferred_free_register(NULL, NULL);
  const int before = deferred_calls;
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(deferred_calls, before);
  check_theap();
}

HEAP_TEST(theap_heap_prefers_its_node) {
  sim_rules_t rules = sim_linux;
  rules.numa_nodes = 2;
  heap_start(&rules);
  CHECK_EQ(sim_node_of(take(SIZE)), -1);
  mim_heap_set_numa_node(&mim_heap_main, 1);
  CHECK_EQ(sim_node_of(take(2 * SIZE)), 1);
  mim_heap_set_numa_node(&mim_heap_main, -1);
  mim_option_set(MIM_OPTION_arena_is_numa_local, 1);
  sim_run_on_node(1);
  CHECK_EQ(sim_node_of(take(3 * SIZE)), 1);
  sim_run_on_node(0);
  CHECK_EQ(sim_node_of(take(4 * SIZE)), 0);
}

TEST_MAIN()
