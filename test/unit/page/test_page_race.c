/* test_page_race.c - the remote protocol under real threads, most of all under ThreadSanitizer:
 * remote frees against refill, against giving up, against claiming. */
/* links: sim */
#include <pthread.h>

#include "test/unit/page/page_test.h"

enum { THREADS = 3, ROUNDS = 60 };

static mim_page_t* page;
static mim_block_t* blocks[MIM_PAGE_BLOCKS_MAX];
static size_t block_count;
static _Atomic(int) claims, disposals;

static void run_threads(void* (*work)(void*)) {
  pthread_t threads[THREADS];
  for (uintptr_t t = 0; t < THREADS; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, work, (void*)t), 0);
  }
  for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
}

/* ---- remote frees against the owner's refill ---- */

static void* push_every_third(void* arg) {
  for (size_t i = (uintptr_t)arg; i < block_count; i += THREADS) {
    memset(blocks[i], (int)i, page->block_size);
    free_remote(page, blocks[i]);
  }
  return NULL;
}

TEST(page_race_remote_frees_are_all_collected_exactly_once) {
  page = page_start(2);
  block_count = take_all(page, blocks);
  pthread_t threads[THREADS];
  for (uintptr_t t = 0; t < THREADS; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, push_every_third, (void*)t), 0);
  }
  for (size_t collected = 0; collected < block_count;) {
    mim_block_t* const block = take_block(page);
    if (block == NULL) { continue; }
    memset(block, 0, page->block_size);
    collected++;
  }
  for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
  CHECK(take_block(page) == NULL);
  CHECK_EQ(mim_page_live(page), block_count);
}

/* ---- a page without owner: frees, chains and claims from all sides ---- */

static void dispose_or_give_up(bool is_listed) {
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK(mim_page_is_valid(page));
  if (!mim_page_try_disown(page, is_listed)) {
    atomic_fetch_add(&disposals, 1);
    CHECK_EQ(mim_page_live(page), 0);
  }
}

static void* free_and_claim(void* arg) {
  const uintptr_t self = (uintptr_t)arg;
  const size_t share = block_count / THREADS;
  const size_t from = self * share, to = self + 1 == THREADS ? block_count : from + share;
  for (size_t i = from; i < to;) {
    const size_t length = mim_min(1 + i % 5, to - i);
    if (free_chain(page, blocks, i, i + length) != MIM_PAGE_NOTHING) {
      atomic_fetch_add(&claims, 1);
      dispose_or_give_up(i % 2 == 0);
    } else if (i % 7 == 0 && i < to - length && mim_page_try_claim(page) != MIM_PAGE_NOTHING) {
      dispose_or_give_up(i % 2 == 0);
    }
    i += length;
  }
  return NULL;
}

/* The last free of all empties the page: somebody owns it then, and sees it empty, once. */
TEST(page_race_a_page_without_owner_is_emptied_exactly_once) {
  for (int round = 0; round < ROUNDS; round++) {
    page = page_start((unsigned)(3 + round % 30));
    block_count = take_all(page, blocks);
    claims = disposals = 0;
    CHECK(mim_page_try_disown(page, round % 2 == 0));
    run_threads(free_and_claim);
    CHECK_EQ(disposals, 1);
    CHECK(claims >= 1);
  }
}

/* ---- giving up against remote frees ---- */

static void* free_all(void* arg) {
  for (size_t i = (uintptr_t)arg; i < block_count; i += THREADS) {
    if (free_remote(page, blocks[i]) != MIM_PAGE_NOTHING) {
      atomic_fetch_add(&claims, 1);
      dispose_or_give_up(true);
    }
  }
  return NULL;
}

TEST(page_race_giving_up_while_others_free) {
  for (int round = 0; round < ROUNDS; round++) {
    page = page_start((unsigned)(8 + round % 30));
    block_count = take_all(page, blocks);
    claims = disposals = 0;
    pthread_t threads[THREADS];
    for (uintptr_t t = 0; t < THREADS; t++) {
      CHECK_EQ(pthread_create(&threads[t], NULL, free_all, (void*)t), 0);
    }
    if (!mim_page_try_disown(page, round % 2 == 0)) { atomic_fetch_add(&disposals, 1); }
    for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
    CHECK_EQ(disposals, 1);
  }
}

TEST_MAIN()
