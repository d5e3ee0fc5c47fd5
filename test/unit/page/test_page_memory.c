/* test_page_memory.c - pages as memory: slices, metadata, page map, huge pages, and no memory. */
/* links: sim */
#include "test/unit/page/page_test.h"

/* The largest power of two that fits the simulated address space a few times. */
#define LARGEST ((size_t)1 << (SIM_IS_LARGE ? 31 : 27))

static size_t slices_in_use(void) {
  size_t used = 0;
  for (mim_arena_t* a = arenas.first; a != NULL; a = a->next) {
    used += a->slice_count - a->head_slices - a->free_count;
  }
  return used;
}

static void check_accounting(void) {
  CHECK_EQ(mim_os_counters.reserved.current, sim_reserved());
  CHECK_EQ(mim_os_counters.committed.current, sim_committed());
}

static mim_page_t* new_huge(size_t size, size_t alignment) {
  mim_page_t* const page = mim_page_new_huge(&source, size, alignment);
  CHECK(page != NULL);
  CHECK(page->block_size >= size && page->block_size < size + MIM_HUGE_ROUND);
  CHECK(mim_is_aligned(page->start, alignment));
  CHECK(mim_page_of(page->start) == page);
  page->start[0] = page->start[page->block_size - 1] = 1;
  return page;
}

TEST(page_memory_of_every_bin_comes_and_goes) {
  pages_start(&sim_windows);
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    mim_page_t* const page = mim_page_new(&source, bin);
    CHECK(page != NULL && page->bin == bin && !mim_page_is_huge(page));
    uint8_t* const end = page->start + mim_bin_slices(bin) * MIM_SLICE_SIZE;
    CHECK(mim_page_of(page->start) == page && mim_page_of(end - 1) == page);
    CHECK(mim_page_of(end) != page);
    uint8_t* const start = page->start;
    mim_page_dispose(page);
    CHECK(mim_page_of(start) == mim_page_none() && mim_page_of(end - 1) == mim_page_none());
    CHECK_EQ(slices_in_use(), 0);
  }
  check_accounting();
}

TEST(page_memory_huge_pages_of_every_alignment) {
  pages_start(&sim_windows);
  for (size_t alignment = MIM_SLICE_SIZE; alignment <= LARGEST; alignment *= 2) {
    mim_page_t* const a = new_huge(70000, alignment);
    mim_page_t* const b = new_huge(300000, alignment);
    CHECK(a->start + a->block_size <= b->start || b->start + b->block_size <= a->start);
    mim_page_dispose(a);
    mim_page_dispose(b);
    check_accounting();
  }
  CHECK_EQ(slices_in_use(), 0);
}

TEST(page_memory_the_largest_come_from_the_os_and_go_back) {
  pages_start(&sim_windows);
  mim_page_t* const small = mim_page_new(&source, 1);
  const size_t before = sim_reserved();
  mim_page_t* page = new_huge(3 * LARGEST / 2, MIM_SLICE_SIZE);
  CHECK(page->arena == NULL);
  CHECK(!mim_page_resize_huge(page, 2 * LARGEST));
  uint8_t* const start = page->start;
  mim_page_dispose(page);
  CHECK(mim_page_of(start) == mim_page_none());
  CHECK(sim_reserved() < before + ((size_t)1 << 20)); /* a table and metadata stay */
  check_accounting();
  mim_page_dispose(small);
}

TEST(page_memory_of_impossible_size_is_refused) {
  pages_start(&sim_windows);
  CHECK(mim_page_new_huge(&source, MIM_SIZE_MAX, MIM_SLICE_SIZE) == NULL);
  CHECK(mim_page_new_huge(&source, MIM_SIZE_MAX / 2, MIM_SLICE_SIZE) == NULL);
  CHECK(mim_page_new_huge(&source, 1, SIZE_MAX / 2 + 1) == NULL);
  check_accounting();
}

