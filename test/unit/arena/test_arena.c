/* test_arena.c - claiming, releasing, growing; against a model, and when the OS has no more. */
/* links: sim */
#include <errno.h>

#include "test/unit/arena/arena_test.h"

static mim_slices_t claim(size_t count, size_t alignment) {
  mim_slices_t slices;
  CHECK(mim_slices_claim(&arenas, NULL, count, alignment, &slices));
  CHECK(mim_is_aligned(slices.base, alignment));
  CHECK_EQ(slices.count, count);
  if (slices.arena != NULL) {
    CHECK(slices.base == slices.arena->base + slices.first * MIM_SLICE_SIZE);
  }
  return slices;
}

TEST(arena_slices_come_first_fit_from_the_lowest_address) {
  arenas_start(&sim_linux, 64 * 1024);
  mim_slices_t s[100];
  for (int i = 0; i < 100; i++) {
    s[i] = claim(1, MIM_SLICE_SIZE);
    CHECK(i == 0 || s[i].base == s[i - 1].base + MIM_SLICE_SIZE);
  }
  mim_slices_release(&s[7]);
  mim_slices_release(&s[70]);
  mim_slices_release(&s[71]);
  CHECK(claim(2, MIM_SLICE_SIZE).base == s[70].base);
  CHECK(claim(1, MIM_SLICE_SIZE).base == s[7].base);
  CHECK_EQ(check_arenas(), 100);
}

TEST(arena_fresh_slices_are_zero_and_used_ones_are_not) {
  arenas_start(&sim_linux, 64 * 1024);
  mim_slices_t slices = claim(3, MIM_SLICE_SIZE);
  CHECK(slices.is_zero && is_filled(slices.base, 0, 3 * MIM_SLICE_SIZE));
  memset(slices.base, 1, 3 * MIM_SLICE_SIZE);
  mim_slices_release(&slices);
  CHECK(!claim(2, MIM_SLICE_SIZE).is_zero);
  slices = claim(2, MIM_SLICE_SIZE); /* one used, one fresh */
  CHECK(!slices.is_zero);
  CHECK(claim(1, MIM_SLICE_SIZE).is_zero);
}

/* A small simulated OS has no room for many of these. */
#define LARGE ((SIM_IS_LARGE ? 256 : 32) * MIM_MIB)

TEST(arena_alignments_up_to_large) {
  arenas_start(&sim_linux, 1024 * 1024);
  for (size_t alignment = MIM_SLICE_SIZE; alignment <= LARGE; alignment *= 2) {
    mim_slices_t one = claim(1, alignment), some = claim(9, alignment);
    some.base[0] = one.base[0] = 1;
    if (alignment % (4 * MIM_SLICE_SIZE) != 0) { mim_slices_release(&one); }
    check_arenas();
  }
  arenas_start(&sim_windows, 1024);
  for (size_t alignment = MIM_SLICE_SIZE; alignment <= 64 * MIM_MIB; alignment *= 2) {
    mim_slices_t slices = claim(3, alignment);
    slices.base[0] = 1;
  }
  check_arenas();
  check_accounting();
}

TEST(arena_growth_goes_on_past_200_arenas) {
  arenas_start(&sim_windows, 0);
  uint8_t* last = NULL;
  size_t claimed = 0;
  while (arenas.count <= 200) {
    const mim_slices_t slices = claim(1, MIM_SLICE_SIZE);
    CHECK(slices.base != last);
    last = slices.base;
    claimed++;
  }
  CHECK_EQ(check_arenas(), claimed);
  check_accounting();
}

TEST(arena_of_half_the_size_is_tried_when_address_space_is_scarce) {
  sim_rules_t rules = sim_windows;
  rules.config.address_limit = 40 * MIM_MIB;
  arenas_start(&rules, 1024 * 1024);
  size_t claimed = 0;
  mim_slices_t slices;
  while (mim_slices_claim(&arenas, NULL, 1, MIM_SLICE_SIZE, &slices)) { claimed++; }
  CHECK(claimed * MIM_SLICE_SIZE >= 36 * MIM_MIB); /* nine tenths of what there is */
  CHECK_EQ(check_arenas(), claimed);
  check_accounting();
}

static mim_slices_t claim_huge(size_t size, size_t alignment) {
  mim_slices_t slices;
  CHECK(mim_slices_claim_huge(&arenas, NULL, size, alignment, &slices));
  CHECK(mim_is_aligned(slices.base, alignment));
  CHECK(slices.count * MIM_SLICE_SIZE >= size);
  slices.base[0] = slices.base[size - 1] = 1;
  return slices;
}

