/* links: sim */
/* test_page_guarded.c - pages whose block ends at memory without access, and what is left of them
 * when they are freed. */
#include "test/unit/page/page_test.h"

enum { RING = 64 };

#define OS_PAGE (mim_os_config()->page_size)

static void touch(void* arg) { *(volatile uint8_t*)arg = 1; }

static mim_page_t* guarded_new(size_t size) {
  mim_page_t* const page = mim_page_new_guarded(&source, size, MIM_SLICE_SIZE);
  if (page != NULL) {
    CHECK(mim_page_has_flag(page, MIM_PAGE_GUARDED) && mim_page_has_flag(page, MIM_PAGE_INTERIOR));
    CHECK_EQ(page->block_size, mim_align_up(size, OS_PAGE));
  }
  return page;
}

static size_t free_slices(void) {
  mim_arena_t* const arena = arenas.first;
  return arena == NULL ? 0 : arena->free_count;
}

TEST(guarded_block_is_open_and_what_follows_is_not) {
  const size_t sizes[] = {1, 100, OS_PAGE, OS_PAGE + 1, 60000, MIM_SLICE_SIZE, 200000};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
    pages_start(&sim_linux);
    mim_page_t* const page = guarded_new(sizes[i]);
    CHECK(page != NULL);
    uint8_t* const end = page->start + page->block_size;
    memset(page->start, 1, page->block_size);
    check_faults(touch, end);
    check_faults(touch, page->start + page->slice_count * MIM_SLICE_SIZE - 1);
    CHECK(mim_page_of(end - 1) == page);
    CHECK(!mim_page_resize_huge(page, page->block_size + OS_PAGE));
    CHECK(!mim_page_resize_huge(page, page->block_size / 2));
    uint8_t* const start = page->start;
    mim_page_dispose(page);
    CHECK(mim_page_of(start) == mim_page_none());
    check_faults(touch, start);
    mim_page_flush_guarded();
  }
}

TEST(guarded_memory_comes_back_open) {
  pages_start(&sim_linux);
  uint8_t* const start = guarded_new(5000)->start;
  const size_t before = free_slices();
  mim_page_dispose(mim_page_of(start));
  CHECK_EQ(free_slices(), before);
  mim_page_flush_guarded();
  CHECK_EQ(free_slices(), before + mim_slices_for(mim_align_up(5000, OS_PAGE) + OS_PAGE));
  mim_page_t* const again = mim_page_new(&source, 1);
  CHECK(again->start == start);
  memset(again->start, 2, MIM_SLICE_SIZE);
  mim_page_dispose(again);
}

TEST(guarded_blocks_wait_in_a_ring_of_bounded_size) {
  pages_start(&sim_linux);
  mim_page_t* const first = guarded_new(100);
  const size_t slices = first->slice_count;
  mim_page_dispose(first);
  const size_t before = free_slices() + slices;
  for (size_t i = 0; i < 3 * RING; i++) {
    mim_page_dispose(guarded_new(100));
    CHECK_EQ(free_slices(), before - slices * mim_min(i + 2, RING));
  }
  mim_page_t* const large =
    guarded_new(15 * MIM_MIB); /* more than the others may weigh beside it */
  mim_page_dispose(large);
  CHECK(free_slices() > before - 19 * MIM_MIB / MIM_SLICE_SIZE);
  mim_page_dispose(guarded_new(20 * MIM_MIB)); /* does not wait at all */
  mim_page_flush_guarded();
  CHECK_EQ(free_slices(), before);
}

TEST(guarded_page_that_the_os_refuses_is_none) {
  pages_start(&sim_linux);
  mim_page_dispose(mim_page_new(&source, 1)); /* the arena is there */
  const size_t before = free_slices();
  for (long call = 1; call <= 6; call++) {
    sim_fail(SIM_ANY, call, 0);
    mim_page_t* const page = guarded_new(3000);
    sim_fail(SIM_ANY, 0, 0);
    if (page != NULL) {
      mim_page_dispose(page);
      mim_page_flush_guarded();
    }
    CHECK_EQ(free_slices(), before);
  }
  sim_fail(SIM_PROTECT, 1, 0);
  CHECK(guarded_new(3000) == NULL);
}

/* Nobody may get memory that cannot be opened again. */
TEST(guarded_memory_that_stays_closed_is_not_used_again) {
  pages_start(&sim_linux);
  mim_option_set(MIM_OPTION_max_warnings, 0);
  mim_page_t* const page = guarded_new(3000);
  const size_t before = free_slices();
  uint8_t* const start = page->start;
  mim_page_dispose(page);
  sim_fail(SIM_PROTECT, 1, 0);
  mim_page_flush_guarded();
  CHECK_EQ(free_slices(), before);
  CHECK(mim_page_new(&source, 1)->start != start);
}

TEST(guarded_memory_of_the_program_is_left_alone) {
  pages_start(&sim_linux);
  void* base;
  mim_prim_wish_t wish = {MIM_SLICE_SIZE, -1, 0};
  CHECK_EQ(mim_prim_reserve(8 * MIM_MIB, &wish, true, &base), 0);
  uint8_t* const aligned = (uint8_t*)mim_align_up((uintptr_t)base, MIM_SLICE_SIZE);
  const mim_arena_traits_t traits = {.is_committed = true, .is_foreign = true, .numa_node = -1};
  source.place.only = mim_arenas_add(&arenas, aligned, 7 * MIM_MIB, &traits);
  CHECK(source.place.only != NULL);
  CHECK(guarded_new(100) == NULL);
  mim_page_t* const page = mim_page_new(&source, 1);
  CHECK(page != NULL);
}

TEST_MAIN()
