/* test_threads.c - several threads: remote chains, abandoned pages, reclaiming, late frees, and
 * what is left when all are gone. */
/* links: sim */
#include <sched.h>

#include "test/unit/heap/heap_test.h"

enum { COUNT = 4000 };
static mim_block_t* blocks[COUNT];
static size_t block_size = 64;

static void* take_all(void* arg) {
  for (size_t i = 0; i < (size_t)(uintptr_t)arg; i++) {
    blocks[i] = take(block_size);
    CHECK(blocks[i] != NULL);
    memset(blocks[i], (int)(i % 251), block_size);
  }
  return NULL;
}

static void* give_all(void* arg) {
  for (size_t i = 0; i < (size_t)(uintptr_t)arg; i++) {
    CHECK(is_filled(blocks[i], (unsigned char)(i % 251), block_size));
    give(blocks[i]);
  }
  return NULL;
}

static size_t listed_in(unsigned bin, unsigned shard) {
  const mim_abandoned_set_t* const set = mim_heap_set(&mim_heap_main, bin, shard);
  size_t length = 0;
  const mim_page_t* prev = NULL;
  for (mim_page_t* p = set->first; p != NULL; prev = p, p = p->next) {
    CHECK(p->prev == prev && p->bin == bin && p->shard == shard);
    CHECK_EQ(mim_page_owner(p) & ~(uintptr_t)MIM_PAGE_FLAGS, 0);
    length++;
  }
  CHECK_EQ(set->count, length);
  return length;
}

static size_t listed_pages(void) {
  size_t count = 0;
  for (unsigned bin = 0; bin < MIM_BIN_COUNT; bin++) {
    for (unsigned shard = 0; shard < MIM_SHARDS; shard++) { count += listed_in(bin, shard); }
  }
  return count;
}

static void check_nothing_left(void) {
  mim_theap_collect(mim_theap_get(), true);
  CHECK_EQ(slices_in_use(), 0);
  CHECK_EQ(listed_pages(), 0);
  CHECK_EQ(pages_now(), 0);
  check_accounting();
}

#define AMOUNT(n) ((void*)(uintptr_t)(n))

HEAP_TEST(threads_pages_of_a_dead_thread_are_freed_by_others_without_allocating) {
  in_thread(take_all, AMOUNT(COUNT));
  CHECK_EQ(mim_subproc_main.threads.current, 0);
  CHECK(slices_in_use() >= COUNT * 64 / MIM_SLICE_SIZE);
  give_all(AMOUNT(COUNT));
  mim_theap_flush_remote(mim_theap_self);
  check_nothing_left();
}

HEAP_TEST(threads_a_thread_that_only_frees_leaves_nothing_when_it_ends) {
  take_all(AMOUNT(COUNT));
  in_thread(give_all, AMOUNT(COUNT));
  check_theap();
  check_nothing_left();
}

HEAP_TEST(threads_pages_with_free_blocks_are_taken_over) {
  in_thread(take_all, AMOUNT(10));
  CHECK_EQ(listed_pages(), 1);
  mim_block_t* const block = take(block_size);
  CHECK(mim_page_of(block) == mim_page_of(blocks[0]));
  CHECK_EQ(listed_pages(), 0);
  CHECK(mim_is_this_thread(mim_page_owner(mim_page_of(block))));
  give(block);
  give_all(AMOUNT(10));
  check_nothing_left();
}

#if defined(__linux__)
static void run_on_cpu(int cpu) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
}

static mim_page_t* abandon_page_on_cpu(unsigned bin, int cpu) {
  run_on_cpu(cpu);
  mim_page_t* const page = mim_heap_new_page(&mim_heap_main, bin);
  mim_page_adopt(page, mim_thread_id(), NULL);
  mim_page_refill(page);
  blocks[cpu] = mim_page_pop(page);
  mim_heap_abandon_page(page);
  return page;
}