static void check_comes_from_os(size_t size, size_t alignment) {
  mim_slices_t slices = claim_huge(size, alignment);
  CHECK(slices.arena == NULL);
  CHECK(slices.is_zero && is_filled(slices.base + 1, 0, 4096));
  CHECK(!mim_slices_extend(&slices, 1));
  check_accounting();
  mim_slices_release(&slices);
  CHECK_EQ(sim_reserved(), 0);
  check_accounting();
}

TEST(arena_the_largest_blocks_come_from_the_os) {
  arenas_start(&sim_linux, 64 * 1024);
  check_comes_from_os(128 * MIM_MIB, MIM_SLICE_SIZE);
  check_comes_from_os(128 * MIM_MIB + 4096, 4 * MIM_MIB);
  check_comes_from_os(9 * MIM_SLICE_SIZE, 256 * MIM_MIB);
  arenas_start(&sim_windows, 64 * 1024);
  check_comes_from_os(128 * MIM_MIB + 4096, 4 * MIM_MIB);
  mim_option_set(MIM_OPTION_disallow_arena_alloc, 1);
  check_comes_from_os(MIM_MIB, MIM_SLICE_SIZE);
  mim_option_set(MIM_OPTION_disallow_arena_alloc, 0);
  CHECK(claim_huge(MIM_MIB, MIM_SLICE_SIZE).arena != NULL);
}

TEST(arena_where_memory_is_kept_little_more_is_reserved_than_is_used) {
  sim_rules_t rules = sim_linux;
  rules.config.keeps_memory = true;
  arenas_start(&rules, 1 << 20);
  for (size_t used = MIM_SLICE_SIZE; used <= 96 * MIM_MIB; used += MIM_SLICE_SIZE) {
    claim(1, MIM_SLICE_SIZE);
    CHECK(sim_reserved() <= used + used / 6 + 2 * MIM_MIB);
  }
  CHECK(arenas.count < 40);
  mim_slices_t slices;
  const size_t reserved = sim_reserved();
  CHECK(mim_slices_claim_huge(&arenas, NULL, MIM_MIB, MIM_SLICE_SIZE, &slices));
  CHECK(slices.arena == NULL);
  CHECK_EQ(sim_reserved(), reserved + MIM_MIB);
  mim_slices_release(&slices);
  CHECK_EQ(sim_reserved(), reserved);
}

TEST(arena_a_huge_block_that_the_os_has_no_memory_for_leaves_nothing) {
  arenas_start(&sim_windows, 64 * 1024);
  for (long n = 1; n <= 3; n++) { /* to find the place, to align it, to commit it */
    mim_slices_t slices;
    sim_fail(SIM_ANY, n, 0);
    CHECK(!mim_slices_claim_huge(&arenas, NULL, 128 * MIM_MIB, 4 * MIM_MIB, &slices));
    CHECK_EQ(sim_reserved(), 0);
    check_accounting();
  }
}

TEST(arena_without_permission_to_ask_the_os_only_what_is_reserved_is_used) {
  arenas_start(&sim_linux, 1024);
  const mim_arena_traits_t traits = {.numa_node = -1};
  CHECK(mim_arenas_reserve(&arenas, 4 * MIM_MIB, &traits) != NULL);
  CHECK_EQ(arenas.count, 1);
  mim_option_set(MIM_OPTION_disallow_os_alloc, 1);
  mim_slices_t slices;
  size_t claimed = 0;
  while (mim_slices_claim(&arenas, NULL, 1, MIM_SLICE_SIZE, &slices)) { claimed++; }
  CHECK(!mim_slices_claim_huge(&arenas, NULL, (size_t)1 << 30, MIM_SLICE_SIZE, &slices));
  mim_option_set(MIM_OPTION_disallow_os_alloc, 0);
  CHECK(claimed >= 60);
  CHECK_EQ(arenas.count, 1);
}

TEST(arena_an_exclusive_one_serves_only_who_names_it) {
  arenas_start(&sim_linux, 1024);
  const mim_arena_traits_t traits = {.is_exclusive = true, .numa_node = -1};
  mim_arena_t* const mine = mim_arenas_reserve(&arenas, MIM_MIB, &traits);
  CHECK(mine != NULL && mine == arenas.first);
  CHECK(claim(1, MIM_SLICE_SIZE).arena != mine);
  mim_slices_t slices;
  CHECK(mim_slices_claim(&arenas, &(mim_place_t){mine, -1}, 1, MIM_SLICE_SIZE, &slices));
  CHECK(slices.arena == mine);
  CHECK(!mim_slices_claim(&arenas, &(mim_place_t){mine, -1}, 1000, MIM_SLICE_SIZE, &slices));
}

