/* test_realloc.c - contents kept, zeros kept, in place where it can be, the old block intact when
 * not. */
/* links: sim */
#include <errno.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "test/unit/heap/heap_test.h"

static void fill(uint8_t* p, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) { p[i] = (uint8_t)(i * 7 + 1); }
}

static void check_filled(const uint8_t* p, size_t size) {
  for (size_t i = 0; i < size; i++) { CHECK_EQ(p[i], (uint8_t)(i * 7 + 1)); }
}

static size_t random_size(uint64_t* seed) {
  return random_below(seed, (size_t)1 << (1 + random_below(seed, 22)));
}

HEAP_TEST(realloc_keeps_contents_over_every_change_of_size) {
  uint64_t seed = 3;
  for (int round = 0; round < 40; round++) {
    size_t size = random_size(&seed);
    uint8_t* p = mim_malloc(size);
    fill(p, 0, size);
    for (int i = 0; i < 12; i++) {
      const size_t next = random_size(&seed);
      p = mim_realloc(p, next, false);
      CHECK(p != NULL && mim_usable_size(p) >= next);
      check_filled(p, mim_min(size, next));
      fill(p, 0, next);
      size = next;
    }
    mim_free(p);
  }
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
  CHECK_EQ(mim_heap_main.tally.huge.current, 0);
}

/* Zeros: whatever was never written by the program is zero, if the block began as a zeroed one. */
HEAP_TEST(realloc_zero_keeps_what_was_never_written_zero) {
  uint64_t seed = 4;
  for (int round = 0; round < 40; round++) {
    size_t size = random_size(&seed);
    uint8_t* p = mim_zalloc(size);
    fill(p, 0, size);
    for (int i = 0; i < 12; i++) {
      const size_t next = random_size(&seed);
      p = mim_realloc(p, next, true);
      CHECK(p != NULL);
      check_filled(p, mim_min(size, next));
      if (next > size) { CHECK(is_filled(p + size, 0, next - size)); }
      fill(p, 0, next);
      size = next;
    }
    mim_free(p);
  }
}

HEAP_TEST(realloc_of_null_allocates_and_to_nothing_shrinks) {
  uint8_t* p = mim_realloc(NULL, 100, true);
  CHECK(p != NULL && is_filled(p, 0, 100));
  p = mim_realloc(p, 0, false);
  CHECK(p != NULL);
  mim_free(p);
}

HEAP_TEST(realloc_to_a_size_that_fits_stays_in_place) {
  uint8_t* const p = mim_malloc(1000);
  CHECK(mim_realloc(p, 1001, false) == p);
  CHECK(mim_realloc(p, mim_usable_size(p), false) == p);
  CHECK(mim_realloc(p, 900, false) == p);
  uint8_t* const q = mim_realloc(p, 10, false);
  CHECK(mim_usable_size(q) < 200); /* a block that is mostly unused is not kept */
  mim_free(q);
}

HEAP_TEST(realloc_grows_a_huge_block_in_place_while_it_can) {
  uint8_t* const p = mim_malloc(200000);
  fill(p, 0, 200000);
  CHECK(mim_realloc(p, 800000, false) == p);
  check_filled(p, 200000);
  fill(p, 0, 800000);
  CHECK(mim_realloc(p, 300000, false) == p);
  check_filled(p, 300000);
  mim_free(p);
  CHECK_EQ(mim_heap_main.tally.huge.current, 0);
}

HEAP_TEST(realloc_of_too_much_leaves_the_block) {
  uint8_t* const p = mim_malloc(500);
  fill(p, 0, 500);
  const size_t too_large[] = {SIZE_MAX, MIM_SIZE_MAX, MIM_SIZE_MAX / 8 * 7};
  for (int i = 0; i < 3; i++) {
    errno = 0;
    CHECK(mim_realloc(p, too_large[i], false) == NULL);
    CHECK_EQ(errno, ENOMEM);
    check_filled(p, 500);
  }
  errno = 0;
  CHECK(mim_reallocn(p, SIZE_MAX / 2, 3, false) == NULL);
  CHECK_EQ(errno, ENOMEM);
  check_filled(p, 500);
  mim_free(p);
}

HEAP_TEST(realloc_without_memory_leaves_the_block) {
  const size_t sizes[] = {100, 60000, 300000, 3000000};
  for (int i = 0; i < 4; i++) {
    uint8_t* const p = mim_malloc(sizes[i]);
    fill(p, 0, sizes[i]);
    mim_theap_collect(mim_theap_self, true);
    sim_limit_commit(sim_committed());
    errno = 0;
    CHECK(mim_realloc(p, 10000000, false) == NULL);
    CHECK_EQ(errno, ENOMEM);
    check_filled(p, sizes[i]);
    sim_limit_commit(0);
    uint8_t* const q = mim_realloc(p, 10000000, false);
    CHECK(q != NULL);
    check_filled(q, sizes[i]);
    mim_free(q);
  }
}

static void grow_by_moving(void* arg) {
  heap_start(&sim_linux);
  for (int i = 0; i < 2; i++) {
    uint8_t* p = mim_malloc(2000000);
    fill(p, 0, 2000000);
    void* const wall = mim_malloc(100000); /* no room behind it */
    if (i == 1) { sim_fail(SIM_MOVE, 1, 1); }
    p = mim_realloc(p, 5000000, false);
    CHECK(p != NULL);
    check_filled(p, 2000000);
    fill(p, 0, 5000000);
    mim_free(wall);
    mim_free(p);
  }
  CHECK(sim_calls(SIM_MOVE) >= 2);
  uint8_t* const zeroed = mim_calloc(1, 2000000); /* where the moved block was */
  CHECK(is_filled(zeroed, 0, 2000000));
  (void)arg;
}

TEST(realloc_moves_os_pages_or_copies_if_that_fails) { run_in_child(grow_by_moving, NULL); }

HEAP_TEST(expand_only_in_place) {
  CHECK(mim_expand(NULL, 5) == NULL);
  uint8_t* const p = mim_malloc(100);
  CHECK(mim_expand(p, mim_usable_size(p)) == p);
  CHECK(mim_expand(p, mim_usable_size(p) + 1) == NULL);
  CHECK(mim_expand(p, SIZE_MAX) == NULL);
  uint8_t* const huge = mim_malloc(200000);
  CHECK(mim_expand(huge, 500000) == huge);
  memset(huge, 1, 500000);
  mim_free(huge);
  mim_free(p);
}

TEST_MAIN()
