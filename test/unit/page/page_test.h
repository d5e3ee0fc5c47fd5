/* page_test.h - a fresh simulated OS, and pages on it. */
#ifndef MIM_TEST_UNIT_PAGE_PAGE_TEST_H
#define MIM_TEST_UNIT_PAGE_PAGE_TEST_H

#include "arena/metadata.h"
#include "base/assert.h"
#include "diag/options.h"
#include "diag/random.h"
#include "page/page_inline.h"
#include "prim/thread_id.h"
#include "test/sim/prim_sim.h"
#include "test/unit/unit.h"

static mim_arenas_t arenas;
static mim_page_source_t source;

__attribute__((unused)) static void pages_start(const sim_rules_t* rules) {
  mim_page_map_destroy();
  mim_metadata_destroy();
  sim_start(rules);
  mim_os_init();
  mim_os_counters = (mim_os_counters_t){0};
  memset(&arenas, 0, sizeof(arenas));
  mim_option_set(MIM_OPTION_arena_reserve, 64 * 1024);
  mim_option_set(MIM_OPTION_purge_delay, 100000);
  mim_option_set(MIM_OPTION_show_errors, 0);
  source = (mim_page_source_t){.arenas = &arenas,
                               .place = {NULL, -1},
                               .key = MIM_CHECKED ? mim_random() | 1 : 0};
}

__attribute__((unused)) static mim_page_t* page_start(unsigned bin) {
  pages_start(&sim_linux);
  mim_page_t* const page = mim_page_new(&source, bin);
  CHECK(page != NULL);
  mim_page_adopt(page, mim_thread_id(), NULL);
  return page;
}

/* A block, after a refill if need be; NULL: the page is full. */
__attribute__((unused)) static mim_block_t* take_block(mim_page_t* page) {
  if (page->free == NULL) {
    mim_page_count(page);
    if (!mim_page_refill(page)) { return NULL; }
  }
  return mim_page_pop(page);
}

/* All blocks of the page; how many they are. */
__attribute__((unused)) static size_t take_all(mim_page_t* page, mim_block_t** blocks) {
  size_t count = 0;
  for (mim_block_t* block; (block = take_block(page)) != NULL;) { blocks[count++] = block; }
  CHECK_EQ(count, page->reserved);
  CHECK(mim_page_is_valid(page));
  return count;
}

/* As a thread that does not own the page frees one block. */
__attribute__((unused)) static mim_page_event_t free_remote(mim_page_t* page, mim_block_t* block) {
  mim_block_seal(page, block);
  return mim_page_push_remote(page, block, block, 1, false);
}

/* Links blocks [from, to) to a chain, as a thread does that frees several, and pushes it. */
__attribute__((unused)) static mim_page_event_t free_chain(mim_page_t* page, mim_block_t** blocks,
                                                           size_t from, size_t to) {
  for (size_t i = from; i < to; i++) { mim_block_seal(page, blocks[i]); }
  for (size_t i = from; i + 1 < to; i++) { mim_block_set_next(page, blocks[i], blocks[i + 1]); }
  return mim_page_push_remote(page, blocks[from], blocks[to - 1], (uint32_t)(to - from), false);
}

#endif
