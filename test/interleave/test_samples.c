/* test_samples.c - every order in which a profiler ends beside the frees of blocks that it sampled.
 * In each: whoever gives the page back, nobody writes to it afterwards. */
#include <stdatomic.h>

#include "os/os.h"
#include "profile/samples.c" /* itself, not its object: a bucket is watched */
#include "test/sim/prim_sim.h"
#include "test/test.h"

enum { BLOCKS = 2 };

static mim_profiler_t profiler, other;
static mim_page_t* page;
static void* blocks[BLOCKS];
static int live;

/* ---- what the other files of the layer give ---- */

static bool is_locked;

_Atomic(size_t) mim_profile_version = 1;

void mim_profile_lock(void) {
  if (interleave_self() >= 0) { interleave_wait(&is_locked); }
  CHECK(!is_locked);
  is_locked = true;
}

void mim_profile_unlock(void) { is_locked = false; }
bool mim_profiler_becomes_due(mim_profiler_t* p) { return p == NULL; }
void mim_profiler_write_due(mim_profiler_t* p) { CHECK(p == NULL); }

/* ---- a page with two live blocks ---- */

static void sample_by(mim_profiler_t* by, void* block) {
  const mim_sample_source_t source = {.version = mim_profile_version,
                                      .profiler = by,
                                      .step = 1,
                                      .is_late = true};
  mim_sample_begin(&source, page, block, page->block_size);
}

static void make_page(void) {
  const mim_page_source_t source = {.arenas = &mim_arenas_main, .key = MIM_CHECKED ? 99 : 0};
  sim_start(&sim_linux);
  mim_os_init();
  page = mim_page_new(&source, mim_bin_of_size(64));
  CHECK(page != NULL && mim_samples_init());
  mim_page_adopt(page, 64, NULL);
  CHECK(mim_page_refill(page));
  for (size_t i = 0; i < BLOCKS; i++) { blocks[i] = mim_page_pop(page); }
}

static void profiler_ends(void) {
  mim_profile_lock();
  mim_samples_forget_profiler(&profiler);
  mim_profile_unlock();
}

/* Samples that a run left are gone before its page was. */
static void setup_samples(mim_profiler_t* of_first, mim_profiler_t* of_second) {
  if (page == NULL) { make_page(); }
  is_locked = false;
  profiler.sample_rate = other.sample_rate = 512;
  page->sampled = 0;
  live = BLOCKS;
  sample_by(of_first, blocks[0]);
  sample_by(of_second, blocks[1]);
  CHECK_EQ(page->sampled, BLOCKS);
  interleave_watch(&page->sampled, sizeof(page->sampled));
  for (size_t i = 0; i < BLOCKS; i++) { interleave_watch(bucket_of(blocks[i]), sizeof(bucket_t)); }
}

static void setup_one_profiler(void) { setup_samples(&profiler, &profiler); }
static void setup_two_profilers(void) { setup_samples(&profiler, &other); }

/* ---- what threads do ---- */

/* Who gives the last block back, gives the page back: its counter belongs to the next one. */
static void give_back(void) {
  if (--live == 0) { page->sampled = 0; }
}

static void free_first(void) {
  mim_sample_end(page, blocks[0]);
  give_back();
}

static void free_second(void) {
  mim_sample_end(page, blocks[1]);
  give_back();
}

static void free_both(void) {
  free_first();
  free_second();
}

static void forget_page(void) {
  mim_samples_forget_page(page);
  live = 1;
  give_back();
}

static void resize_and_free(void) {
  mim_sample_resize(page, blocks[0], 32);
  free_first();
  free_second();
}

/* ---- what is true afterwards ---- */

static void check_gone(void) {
  CHECK_EQ(live, 0);
  CHECK_EQ(page->sampled, 0);
  CHECK(first_of(bucket_of(blocks[0])) == NULL && first_of(bucket_of(blocks[1])) == NULL);
  CHECK_EQ(profiler.sums.live_count, 0);
  CHECK_EQ(profiler.sums.live_bytes, 0);
  CHECK_EQ(other.sums.live_count, 0);
}

TEST(samples_leave_a_page_before_it_is_given_back) {
  const interleave_case_t cases[] = {
    {"end | free both", setup_one_profiler, {profiler_ends, free_both}, check_gone, -1},
    {"end | forget page", setup_one_profiler, {profiler_ends, forget_page}, check_gone, -1},
    {"end | resize, free", setup_one_profiler, {profiler_ends, resize_and_free}, check_gone, -1},
    {"end of one of two | free both",
     setup_two_profilers,
     {profiler_ends, free_both},
     check_gone,
     -1},
    {"end | free | free",
     setup_one_profiler,
     {profiler_ends, free_first, free_second},
     check_gone,
     -1},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    CHECK(interleave_explore(&cases[i]) > 1);
  }
}

TEST_MAIN()