/* Pages of the own CPU first, then any. */
HEAP_TEST(threads_take_over_pages_of_their_own_cpu_first) {
  enum { BIN = 5 };
  cpu_set_t allowed;
  CHECK_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  if (!CPU_ISSET(0, &allowed) || !CPU_ISSET(1, &allowed)) { return; }
  for (int cpu = 0; cpu < 2; cpu++) {
    mim_page_t* const pages[] = {abandon_page_on_cpu(BIN, 0), abandon_page_on_cpu(BIN, 1)};
    CHECK_EQ(listed_in(BIN, 0), 1);
    CHECK_EQ(listed_in(BIN, 1), 1);
    run_on_cpu(cpu);
    CHECK(mim_heap_take_abandoned(&mim_heap_main, BIN) == pages[cpu]);
    CHECK(mim_heap_take_abandoned(&mim_heap_main, BIN) == pages[1 - cpu]);
    CHECK(mim_heap_take_abandoned(&mim_heap_main, BIN) == NULL);
    for (int i = 0; i < 2; i++) {
      mim_page_adopt(pages[i], mim_thread_id(), NULL);
      CHECK_EQ(mim_page_push(pages[i], blocks[i]), MIM_PAGE_MARK);
      mim_heap_dispose_page(pages[i]);
    }
  }
  CHECK_EQ(sched_setaffinity(0, sizeof(allowed), &allowed), 0);
  check_nothing_left();
}
#endif

/* Not the frees of the thread that filled them: those become local ones again. */
HEAP_TEST(threads_full_pages_come_back_to_who_filled_them) {
  take_all(AMOUNT(1));
  in_thread(give_all, AMOUNT(1)); /* a second thread: from now on, full pages are given up */
  mim_option_set(MIM_OPTION_page_full_retain, 0);
  take_all(AMOUNT(COUNT));
  mim_page_t* const page = mim_page_of(blocks[0]);
  CHECK(!mim_page_is_owned(page));
  for (int i = 0; i < MIM_REMOTE_CHAIN_LOOK; i++) {
    CHECK(!mim_page_is_owned(page) && mim_page_of(blocks[i]) == page);
    give(blocks[i]);
  }
  CHECK(mim_is_this_thread(mim_page_owner(page)));
  CHECK_EQ(mim_page_live(page), page->reserved - MIM_REMOTE_CHAIN_LOOK);
  check_theap();
  for (int i = MIM_REMOTE_CHAIN_LOOK; i < COUNT; i++) { give(blocks[i]); }
  check_nothing_left();
}

HEAP_TEST(threads_full_pages_come_back_through_their_frees) {
  in_thread(take_all, AMOUNT(COUNT));
  const int64_t before = pages_made();
  for (size_t i = 0; i < COUNT; i += 2) { give(blocks[i]); }
  mim_theap_flush_remote(mim_theap_get());
  CHECK(listed_pages() > 0);
  for (size_t i = 0; i < COUNT; i += 2) { blocks[i] = take(block_size); }
  CHECK(pages_made() <= before + 1);
  for (size_t i = 0; i < COUNT; i++) { give(blocks[i]); }
  check_nothing_left();
}

HEAP_TEST(threads_blocks_of_every_size_cross) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin += 3) {
    block_size = mim_bin_block_size(bin);
    const size_t count = mim_min(COUNT, 3 * mim_bin_slices(bin) * MIM_SLICE_SIZE / block_size);
    in_thread(take_all, AMOUNT(count));
    in_thread(give_all, AMOUNT(count));
    take_all(AMOUNT(count));
    in_thread(give_all, AMOUNT(count));
    check_nothing_left();
  }
}

static void* flush_by_amount(void* arg) {
  (void)arg;
  mim_page_t* const page = mim_page_of(blocks[0]);
  give(blocks[0]);
  CHECK_EQ(mim_theap_self->remote_count, 1);
  for (int i = 1; i < MIM_REMOTE_CHAIN_MAX; i++) {
    CHECK(mim_page_of(blocks[i]) == page);
    give(blocks[i]);
  }
  CHECK_EQ(mim_theap_self->remote_count, 0);
  give(blocks[MIM_REMOTE_CHAIN_MAX]);
  mim_theap_collect(mim_theap_self, false);
  CHECK_EQ(mim_theap_self->remote_count, 0);
  return NULL;
}

HEAP_TEST(threads_chains_do_not_wait_for_ever) {
  take_all(AMOUNT(200));
  in_thread(flush_by_amount, NULL);
  mim_page_t* const page = mim_page_of(blocks[0]);
  mim_page_collect(page);
  CHECK_EQ(mim_page_live(page), 200 - MIM_REMOTE_CHAIN_MAX - 1);
}

/* ---- the same thread again, and threads that allocate after their end ---- */

