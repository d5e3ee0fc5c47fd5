/* test_page_protocol.c - every order of a few operations on a page's word `xthread`: remote
 * frees, giving up, claiming, collecting.  In each: no block is lost, a page has never two
 * owners, and who frees the last block of all finds the page empty, once. */
#include <stdatomic.h>

#include "page/page_inline.h"
#include "test/test.h"

enum { BLOCKS_MAX = 16, BLOCK_SIZE = 32, NOBODY = -1 };

static MIM_ALIGNED(64) uint8_t memory[BLOCKS_MAX * BLOCK_SIZE];
static mim_page_t page;
static int owner, emptied, freed, adopted;
static bool lists_again; /* who gives the page up puts it into the set */

static mim_block_t* block_at(int index) { return (mim_block_t*)(void*)&memory[index * BLOCK_SIZE]; }

/* A page whose `count` blocks are all in use, owned by thread 0. */
static void setup_owned(int count) {
  memset(memory, 0, sizeof(memory));
  page = (mim_page_t){
    .used = (uint32_t)count,
    .capacity = (uint16_t)count,
    .reserved = (uint16_t)count,
    .block_size = BLOCK_SIZE,
    .start = memory,
    .bin = 2,
    .key = (uintptr_t)0x5bd1e995,
    .xthread = MIM_XTHREAD_OWNED,
  };
  owner = 0;
  emptied = freed = adopted = 0;
  interleave_watch(&page.xthread, sizeof(page.xthread));
}

static void setup_given_up(int count, bool is_listed) {
  setup_owned(count);
  owner = NOBODY;
  CHECK(mim_page_try_disown(&page, is_listed));
}

/* ---- what threads do ---- */

static void become_owner(void) {
  CHECK_EQ(owner, NOBODY);
  CHECK_EQ(emptied, 0);
  owner = interleave_self();
}

/* Ownership ends inside, at the moment of success: nobody may have come before. */
static void give_up(void) {
  CHECK_EQ(owner, interleave_self());
  owner = NOBODY;
  if (mim_page_try_disown(&page, lists_again)) { return; }
  become_owner();
  CHECK_EQ(mim_page_live(&page), 0);
  emptied++;
}

static void adopt(void) {
  become_owner();
  adopted++;
  mim_page_adopt(&page, 64, NULL);
  if (page.used == 0) {
    emptied++;
  } else {
    give_up();
  }
}

static void push_chain_to(int from, int to, bool takes) {
  for (int i = from; i < to; i++) { mim_block_seal(&page, block_at(i)); }
  for (int i = from; i + 1 < to; i++) { mim_block_set_next(&page, block_at(i), block_at(i + 1)); }
  freed += to - from;
  if (mim_page_push_remote(&page, block_at(from), block_at(to - 1), (uint32_t)(to - from), takes) !=
      MIM_PAGE_NOTHING) {
    adopt();
  }
}

static void push_chain(int from, int to) { push_chain_to(from, to, false); }

static void push_0(void) { push_chain(0, 1); }
static void push_1(void) { push_chain(1, 2); }
static void push_2(void) { push_chain(2, 3); }
static void push_0_and_take(void) { push_chain_to(0, 1, true); }
static void push_0_then_1(void) {
  push_0();
  push_1();
}
static void push_2_then_3(void) {
  push_2();
  push_chain(3, 4);
}
static void push_0_and_1(void) { push_chain(0, 2); }
static void push_2_and_3(void) { push_chain(2, 4); }

static void claim(void) {
  if (mim_page_try_claim(&page) != MIM_PAGE_NOTHING) { adopt(); }
}

static void collect_then_give_up(void) {
  mim_page_collect(&page);
  give_up();
}

/* Takes what comes back and uses it again, as malloc does. */
static void collect_and_reuse(void) {
  for (int i = 0; i < 3; i++) {
    page.installed = 0;
    if (page.free == NULL && !mim_page_refill(&page)) { continue; }
    mim_block_t* const block = mim_page_pop(&page);
    CHECK(block == block_at(0) || block == block_at(1) || block == block_at(2));
    freed--;
  }
}

/* ---- what must be true in the end ---- */

static int length_of(const mim_block_t* block) {
  int length = 0;
  for (; block != NULL; block = mim_block_next(&page, block)) { CHECK(++length <= BLOCKS_MAX); }
  return length;
}

static void check_nothing_lost(void) {
  const int total = page.reserved;
  if (owner == NOBODY) {
    CHECK(mim_page_try_claim(&page) != MIM_PAGE_NOTHING);
    CHECK_EQ(emptied, 0);
  }
  mim_page_collect(&page);
  CHECK_EQ(mim_page_live(&page), total - freed);
  const int local = length_of(page.free) + length_of(page.local_free);
  CHECK_EQ(page.remote_seen, freed - local);
  page.free = page.local_free = NULL;
  page.installed = 0;
  CHECK_EQ(mim_page_refill(&page), freed > local);
  CHECK_EQ(length_of(page.free), freed - local);
}

static void check_emptied_once(void) {
  CHECK_EQ(freed, page.reserved);
  CHECK_EQ(emptied, 1);
  CHECK(owner != NOBODY);
  check_nothing_lost();
}

