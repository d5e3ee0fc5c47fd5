/* test_page.c - one page: its lists, its counting, its state, and the protocol without an owner. */
/* links: sim */
#include "test/unit/page/page_test.h"

enum { BLOCKS_MAX = MIM_PAGE_BLOCKS_MAX };
static mim_block_t* blocks[BLOCKS_MAX];

TEST(page_hands_out_every_block_once_inside_its_memory) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    mim_page_t* const page = page_start(bin);
    const size_t size = mim_bin_block_size(bin);
    CHECK_EQ(page->reserved, mim_bin_slices(bin) * MIM_SLICE_SIZE / size);
    const size_t count = take_all(page, blocks);
    for (size_t i = 0; i < count; i++) {
      *(size_t*)blocks[i] = i;
      CHECK(mim_page_of(blocks[i]) == page);
      CHECK(mim_page_of((uint8_t*)blocks[i] + size - 1) == page);
      CHECK_EQ(((uint8_t*)blocks[i] - page->start) % size, 0);
    }
    for (size_t i = 0; i < count; i++) { CHECK_EQ(*(size_t*)blocks[i], i); }
    CHECK_EQ(mim_page_live(page), count);
    CHECK(take_block(page) == NULL);
  }
}

TEST(page_cuts_its_memory_as_it_is_needed) {
  mim_page_t* const page = page_start(4);
  CHECK_EQ(page->capacity, 0);
  take_block(page);
  CHECK(page->capacity >= 1 && page->capacity < page->reserved);
  const size_t first = page->capacity;
  for (size_t i = 1; i < first; i++) { take_block(page); }
  CHECK_EQ(page->capacity, first);
  take_block(page);
  CHECK(page->capacity > first);
}

TEST(page_push_reports_the_mark_only_with_the_last_block) {
  mim_page_t* const page = page_start(2);
  mim_block_t *const a = take_block(page), *const b = take_block(page);
  CHECK_EQ(mim_page_push(page, a), MIM_PAGE_NOTHING);
  CHECK_EQ(mim_page_push(page, b), MIM_PAGE_MARK);
  CHECK_EQ(mim_page_live(page), 0);
  CHECK(mim_page_is_valid(page));
}

TEST(page_that_is_held_never_comes_to_its_mark) {
  mim_page_t* const page = page_start(2);
  mim_page_set_state(page, MIM_PAGE_HELD);
  for (int i = 0; i < 3; i++) { CHECK_EQ(mim_page_push(page, take_block(page)), MIM_PAGE_NOTHING); }
  CHECK_EQ(mim_page_live(page), 0);
  mim_page_set_state(page, MIM_PAGE_HELD); /* twice is once */
  CHECK_EQ(mim_page_live(page), 0);
  mim_page_set_state(page, MIM_PAGE_QUEUED);
  CHECK_EQ(page->used, 0);
}

TEST(page_that_is_full_comes_to_its_mark_when_enough_blocks_are_free) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    mim_page_t* const page = page_start(bin);
    const size_t count = take_all(page, blocks);
    const size_t room = count - mim_page_most_live(page);
    CHECK(room >= 1 && room <= count / 8 + 1);
    mim_page_set_full(page, mim_page_most_live(page));
    CHECK_EQ(mim_page_live(page), count);
    for (size_t i = 0; i < room; i++) {
      CHECK_EQ(mim_page_push(page, blocks[i]), i + 1 == room ? MIM_PAGE_MARK : MIM_PAGE_NOTHING);
    }
    CHECK_EQ(mim_page_live(page), count - room);
    mim_page_set_state(page, MIM_PAGE_QUEUED);
    CHECK_EQ(page->used, count - room);
    CHECK(mim_page_is_valid(page));
  }
}

TEST(page_blocks_come_back_last_freed_first) {
  mim_page_t* const page = page_start(3);
  const size_t count = take_all(page, blocks);
  mim_page_push(page, blocks[5]);
  mim_page_push(page, blocks[9]);
  CHECK(take_block(page) == blocks[9]);
  CHECK(take_block(page) == blocks[5]);
  CHECK(take_block(page) == NULL);
  CHECK_EQ(mim_page_live(page), count);
}

TEST(page_zero_tracking_is_true) {
  mim_page_t* const page = page_start(6);
  mim_block_t* block = take_block(page);
  CHECK(page->is_free_zero);
  CHECK(is_filled((uint8_t*)block + sizeof(*block), 0, page->block_size - sizeof(*block)));
  while (page->free != NULL) { memset(mim_page_pop(page), 0x11, page->block_size); }
  mim_page_push(page, block);
  block = take_block(page);
  CHECK(!page->is_free_zero); /* used before */
  block = take_block(page);
  CHECK(page->is_free_zero); /* cut anew */
  CHECK(is_filled((uint8_t*)block + sizeof(*block), 0, page->block_size - sizeof(*block)));
}

