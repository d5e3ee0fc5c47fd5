/* test_usable.c - the usable size is honest: every byte of it can be written and is kept, no
 * neighbour is hurt, and mi_good_size tells it before. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

/* Builds that check for overflows to the byte tell the size that was asked for. */
#if (defined(MIM_ASSERT_LEVEL) && MIM_ASSERT_LEVEL > 0) || \
  (defined(MI_SECURE) && MI_SECURE > 0) || (defined(MI_DEBUG) && MI_DEBUG > 0) || \
  (defined(MI_PADDING) && MI_PADDING > 0)
enum { usable_is_exact = 1 };
#else
enum { usable_is_exact = 0 };
#endif

/* Sizes that are interesting for any division into classes. */
static size_t next_size(size_t size) { return size < 2200 ? size + 1 : size + size / 11; }

TEST(every_usable_byte_can_be_written_and_is_kept) {
  for (size_t size = 0; size < (size_t)6 * MIB; size = next_size(size)) {
    void* blocks[4];
    for (unsigned i = 0; i < COUNT_OF(blocks); i++) {
      blocks[i] = hide(mi_malloc(size));
      CHECK(blocks[i] != NULL && mi_usable_size(blocks[i]) >= size);
      fill(blocks[i], mi_usable_size(blocks[i]), i);
    }
    for (unsigned i = 0; i < COUNT_OF(blocks); i++) {
      CHECK(is_filled(blocks[i], mi_usable_size(blocks[i]), i));
      mi_free(blocks[i]);
    }
  }
}

TEST(the_usable_size_does_not_change_while_a_block_lives) {
  enum { N = 2000 };
  static void* blocks[N];
  static size_t usable[N];
  uint64_t random = 7;
  for (size_t i = 0; i < N; i++) {
    blocks[i] = mi_malloc(next_random(&random) % 5000);
    usable[i] = mi_usable_size(blocks[i]);
  }
  for (size_t i = 0; i < N; i += 2) { mi_free(blocks[i]); }
  mi_collect(true);
  for (size_t i = 1; i < N; i += 2) {
    CHECK_EQ(mi_usable_size(blocks[i]), usable[i]);
    mi_free(blocks[i]);
  }
}

TEST(good_size_is_the_usable_size_of_such_a_block) {
  for (size_t size = 1; size < (size_t)3 * MIB; size = next_size(size)) {
    const size_t good = mi_good_size(size);
    CHECK(good >= size);
    void* p = hide(mi_malloc(size));
    void* q = hide(mi_malloc(good));
    CHECK(mi_usable_size(p) >= size && mi_usable_size(p) <= good);
    if (!usable_is_exact && !is_guarded()) { CHECK_EQ(mi_usable_size(p), good); }
    if (!is_guarded()) { CHECK_EQ(mi_usable_size(q), good); } /* it is its own good size */
    CHECK_EQ(mi_good_size(good), good);
    mi_free(p);
    mi_free(q);
  }
}

/* The design's promise: 12.5 % at most, beyond the 16 bytes that the alignment costs. */
TEST(rounding_wastes_at_most_an_eighth) {
  for (size_t size = 129; size < (size_t)3 * MIB; size = next_size(size)) {
    CHECK(mi_good_size(size) - size <= size / 8 + 16);
  }
}

TEST(all_names_for_the_usable_size_agree) {
  for (size_t size = 0; size < 100000; size = next_size(size)) {
    void* p = hide(mi_malloc(size));
    CHECK_EQ(mi_malloc_size(p), mi_usable_size(p));
    CHECK_EQ(mi_malloc_usable_size(p), mi_usable_size(p));
    CHECK_EQ(mi_malloc_good_size(size), mi_good_size(size));
    mi_free(p);
  }
  CHECK_EQ(mi_malloc_size(NULL), 0);
  CHECK_EQ(mi_malloc_usable_size(NULL), 0);
}

TEST(the_usable_size_of_an_aligned_block_counts_from_its_pointer) {
  for (size_t alignment = 16; alignment <= (size_t)2 * MIB; alignment *= 2) {
    for (size_t size = 1; size < 100000; size = size * 3 + 1) {
      void* p = hide(mi_malloc_aligned(size, alignment));
      void* q = hide(mi_malloc_aligned(size, alignment));
      CHECK(p != NULL && q != NULL && mi_usable_size(p) >= size);
      fill(p, mi_usable_size(p), 1);
      fill(q, mi_usable_size(q), 2);
      CHECK(is_filled(p, mi_usable_size(p), 1));
      mi_free(p);
      CHECK(is_filled(q, mi_usable_size(q), 2));
      mi_free(q);
    }
  }
}

TEST(good_size_of_an_impossible_size_does_not_wrap) {
  CHECK(mi_good_size(hide_size(SIZE_MAX)) >= (size_t)PTRDIFF_MAX);
  CHECK(mi_good_size(hide_size((size_t)PTRDIFF_MAX)) >= (size_t)PTRDIFF_MAX);
}

TEST_MAIN()
