/* heap_test.h - a fresh simulated OS under the process's heap, and blocks taken as malloc takes
 * them.
 *
 * Each test runs in a process of its own (HEAP_TEST), so that each starts with the first allocation
 * of all. */
#ifndef MIM_TEST_UNIT_HEAP_HEAP_TEST_H
#define MIM_TEST_UNIT_HEAP_HEAP_TEST_H

#include <pthread.h>

#include "base/assert.h"
#include "diag/options.h"
#include "heap/remote_inline.h"
#include "page/page_inline.h"
#include "test/sim/prim_sim.h"
#include "test/unit/unit.h"

#define HEAP_TEST(id) \
  static void id##_body(void); \
  static void id##_child(void* arg) { \
    (void)arg; \
    heap_start(&sim_windows); \
    id##_body(); \
    check_accounting(); \
  } \
  TEST(id) { run_in_child(id##_child, NULL); } \
  static void id##_body(void)

__attribute__((unused)) static void heap_start(const sim_rules_t* rules) {
  sim_start(rules);
  mim_heap_init();
  mim_option_set(MIM_OPTION_show_errors, 0);
  mim_option_set(MIM_OPTION_purge_delay, 100000);
  mim_option_set(MIM_OPTION_arena_reserve, 64 * 1024);
}

__attribute__((unused)) static void check_accounting(void) {
  CHECK_EQ(mim_os_counters.reserved.current, sim_reserved());
  CHECK_EQ(mim_os_counters.committed.current, sim_committed());
}

__attribute__((unused)) static size_t slices_in_use(void) {
  size_t used = 0;
  for (mim_arena_t* a = mim_arenas_main.first; a != NULL; a = a->next) {
    used += a->slice_count - a->head_slices - a->free_count;
  }
  return used;
}

__attribute__((unused)) static mim_block_t* take(size_t size) {
  mim_theap_t* const theap = mim_theap_get();
  CHECK(theap != NULL);
  const unsigned bin = mim_bin_of_size(size);
  mim_page_t* page = theap->bins[bin].pages.first;
  mim_block_t* block = page == NULL ? NULL : mim_page_pop(page);
  if (block == NULL) {
    page = mim_theap_find_page(theap, bin);
    if (page == NULL) { return NULL; }
    block = mim_page_pop(page);
    CHECK(block != NULL);
  }
  return block;
}

__attribute__((unused)) static void give(mim_block_t* block) {
  mim_page_t* const page = mim_page_of(block);
  CHECK(page != mim_page_none());
  if (mim_is_this_thread(mim_page_owner(page) & ~(uintptr_t)MIM_PAGE_FLAGS)) {
    if (mim_page_push(page, block) == MIM_PAGE_MARK) { mim_theap_on_mark(page); }
  } else if (!mim_remote_try_append(mim_theap_self, page, block)) {
    mim_theap_free_remote(mim_theap_get(), page, block);
  }
}

/* Another thread, from its start to after its exit. */
__attribute__((unused)) static void in_thread(void* (*work)(void*), void* arg) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, work, arg), 0);
  CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* Of the main heap, with all that this thread did. */
__attribute__((unused)) static const mim_stats_t* heap_stats(void) {
  static mim_stats_t stats;
  stats = (mim_stats_t){0};
  mim_thread_count(false);
  mim_heap_add_stats(&mim_heap_main, &stats);
  return &stats;
}

__attribute__((unused)) static mim_quantity_t pages_sum(void) {
  const mim_stats_t* const stats = heap_stats();
  mim_quantity_t sum = {0, 0, 0};
  for (unsigned bin = 1; bin < MIM_BIN_COUNT; bin++) {
    sum.current += stats->pages[bin].current;
    sum.total += stats->pages[bin].total;
  }
  return sum;
}

__attribute__((unused)) static int64_t pages_now(void) { return pages_sum().current; }
__attribute__((unused)) static int64_t pages_made(void) { return pages_sum().total; }

__attribute__((unused)) static void check_theap(void) { CHECK(mim_theap_is_valid(mim_theap_self)); }

#endif