TEST(page_on_used_slices_is_not_zero) {
  mim_page_t* page = page_start(6);
  memset(take_block(page), 1, page->block_size);
  mim_page_push(page, (mim_block_t*)(void*)page->start);
  mim_page_dispose(page);
  page = mim_page_new(&source, 6);
  CHECK(page != NULL && !page->is_memory_zero);
  mim_page_refill(page);
  CHECK(!page->is_free_zero);
}

static size_t counted_mallocs, counted_frees;

static void count(mim_page_t* page) {
  const mim_page_counts_t counts = mim_page_count(page);
  counted_mallocs += counts.mallocs;
  counted_frees += counts.frees;
}

TEST(page_counts_what_it_handed_out_and_what_came_back_exactly) {
  mim_page_t* const page = page_start(1);
  uint64_t seed = 5;
  size_t handed_out = 0, live = 0;
  for (int i = 0; i < 20000; i++) {
    const uint64_t choice = random_below(&seed, 6);
    if (live > 0 && choice < 2) {
      mim_page_push(page, blocks[--live]);
    } else if (live > 0 && choice == 2) {
      free_remote(page, blocks[--live]);
    } else {
      if (page->free == NULL) {
        count(page);
        if (!mim_page_refill(page)) { continue; }
      }
      blocks[live++] = mim_page_pop(page);
      handed_out++;
    }
    if (random_below(&seed, 500) == 0) { count(page); }
    if (random_below(&seed, 100) == 0) { mim_page_collect(page); }
  }
  mim_page_collect(page);
  count(page);
  CHECK_EQ(counted_mallocs, handed_out);
  CHECK_EQ(counted_frees, handed_out - live);
  CHECK(mim_page_is_valid(page));
}

/* ---- remote frees ---- */

TEST(page_remote_frees_are_collected_once) {
  mim_page_t* const page = page_start(1);
  const size_t count = take_all(page, blocks);
  CHECK_EQ(free_remote(page, blocks[0]), MIM_PAGE_NOTHING);
  CHECK_EQ(free_remote(page, blocks[1]), MIM_PAGE_NOTHING);
  CHECK_EQ(free_chain(page, blocks, 10, 30), MIM_PAGE_NOTHING);
  CHECK_EQ(mim_page_live(page), count);
  mim_page_collect(page);
  mim_page_collect(page);
  CHECK_EQ(mim_page_live(page), count - 22);
  CHECK(mim_page_is_valid(page));
  size_t again = 0;
  while (take_block(page) != NULL) { again++; }
  CHECK_EQ(again, 22);
}

TEST(page_first_and_last_block_can_head_a_remote_list) {
  mim_page_t* const page = page_start(1);
  const size_t count = take_all(page, blocks);
  CHECK((uint8_t*)blocks[0] == page->start);
  free_remote(page, blocks[0]);
  CHECK(take_block(page) == blocks[0]);
  free_remote(page, blocks[count - 1]);
  CHECK(take_block(page) == blocks[count - 1]);
}

TEST(page_remote_frees_wait_until_local_ones_are_used_up) {
  mim_page_t* const page = page_start(1);
  take_all(page, blocks);
  free_remote(page, blocks[0]);
  mim_page_collect(page);
  free_remote(page, blocks[1]);
  mim_page_push(page, blocks[2]);
  CHECK(mim_page_is_valid(page));
  CHECK(take_block(page) == blocks[2]);
  CHECK_EQ(page->installed, 1);
  CHECK(mim_page_is_valid(page));
  CHECK(take_block(page) == blocks[1]);
  CHECK_EQ(page->installed, 2);
  CHECK(take_block(page) == blocks[0]);
  CHECK(take_block(page) == NULL);
  CHECK(mim_page_is_valid(page));
}

TEST(page_of_medium_blocks_takes_remote_frees_of_all) {
  mim_page_t* const page = page_start(MIM_BIN_LAST);
  const size_t count = take_all(page, blocks);
  for (size_t i = 0; i < count; i++) { free_remote(page, blocks[i]); }
  mim_page_collect(page);
  CHECK_EQ(mim_page_live(page), 0);
}