HEAP_TEST(threads_done_and_used_again) {
  for (int i = 0; i < 5; i++) {
    take_all(AMOUNT(100));
    mim_thread_done(false);
    CHECK(mim_theap_self == &mim_theap_none);
    CHECK_EQ(mim_subproc_main.threads.current, 0);
    give_all(AMOUNT(100));
  }
  check_nothing_left();
}

static void* allocate_late(void* arg) {
  mim_block_t** const late = arg;
  give(take(50));
  mim_thread_done(true);
  CHECK(mim_theap_self->kind == MIM_THEAP_LATE);
  mim_theap_t* const shared = mim_theap_late_begin();
  mim_page_t* const page = mim_theap_find_page(shared, mim_bin_of_size(50));
  CHECK(page != NULL);
  late[0] = mim_page_pop(page);
  late[1] = mim_page_pop(page);
  mim_theap_late_end();
  CHECK(!mim_is_this_thread(mim_page_owner(page)));
  give(late[1]);
  return NULL;
}

HEAP_TEST(threads_that_have_ended_share_a_heap) {
  mim_block_t* late[2];
  for (int i = 0; i < 3; i++) {
    in_thread(allocate_late, late);
    give(late[0]);
  }
  mim_theap_flush_remote(mim_theap_get());
  mim_theap_t* const shared = mim_theap_late_begin();
  mim_theap_collect(shared, true);
  mim_theap_late_end();
  check_nothing_left();
}

static void* touch_heap(void* arg) {
  (void)arg;
  give(take(64));
  return NULL;
}

HEAP_TEST(threads_leave_no_metadata_behind) {
  in_thread(touch_heap, NULL);
  const size_t before = sim_reserved();
  for (int i = 0; i < 200; i++) { in_thread(touch_heap, NULL); }
  CHECK_EQ(sim_reserved(), before);
  CHECK_EQ(mim_counter_read(&mim_subproc_main.threads).total, 201);
  CHECK_EQ(mim_subproc_main.threads.current, 0);
  CHECK_EQ(heap_stats()->blocks[mim_bin_of_size(64)].total, 201);
  CHECK_EQ(heap_stats()->blocks[mim_bin_of_size(64)].current, 0);
}

/* ---- all at once ---- */

enum { THREADS = 3, SLOTS = 256, ROUNDS = 4000 };
static _Atomic(mim_block_t*) slots[SLOTS];

static void* exchange(void* arg) {
  uint64_t seed = (uintptr_t)arg;
  for (int i = 0; i < ROUNDS; i++) {
    const size_t size = 16u << random_below(&seed, 8);
    mim_block_t* fresh = NULL;
    if (random_below(&seed, 2) == 0) {
      fresh = take(size);
      memset((uint8_t*)fresh, (int)(size % 255), size);
    }
    mim_block_t* const old =
      atomic_exchange_explicit(&slots[random_below(&seed, SLOTS)], fresh, memory_order_acq_rel);
    if (old != NULL) {
      const size_t old_size = mim_page_of(old)->block_size;
      CHECK(is_filled(old, (unsigned char)(old_size % 255), old_size));
      give(old);
    }
    if (i % 500 == 0) { mim_theap_collect(mim_theap_get(), i % 1000 == 0); }
  }
  return NULL;
}

static void run_exchange(long full_retain, int rounds) {
  mim_option_set(MIM_OPTION_page_full_retain, full_retain);
  mim_option_set(MIM_OPTION_purge_delay, 1);
  for (int round = 0; round < rounds; round++) {
    pthread_t threads[THREADS];
    for (uintptr_t t = 0; t < THREADS; t++) {
      CHECK_EQ(pthread_create(&threads[t], NULL, exchange, AMOUNT(10 * round + t + 1)), 0);
    }
    for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
    listed_pages();
  }
  for (int i = 0; i < SLOTS; i++) {
    if (slots[i] != NULL) { give(slots[i]); }
  }
  check_nothing_left();
}

HEAP_TEST(threads_exchange_blocks_and_leave_nothing) { run_exchange(2, 4); }
HEAP_TEST(threads_exchange_blocks_when_no_full_page_is_kept) { run_exchange(0, 2); }
HEAP_TEST(threads_exchange_blocks_when_all_full_pages_are_kept) { run_exchange(-1, 2); }

TEST_MAIN()