TEST(page_memory_a_huge_page_with_interior_pointers_is_found_everywhere) {
  pages_start(&sim_windows);
  mim_page_t* const page = new_huge(5 * MIM_SLICE_SIZE, MIM_SLICE_SIZE);
  CHECK(mim_page_set_interior(page));
  CHECK(mim_page_set_interior(page));
  for (int i = 0; i < 5; i++) { CHECK(mim_page_of(page->start + i * MIM_SLICE_SIZE + 9) == page); }
  uint8_t* const start = page->start;
  mim_page_dispose(page);
  for (int i = 0; i < 5; i++) { CHECK(mim_page_of(start + i * MIM_SLICE_SIZE) == mim_page_none()); }
}

TEST(page_memory_a_huge_page_grows_and_shrinks_in_place) {
  pages_start(&sim_windows);
  mim_page_t* const page = new_huge(3 * MIM_SLICE_SIZE, MIM_SLICE_SIZE);
  memset(page->start, 0x42, page->block_size);
  CHECK(mim_page_resize_huge(page, 10 * MIM_SLICE_SIZE - 5000));
  CHECK_EQ(page->block_size, 10 * MIM_SLICE_SIZE - MIM_HUGE_ROUND);
  CHECK(is_filled(page->start, 0x42, 3 * MIM_SLICE_SIZE));
  memset(page->start, 0x43, page->block_size);
  CHECK_EQ(slices_in_use(), 10);
  CHECK(mim_page_resize_huge(page, 2 * MIM_SLICE_SIZE));
  CHECK_EQ(slices_in_use(), 2);
  mim_page_t* const wall = new_huge(MIM_SLICE_SIZE + 1, MIM_SLICE_SIZE);
  CHECK(!mim_page_resize_huge(page, 3 * MIM_SLICE_SIZE));
  CHECK_EQ(page->block_size, 2 * MIM_SLICE_SIZE);
  mim_page_dispose(wall);
  sim_fail(SIM_COMMIT, 1, 1);
  mim_arenas_purge(&arenas, true); /* so that growing has to commit */
  CHECK(!mim_page_resize_huge(page, 5 * MIM_SLICE_SIZE));
  CHECK_EQ(slices_in_use(), 2);
  mim_page_dispose(page);
  CHECK_EQ(slices_in_use(), 0);
  check_accounting();
}

/* Every n-th call fails, for all n that can be met: then it is as if nothing was asked. */
static void make_and_dispose(const sim_rules_t* rules, size_t size, size_t alignment) {
  for (long n = 1; n <= 12; n++) {
    pages_start(rules);
    sim_fail(SIM_ANY, n, 0);
    mim_page_t* page =
      size == 0 ? mim_page_new(&source, 20) : mim_page_new_huge(&source, size, alignment);
    const bool has_failed = sim_failed_calls() > 0;
    check_accounting();
    if (page != NULL) { mim_page_dispose(page); }
    CHECK_EQ(slices_in_use(), 0);
    sim_fail(SIM_ANY, 0, 0);
    page = size == 0 ? mim_page_new(&source, 20) : mim_page_new_huge(&source, size, alignment);
    CHECK(page != NULL);
    mim_page_dispose(page);
    CHECK_EQ(slices_in_use(), 0);
    check_accounting();
    if (!has_failed) { return; }
  }
  CHECK(false); /* more calls than anybody expects */
}

TEST(page_memory_any_call_may_fail) {
  sim_rules_t rules[] = {sim_linux, sim_windows, sim_windows};
  rules[2].config.page_size = 65536;
  for (size_t i = 0; i < 3; i++) {
    make_and_dispose(&rules[i], 0, 0);
    make_and_dispose(&rules[i], 100000, MIM_SLICE_SIZE);
    make_and_dispose(&rules[i], 100000, 16 * MIM_MIB);
    make_and_dispose(&rules[i], 5 * (LARGEST / 2), MIM_SLICE_SIZE);
    make_and_dispose(&rules[i], 100000, LARGEST / 2);
  }
}

TEST_MAIN()