TEST(arena_contains_its_slices_but_not_its_head) {
  arenas_start(&sim_linux, 1024);
  const mim_slices_t slices = claim(2, MIM_SLICE_SIZE);
  CHECK(mim_arenas_contain(&arenas, slices.base));
  CHECK(mim_arenas_contain(&arenas, slices.base + 2 * MIM_SLICE_SIZE - 1));
  CHECK(!mim_arenas_contain(&arenas, slices.arena));
  CHECK(!mim_arenas_contain(&arenas, mim_arena_page_metadata(slices.arena, slices.first)));
  CHECK(!mim_arenas_contain(&arenas, &slices));
  CHECK(!mim_arenas_contain(&arenas, NULL));
}

TEST(arena_metadata_of_slices_lies_apart_and_does_not_overlap) {
  arenas_start(&sim_linux, 1024);
  const mim_slices_t slices = claim(1, MIM_SLICE_SIZE);
  const mim_arena_t* const arena = slices.arena;
  const uint8_t* const first = mim_arena_page_metadata(arena, 0);
  const uint8_t* const end = (uint8_t*)mim_arena_page_metadata(arena, arena->slice_count);
  const size_t groups = mim_divide_up(arena->slice_count, MIM_GROUP_SLICES);
  CHECK((const uint8_t*)&arena->groups[groups] <= first);
  CHECK(end <= arena->base + arena->head_slices * MIM_SLICE_SIZE);
  CHECK(mim_is_aligned(first, MIM_PAGE_METADATA_SIZE));
  CHECK(sim_is_committed(first, (size_t)(end - first)));
}

/* ---- extend and shrink ---- */

TEST(arena_metadata_takes_less_than_a_fiftieth) {
  for (long mib = 8; mib <= 128; mib *= 2) {
    arenas_start(&sim_linux, mib * MIM_KIB);
    const mim_slices_t slices = claim(1, MIM_SLICE_SIZE);
    CHECK(slices.arena->slice_count >= (size_t)mib * MIM_MIB / MIM_SLICE_SIZE);
    CHECK(50 * slices.arena->head_slices < slices.arena->slice_count);
  }
}

TEST(arena_a_run_grows_into_free_slices_and_only_those) {
  arenas_start(&sim_windows, 64 * 1024);
  mim_slices_t a = claim(60, MIM_SLICE_SIZE);
  mim_slices_t b = claim(2, MIM_SLICE_SIZE);
  CHECK(!mim_slices_extend(&a, 1));
  CHECK_EQ(a.count, 60);
  mim_slices_release(&b);
  CHECK(mim_slices_extend(&a, 100));
  CHECK_EQ(a.count, 160);
  memset(a.base, 1, 160 * MIM_SLICE_SIZE);
  CHECK(!mim_slices_extend(&a, 10000)); /* beyond the end of the arena */
  CHECK_EQ(check_arenas(), 160);
  mim_slices_shrink(&a, 130);
  CHECK_EQ(a.count, 30);
  CHECK_EQ(check_arenas(), 30);
  CHECK(claim(130, MIM_SLICE_SIZE).base == a.base + 30 * MIM_SLICE_SIZE);
  check_accounting();
}

TEST(arena_extend_takes_all_or_nothing_over_the_border_of_a_group) {
  arenas_start(&sim_linux, 64 * 1024);
  mim_slices_t a = claim(10, MIM_SLICE_SIZE), b = claim(90, MIM_SLICE_SIZE);
  mim_slices_t wall = claim(1, MIM_SLICE_SIZE);
  mim_slices_release(&b);
  const size_t free_before = check_arena(a.arena);
  CHECK(!mim_slices_extend(&a, 91));
  CHECK_EQ(check_arena(a.arena), free_before);
  CHECK(mim_slices_extend(&a, 90));
  CHECK(!mim_slices_extend(&a, 1));
  mim_slices_release(&wall);
}

TEST(arena_a_commit_that_fails_leaves_everything_as_it_was) {
  arenas_start(&sim_windows, 64 * 1024);
  mim_slices_t a = claim(3, MIM_SLICE_SIZE), b;
  sim_fail(SIM_COMMIT, 1, 1);
  CHECK(!mim_slices_extend(&a, 4));
  CHECK(!mim_slices_claim(&arenas, NULL, 5, MIM_SLICE_SIZE, &b));
  CHECK_EQ(check_arenas(), 3);
  check_accounting();
  sim_fail(SIM_ANY, 0, 0);
  CHECK(mim_slices_extend(&a, 4));
  CHECK(mim_slices_claim(&arenas, NULL, 5, MIM_SLICE_SIZE, &b));
  CHECK_EQ(check_arenas(), 12);
  check_accounting();
}