TEST(page_refill_prefers_what_was_freed_to_cutting_more) {
  mim_page_t* const page = page_start(2);
  mim_block_t* const block = take_block(page);
  while (page->free != NULL) { mim_page_pop(page); }
  const size_t capacity = page->capacity;
  free_remote(page, block);
  CHECK(take_block(page) == block);
  CHECK_EQ(page->capacity, capacity);
}

/* ---- pages without owner ---- */

static mim_page_t* full_page(unsigned bin) {
  mim_page_t* const page = page_start(bin);
  take_all(page, blocks);
  return page;
}

TEST(page_without_blocks_in_use_is_not_disowned) {
  mim_page_t* const page = page_start(2);
  mim_page_push(page, take_block(page));
  CHECK(!mim_page_try_disown(page, false));
  CHECK(mim_is_this_thread(mim_page_owner(page)));
  mim_block_t* const block = take_block(page);
  free_remote(page, block); /* not collected yet: disowning finds it */
  CHECK(!mim_page_try_disown(page, false));
}

TEST(page_disowned_and_unlisted_is_claimed_by_who_makes_room) {
  mim_page_t* const page = full_page(1);
  const size_t count = page->reserved, room = count - mim_page_most_live(page);
  CHECK(mim_page_try_disown(page, false));
  CHECK_EQ(mim_page_owner(page), 0);
  for (size_t i = 0; i + 1 < room; i++) {
    CHECK_EQ(free_remote(page, blocks[i]), MIM_PAGE_NOTHING);
  }
  CHECK_EQ(free_remote(page, blocks[room]), MIM_PAGE_CLAIMED);
  CHECK_EQ(free_remote(page, blocks[room + 1]), MIM_PAGE_NOTHING); /* it has an owner */
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_live(page), count - room - 1);
  CHECK(mim_page_is_valid(page));
}

TEST(page_disowned_and_listed_is_claimed_only_by_who_empties_it) {
  mim_page_t* const page = full_page(3);
  const size_t count = page->reserved;
  CHECK(mim_page_try_disown(page, true));
  for (size_t i = 0; i + 1 < count; i++) {
    CHECK_EQ(free_remote(page, blocks[i]), MIM_PAGE_NOTHING);
  }
  CHECK_EQ(free_remote(page, blocks[count - 1]), MIM_PAGE_CLAIMED_LISTED);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_live(page), 0);
}

TEST(page_claimed_from_the_set_keeps_its_remote_frees) {
  mim_page_t* const page = full_page(2);
  const size_t count = page->reserved;
  CHECK_EQ(mim_page_try_claim(page), MIM_PAGE_NOTHING); /* it has an owner */
  CHECK(mim_page_try_disown(page, true));
  free_remote(page, blocks[7]);
  free_remote(page, blocks[8]);
  CHECK_EQ(mim_page_try_claim(page), MIM_PAGE_CLAIMED_LISTED);
  CHECK_EQ(mim_page_try_claim(page), MIM_PAGE_NOTHING);
  CHECK_EQ(free_remote(page, blocks[9]), MIM_PAGE_NOTHING);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_live(page), count - 3);
  CHECK(mim_page_is_valid(page));
}

TEST(page_keeps_its_remote_list_from_owner_to_owner) {
  mim_page_t* const page = full_page(2);
  const size_t count = page->reserved;
  free_remote(page, blocks[1]);
  mim_page_collect(page);
  free_remote(page, blocks[2]); /* not seen by the owner that gives up */
  CHECK(mim_page_try_disown(page, true));
  free_remote(page, blocks[3]);
  CHECK_EQ(mim_page_try_claim(page), MIM_PAGE_CLAIMED_LISTED);
  CHECK_EQ(mim_page_live(page), count - 3);
  free_remote(page, blocks[4]);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_live(page), count - 4);
  CHECK(mim_page_is_valid(page));
  for (size_t i = 4; i > 0; i--) { CHECK(take_block(page) == blocks[i]); }
  CHECK(take_block(page) == NULL);
}

TEST(page_without_owner_is_taken_by_who_wants_it) {
  mim_page_t* const page = full_page(1);
  const size_t count = page->reserved;
  CHECK_EQ(mim_page_push_remote(page, blocks[0], blocks[0], 1, true), MIM_PAGE_NOTHING);
  CHECK(mim_page_try_disown(page, false));
  mim_block_seal(page, blocks[1]);
  CHECK_EQ(mim_page_push_remote(page, blocks[1], blocks[1], 1, true), MIM_PAGE_CLAIMED);
  CHECK_EQ(mim_page_live(page), count - 2);
  CHECK(mim_page_try_disown(page, true));
  mim_block_seal(page, blocks[2]);
  CHECK_EQ(mim_page_push_remote(page, blocks[2], blocks[2], 1, true), MIM_PAGE_CLAIMED_LISTED);
  CHECK_EQ(mim_page_live(page), count - 3);
  CHECK(mim_page_is_valid(page));
}

