/* test_page_check.c - what checked builds find: double frees, writes to freed memory, broken
 * lists.  In other builds the same calls only have to leave sound uses alone. */
/* links: sim */
#include "test/unit/page/page_test.h"

static mim_block_t* blocks[MIM_PAGE_BLOCKS_MAX];

static void check_caught(child_fun_t* misuse) {
  if (MIM_CHECKED) { check_aborts(misuse, NULL); }
}

static void double_free(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  mim_block_t* const block = take_block(page);
  take_block(page);
  mim_page_push(page, block);
  mim_page_push(page, block);
}

static void double_free_remote(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  mim_block_t* const block = take_block(page);
  take_block(page);
  free_remote(page, block);
  free_remote(page, block);
}

static void double_free_local_then_remote(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  mim_block_t* const block = take_block(page);
  take_block(page);
  mim_page_push(page, block);
  free_remote(page, block);
}

static void write_after_free_to_the_seal(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  take_all(page, blocks);
  mim_page_push(page, blocks[3]);
  blocks[3]->seal ^= 1;
  take_block(page);
}

static void write_after_free_to_the_link(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  take_all(page, blocks);
  mim_page_push(page, blocks[3]);
  mim_page_push(page, blocks[4]);
  blocks[4]->next = (uintptr_t)page->start; /* a plain pointer, as an attacker would write it */
  take_block(page);
}

static void write_to_a_block_never_handed_out(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  take_block(page);
  memset(page->free, 0x41, page->block_size);
  take_block(page);
}

static void more_remote_frees_than_blocks(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(MIM_BIN_LAST);
  mim_block_t* const block = take_block(page);
  take_block(page);
  mim_page_try_disown(page, true);
  free_remote(page, block);
  block->seal = 0; /* hides the double free from the seal: the count still finds it */
  mim_page_push_remote(page, block, block, 2, false);
}

TEST(page_check_finds_double_frees) {
  check_caught(double_free);
  check_caught(double_free_remote);
  check_caught(double_free_local_then_remote);
}

TEST(page_check_finds_writes_to_freed_memory) {
  check_caught(write_after_free_to_the_seal);
  check_caught(write_after_free_to_the_link);
  check_caught(write_to_a_block_never_handed_out);
}

/* Counting costs nothing: it is done in every build. */
TEST(page_check_counts_remote_frees_in_every_build) {
  check_aborts(more_remote_frees_than_blocks, NULL);
}

static void more_remote_frees_than_the_owner_gave(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(MIM_BIN_LAST);
  mim_block_t* const block = take_block(page);
  take_block(page);
  for (int i = 0; i < 3; i++) {
    block->seal = 0;
    free_remote(page, block);
  }
  mim_page_collect(page);
}

static void more_remote_frees_than_blocks_fit(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(MIM_BIN_LAST);
  mim_block_t* const block = take_block(page);
  for (size_t i = 0; i <= page->reserved; i++) {
    block->seal = 0;
    free_remote(page, block);
  }
}

TEST(page_check_counts_remote_frees_of_an_owned_page_in_every_build) {
  check_aborts(more_remote_frees_than_the_owner_gave, NULL);
  check_aborts(more_remote_frees_than_blocks_fit, NULL);
}

static void circle_of_remote_frees(void* arg) {
  (void)arg;
  mim_page_t* const page = page_start(2);
  mim_block_t *const a = take_block(page), *const b = take_block(page);
  mim_block_seal(page, a);
  mim_block_seal(page, b);
  mim_block_set_next(page, a, b);
  mim_page_push_remote(page, a, b, 2, false);
  mim_block_set_next(page, b, a);
  for (size_t i = 0; i < page->reserved; i++) { take_block(page); }
}

TEST(page_check_a_circle_of_remote_frees_is_found) { check_caught(circle_of_remote_frees); }

TEST(page_check_leaves_sound_uses_alone) {
  mim_page_t* const page = page_start(2);
  const size_t count = take_all(page, blocks);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < count; i++) {
      memset(blocks[i], (int)i, page->block_size);
      if (i % 2 == 0) {
        mim_page_push(page, blocks[i]);
      } else {
        free_remote(page, blocks[i]);
      }
    }
    mim_page_collect(page);
    CHECK(mim_page_is_valid(page));
    CHECK_EQ(take_all(page, blocks), count);
  }
}

TEST(page_check_blocks_are_inside_their_page_and_aligned) {
  mim_page_t* const page = page_start(3);
  mim_block_t* const block = take_block(page);
  CHECK(mim_page_has_block(page, block));
  CHECK(!mim_page_has_block(page, (mim_block_t*)(void*)(page->start - MIM_GRANULE)));
  CHECK(!mim_page_has_block(page, (mim_block_t*)(void*)((uint8_t*)block + MIM_GRANULE / 2)));
  uint8_t* const cut_end = page->start + page->capacity * page->block_size;
  CHECK(!mim_page_has_block(page, (mim_block_t*)(void*)cut_end));
}

TEST_MAIN()