TEST(arena_the_first_calls_may_fail) {
  for (long n = 1; n <= 4; n++) {
    arenas_start(&sim_windows, 1024);
    sim_fail(SIM_ANY, 1, 1);
    mim_slices_t slices;
    CHECK(!mim_slices_claim(&arenas, NULL, 1, MIM_SLICE_SIZE, &slices));
    CHECK_EQ(sim_reserved(), 0);
    check_accounting();
    sim_fail(SIM_ANY, n, 0);
    (void)mim_slices_claim(&arenas, NULL, 1, MIM_SLICE_SIZE, &slices);
    check_accounting();
    sim_fail(SIM_ANY, 0, 0);
    claim(1, MIM_SLICE_SIZE);
    check_arenas();
  }
}

TEST(arena_destroy_gives_everything_back) {
  arenas_start(&sim_windows, 1024);
  for (int i = 0; i < 100; i++) { claim(1, MIM_SLICE_SIZE); }
  mim_arenas_destroy(&arenas);
  CHECK_EQ(sim_reserved(), 0);
  CHECK(arenas.first == NULL);
  check_accounting();
}

/* ---- large machines ---- */

static void start_large(size_t gigantic_pages) {
  sim_rules_t rules = sim_linux;
  rules.config.gigantic_size = 64 * MIM_MIB;
  rules.gigantic_pages = gigantic_pages;
  rules.numa_nodes = 2;
  arenas_start(&rules, 4 * 1024);
}

static const mim_place_t on_node_1 = {NULL, 1};

TEST(arena_memory_comes_from_the_node_that_is_asked_for) {
  mim_slices_t slices;
  start_large(0);
  CHECK_EQ(sim_node_of(claim(1, MIM_SLICE_SIZE).base), -1);
  CHECK(mim_slices_claim(&arenas, &on_node_1, 1, MIM_SLICE_SIZE, &slices));
  CHECK_EQ(sim_node_of(slices.base), 1);
  const mim_arena_t* const first = slices.arena;
  CHECK(mim_slices_claim(&arenas, &on_node_1, 1, MIM_SLICE_SIZE, &slices));
  CHECK(slices.arena == first);
  CHECK(mim_slices_claim_huge(&arenas, &on_node_1, 3 * MIM_MIB, MIM_SLICE_SIZE, &slices));
  CHECK_EQ(sim_node_of(slices.base), 1);
}

TEST(arena_memory_comes_from_another_node_if_there_is_no_other) {
  mim_slices_t slices;
  start_large(0);
  claim(1, MIM_SLICE_SIZE);
  sim_fail(SIM_RESERVE, 1, 1);
  CHECK(mim_slices_claim(&arenas, &on_node_1, 1, MIM_SLICE_SIZE, &slices));
  CHECK_EQ(sim_node_of(slices.base), -1);
}

TEST(arena_of_gigantic_pages_is_never_purged) {
  const mim_arena_traits_t traits = {.is_committed = true, .is_pinned = true, .numa_node = 1};
  mim_arena_t* arena;
  mim_slices_t slices;
  int error = 0;
  start_large(3);
  CHECK_EQ(mim_arenas_reserve_gigantic(&arenas, 5, 0, &traits, &arena, &error), 3);
  CHECK_EQ(error, ENOMEM);
  CHECK_EQ(arena->slice_count, 192 * MIM_MIB / MIM_SLICE_SIZE);
  CHECK(mim_slices_claim(&arenas, &on_node_1, 100, MIM_SLICE_SIZE, &slices));
  CHECK(slices.arena == arena && slices.is_zero);
  memset(slices.base, 1, 100 * MIM_SLICE_SIZE);
  mim_slices_release(&slices);
  mim_arenas_purge(&arenas, true);
  CHECK(!claim(1, MIM_SLICE_SIZE).is_zero);
  CHECK_EQ(mim_arenas_reserve_gigantic(&arenas, 1, 0, &traits, &arena, &error), 0);
  CHECK(arena == NULL);
  mim_arenas_destroy(&arenas);
  CHECK_EQ(sim_reserved(), 0);
  CHECK_EQ(mim_os_counters.committed.current, 0);
}

TEST_MAIN()