TEST(page_chain_that_empties_a_page_claims_it) {
  mim_page_t* const page = full_page(4);
  const size_t count = page->reserved;
  CHECK(mim_page_try_disown(page, true));
  CHECK_EQ(free_chain(page, blocks, 0, count / 2), MIM_PAGE_NOTHING);
  CHECK_EQ(free_chain(page, blocks, count / 2, count), MIM_PAGE_CLAIMED_LISTED);
}

TEST(page_of_one_block_is_claimed_by_its_only_free) {
  pages_start(&sim_linux);
  mim_page_t* const page = mim_page_new_huge(&source, 100000, MIM_SLICE_SIZE);
  mim_page_refill(page);
  mim_block_t* const block = mim_page_pop(page);
  CHECK(mim_page_try_disown(page, false));
  CHECK_EQ(free_remote(page, block), MIM_PAGE_CLAIMED);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_live(page), 0);
  mim_page_dispose(page);
}

TEST(page_keeps_its_interior_flag_from_owner_to_owner) {
  mim_page_t* const page = full_page(3);
  CHECK(mim_page_set_interior(page));
  CHECK(mim_page_try_disown(page, false));
  CHECK_EQ(mim_page_owner(page), MIM_PAGE_INTERIOR);
  CHECK_EQ(mim_page_try_claim(page), MIM_PAGE_CLAIMED);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_owner(page), mim_thread_id() | MIM_PAGE_INTERIOR);
  mim_page_set_flag(page, MIM_PAGE_SAMPLED, true);
  CHECK(mim_page_try_disown(page, false));
  CHECK_EQ(mim_page_owner(page), MIM_PAGE_INTERIOR | MIM_PAGE_SAMPLED);
  CHECK(mim_page_try_claim(page) != MIM_PAGE_NOTHING);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK_EQ(mim_page_owner(page), mim_thread_id() | MIM_PAGE_INTERIOR | MIM_PAGE_SAMPLED);
  for (size_t at = 0; at < page->block_size; at++) {
    CHECK(mim_page_block_at(page, (uint8_t*)blocks[11] + at) == blocks[11]);
  }
}

/* ---- free lists that are cut short ---- */

TEST(page_keeps_the_first_blocks_and_puts_the_rest_aside) {
  mim_page_t* const page = page_start(mim_bin_of_size(64));
  CHECK(mim_page_refill(page));
  const uint16_t cut = page->installed;
  mim_block_t* const first = page->free;
  mim_page_keep_free(page, 3);
  CHECK(page->free == first);
  CHECK_EQ(page->installed, 3);
  CHECK(mim_page_is_valid(page));
  for (int i = 0; i < 3; i++) { CHECK(mim_page_pop(page) != NULL); }
  CHECK(mim_page_pop(page) == NULL);
  CHECK_EQ(mim_page_count(page).mallocs, 3);
  CHECK(mim_page_refill(page));
  CHECK_EQ(page->installed, cut - 3);
  CHECK_EQ(page->capacity, cut); /* nothing had to be cut for it */
  CHECK(mim_page_is_valid(page));
}

TEST(page_keeps_no_block_or_all_of_them) {
  mim_page_t* const page = page_start(mim_bin_of_size(64));
  CHECK(mim_page_refill(page));
  const uint16_t cut = page->installed;
  mim_page_keep_free(page, 10000);
  CHECK_EQ(page->installed, cut);
  CHECK(page->local_free == NULL);
  mim_page_keep_free(page, 0);
  CHECK(page->free == NULL && page->installed == 0);
  CHECK(mim_page_is_valid(page));
}

/* Some blocks have been freed since the refill: both lists together hold them all. */
TEST(page_puts_the_rest_before_what_was_freed) {
  mim_page_t* const page = page_start(mim_bin_of_size(64));
  CHECK(mim_page_refill(page));
  const uint32_t live = mim_page_live(page);
  mim_block_t* const a = mim_page_pop(page);
  mim_block_t* const b = mim_page_pop(page);
  mim_page_push(page, a);
  mim_page_count(page);
  mim_page_keep_free(page, 1);
  CHECK(mim_page_is_valid(page));
  CHECK_EQ(mim_page_live(page), live + 1);
  mim_page_push(page, b);
  CHECK(mim_page_is_valid(page));
}

TEST_MAIN()