/* Enough blocks are free, and the page is in no set: somebody must have taken it up. */
static void check_found_again(void) {
  CHECK(adopted >= 1);
  check_nothing_lost();
}

/* ---- the cases ---- */

static void setup_owned_2(void) { setup_owned(2); }
static void setup_owned_3(void) { setup_owned(3); }
static void setup_owned_4(void) { setup_owned(4); }
static void setup_listed_2(void) { setup_given_up(2, true); }
static void setup_listed_3(void) { setup_given_up(3, true); }
static void setup_listed_4(void) { setup_given_up(4, true); }
static void setup_unlisted_2(void) { setup_given_up(2, false); }
static void setup_unlisted_3(void) { setup_given_up(3, false); }
static void setup_unlisted_4(void) { setup_given_up(4, false); }
static void setup_unlisted_16(void) { setup_given_up(16, false); }

/* Where every push claims the page anew and gives it up unlisted, there are millions of orders: of
 * those, the ones with up to `interruptions`. */
static void explore_up_to(int interruptions, const char* name, void (*setup)(void), void (*a)(void),
                          void (*b)(void), void (*c)(void), void (*check)(void)) {
  for (int i = 0; i < 2; i++) {
    lists_again = (i == 1);
    const interleave_case_t explored = {
      name, setup, {a, b, c}, check, lists_again ? -1 : interruptions};
    CHECK(interleave_explore(&explored) > 1);
  }
}

static void explore(const char* name, void (*setup)(void), void (*a)(void), void (*b)(void),
                    void (*c)(void), void (*check)(void)) {
  explore_up_to(-1, name, setup, a, b, c, check);
}

TEST(protocol_giving_up_against_remote_frees) {
  explore("give up | push | push", setup_owned_2, give_up, push_0, push_1, check_emptied_once);
  explore("give up | push | push, one in use", setup_owned_3, give_up, push_0, push_1,
          check_nothing_lost);
  explore("give up | chain | push", setup_owned_3, collect_then_give_up, push_0_and_1, push_2,
          check_emptied_once);
}

TEST(protocol_remote_frees_into_a_listed_page) {
  explore("listed: push | push", setup_listed_2, push_0, push_1, NULL, check_emptied_once);
  explore("listed: push | push | push", setup_listed_3, push_0, push_1, push_2, check_emptied_once);
  explore("listed: chain | chain", setup_listed_4, push_0_and_1, push_2_and_3, NULL,
          check_emptied_once);
  explore("listed: 2 pushes | 2 pushes", setup_listed_4, push_0_then_1, push_2_then_3, NULL,
          check_emptied_once);
}

TEST(protocol_remote_frees_into_an_unlisted_page) {
  explore("unlisted: push | push", setup_unlisted_2, push_0, push_1, NULL, check_emptied_once);
  explore_up_to(5, "unlisted: push | push | push", setup_unlisted_3, push_0, push_1, push_2,
                check_emptied_once);
  explore("unlisted: 2 pushes | chain", setup_unlisted_4, push_0_then_1, push_2_and_3, NULL,
          check_emptied_once);
  explore("unlisted: 2 of 16 make room", setup_unlisted_16, push_0, push_1, NULL,
          check_found_again);
  explore("unlisted: chain and push make room", setup_unlisted_16, push_0_and_1, push_2, NULL,
          check_found_again);
}

TEST(protocol_claiming_against_remote_frees) {
  explore("listed: claim | push | push", setup_listed_2, claim, push_0, push_1, check_emptied_once);
  explore("listed: claim | push | push, one in use", setup_listed_3, claim, push_0, push_1,
          check_nothing_lost);
  explore("unlisted: claim | push | chain", setup_unlisted_3, claim, push_2, push_0_and_1,
          check_emptied_once);
  explore("listed: claim | claim | push", setup_listed_2, claim, claim, push_0, check_nothing_lost);
  explore("listed: claim | claim | last push", setup_listed_4, claim, claim, push_0_and_1,
          check_nothing_lost);
}

TEST(protocol_taking_with_a_free) {
  explore("unlisted: take | push | push", setup_unlisted_16, push_0_and_take, push_1, push_2,
          check_found_again);
  explore("listed: take | push | push", setup_listed_3, push_0_and_take, push_1, push_2,
          check_emptied_once);
  explore("listed: take | claim | push", setup_listed_2, push_0_and_take, claim, push_1,
          check_emptied_once);
  explore("give up | take | push", setup_owned_2, give_up, push_0_and_take, push_1,
          check_emptied_once);
}

TEST(protocol_giving_up_against_claiming) {
  explore("give up | claim | push", setup_owned_2, give_up, claim, push_0, check_nothing_lost);
  explore("give up | claim | chain of all", setup_owned_2, collect_then_give_up, claim,
          push_0_and_1, check_emptied_once);
}

TEST(protocol_collecting_against_remote_frees) {
  explore("reuse | push | push", setup_owned_3, collect_and_reuse, push_0, push_1,
          check_nothing_lost);
  explore("reuse | 2 pushes | push", setup_owned_4, collect_and_reuse, push_0_then_1, push_2,
          check_nothing_lost);
}

TEST_MAIN()
