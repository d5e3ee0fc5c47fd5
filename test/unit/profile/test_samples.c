/* test_samples.c - which blocks are in a profile, where they came from, and the file about it. */
/* needs: unix */
#include <fcntl.h>
#include <pthread.h>

#include "base/assert.h"
#include "base/text.h"
#include "diag/options.h"
#include "os/os.h"
#include "page/page_inline.h"
#include "prim/prim.h"
#include "prim/thread_id.h"
#include "profile/profile.h"
#include "test/emulated.h"
#include "test/unit/unit.h"

static char folder[] = "/tmp/mim_samples_XXXXXX";
static char name[128];
static const mim_profile_intervals_t no_intervals;

static mim_profiler_t* profiler_new(size_t rate, const mim_profile_intervals_t* intervals) {
  if (!TEST_HAS_UNWINDER) { SKIP(TEST_NO_UNWINDER); }
  if (name[0] == 0) {
    mim_os_init();
    CHECK(mim_profile_prepare());
    CHECK(mkdtemp(folder) != NULL);
    snprintf(name, sizeof(name), "%s/p", folder);
  }
  mim_profiler_t* const profiler = mim_profiler_new(rate, name, intervals);
  CHECK(profiler != NULL);
  return profiler;
}

static void profiler_end(mim_profiler_t* profiler) { CHECK(mim_profiler_delete(profiler)); }

static mim_page_t* page_new(size_t size) {
  const mim_page_source_t source = {.arenas = &mim_arenas_main, .key = MIM_CHECKED ? 99 : 0};
  mim_page_t* const page = size > MIM_MEDIUM_BLOCK_MAX
                             ? mim_page_new_huge(&source, size, MIM_SLICE_SIZE)
                             : mim_page_new(&source, mim_bin_of_size(size));
  CHECK(page != NULL);
  mim_page_adopt(page, mim_thread_id(), NULL);
  CHECK(mim_page_refill(page));
  return page;
}

static mim_sample_source_t source_of(mim_profiler_t* profiler, size_t point) {
  return (mim_sample_source_t){.version = atomic_load(&mim_profile_version),
                               .profiler = profiler,
                               .step = profiler->sample_rate,
                               .point = point};
}

/* Two functions that sample, for two stacks. */
__attribute__((noinline)) static void* sample_one(mim_profiler_t* profiler, mim_page_t* page) {
  const mim_sample_source_t source = source_of(profiler, 0);
  mim_block_t* const block = mim_page_pop(page);
  mim_sample_begin(&source, page, block, page->block_size);
  return block;
}

__attribute__((noinline)) static void* sample_other(mim_profiler_t* profiler, mim_page_t* page) {
  void* const block = sample_one(profiler, page);
  __asm__ volatile("" ::: "memory");
  return block;
}

static void block_free(mim_page_t* page, void* block) {
  mim_sample_end(page, block);
  mim_page_push(page, block);
}

static void check_sums(const mim_profiler_t* profiler, uint64_t live, uint64_t live_bytes,
                       uint64_t total, uint64_t total_bytes) {
  CHECK_EQ(profiler->sums.live_count, live);
  CHECK_EQ(profiler->sums.live_bytes, live_bytes);
  CHECK_EQ(profiler->sums.total_count, total);
  CHECK_EQ(profiler->sums.total_bytes, total_bytes);
}

static size_t stack_count(const mim_profiler_t* profiler) {
  size_t count = 0;
  for (size_t i = 0; i < MIM_PROFILE_STACK_BUCKETS; i++) {
    for (const mim_profile_stack_t* s = profiler->stacks[i]; s != NULL; s = s->next) { count++; }
  }
  return count;
}

TEST(samples_come_and_go_with_their_blocks) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  mim_page_t* const page = page_new(64);
  CHECK(!mim_page_has_flag(page, MIM_PAGE_SAMPLED));
  void* blocks[20];
  for (size_t i = 0; i < 20; i++) { blocks[i] = sample_one(profiler, page); }
  CHECK(mim_page_has_flag(page, MIM_PAGE_SAMPLED));
  CHECK_EQ(page->sampled, 20);
  check_sums(profiler, 20, 20 * 64, 20, 20 * 64);
  for (size_t i = 0; i < 15; i++) { block_free(page, blocks[i]); }
  check_sums(profiler, 5, 5 * 64, 20, 20 * 64);
  CHECK_EQ(page->sampled, 5);
  void* const plain = mim_page_pop(page); /* in no profile: nothing happens */
  block_free(page, plain);
  check_sums(profiler, 5, 5 * 64, 20, 20 * 64);
  for (size_t i = 15; i < 20; i++) { block_free(page, blocks[i]); }
  CHECK(!mim_page_has_samples(page));
  profiler_end(profiler);
  mim_page_dispose(page);
}

/* volatile: a loop that the compiler unrolls (as gcc does for PowerPC) has several places. */
TEST(samples_of_one_place_share_a_stack) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  mim_page_t* const page = page_new(16);
  for (volatile int i = 0; i < 10; i++) { sample_one(profiler, page); }
  CHECK_EQ(stack_count(profiler), 1);
  for (volatile int i = 0; i < 10; i++) { sample_other(profiler, page); }
  CHECK_EQ(stack_count(profiler), 2);
  profiler_end(profiler);
  CHECK(!mim_page_has_samples(page));
  mim_page_forget_blocks(page);
  mim_page_dispose(page);
}

/* Many in one table: each is found, whatever shares its bucket. */
TEST(samples_are_found_among_many) {
  enum { PAGES = 60, MOST = 4096 };
  static void* blocks[PAGES][MOST];
  static size_t counts[PAGES];
  mim_page_t* pages[PAGES];
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  size_t all = 0;
  for (size_t i = 0; i < PAGES; i++) {
    pages[i] = page_new(16);
    do {
      while (pages[i]->free != NULL) { blocks[i][counts[i]++] = sample_one(profiler, pages[i]); }
      mim_page_count(pages[i]);
    } while (counts[i] < 1000 && mim_page_refill(pages[i]));
    all += counts[i];
  }
  CHECK_EQ(profiler->sums.live_count, all);
  for (size_t i = 0; i < PAGES; i++) {
    for (size_t n = 0; n < counts[i]; n++) { block_free(pages[i], blocks[i][n]); }
    CHECK(!mim_page_has_samples(pages[i]));
    mim_page_dispose(pages[i]);
  }
  check_sums(profiler, 0, 0, all, all * 16);
  profiler_end(profiler);
}

TEST(samples_of_blocks_that_change_their_size) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  mim_page_t* const page = page_new(100000);
  const mim_sample_source_t source = source_of(profiler, 50000);
  mim_block_t* const block = mim_page_pop(page);
  mim_sample_begin(&source, page, block, 100000);
  mim_sample_resize(page, block, 300000);
  check_sums(profiler, 1, 300000, 1, 300000);
  mim_sample_resize(page, block, 50001);
  check_sums(profiler, 1, 50001, 1, 300000);
  mim_sample_resize(page, block, 50000); /* the byte that was met is gone: never sampled */
  check_sums(profiler, 0, 0, 1, 300000);
  CHECK(!mim_page_has_samples(page));
  mim_page_push(page, block);
  mim_page_dispose(page);
  profiler_end(profiler);
}

TEST(samples_of_a_page_can_be_forgotten) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  mim_page_t* const page = page_new(1000);
  for (int i = 0; i < 4; i++) {
    sample_one(profiler, page);
    if (page->free == NULL) {
      mim_page_count(page);
      mim_page_refill(page);
    }
  }
  mim_samples_forget_page(page);
  check_sums(profiler, 0, 0, 4, 4 * page->block_size);
  mim_page_forget_blocks(page);
  mim_page_dispose(page);
  profiler_end(profiler);
}

TEST(samples_end_with_their_profiler_only) {
  mim_profiler_t* const a = profiler_new(512, &no_intervals);
  mim_profiler_t* const b = profiler_new(512, &no_intervals);
  mim_page_t* const page = page_new(64);
  void* const of_a = sample_one(a, page);
  void* const of_b = sample_one(b, page);
  profiler_end(a);
  CHECK_EQ(page->sampled, 1);
  block_free(page, of_a);
  check_sums(b, 1, 64, 1, 64);
  block_free(page, of_b);
  check_sums(b, 0, 0, 1, 64);
  profiler_end(b);
  mim_page_dispose(page);
}

/* ---- a profiler ends beside the thread that gives the page back: nothing but the sample itself
 * tells this thread that the other one is done with its page ---- */

static mim_profiler_t* ending_profiler;
static _Atomic(bool) is_sampled, is_deleted;

/* A plain write of the whole, as mim_page_new does it when slices are claimed again.  Nothing of
 * mim_page_dispose, whose locks would order the threads: the page's memory is left. */
static void page_begins_again(mim_page_t* page) { *page = (mim_page_t){.capacity = 0}; }

static void wait_for_deletion(void) {
  atomic_store(&is_sampled, true);
  while (!atomic_load_explicit(&is_deleted, memory_order_relaxed)) { mim_prim_yield(); }
}

static void* free_sampled(void* arg) {
  (void)arg;
  mim_page_t* const page = page_new(64);
  void* const block = sample_one(ending_profiler, page);
  wait_for_deletion();
  block_free(page, block);
  page_begins_again(page);
  return NULL;
}

static void* forget_sampled(void* arg) {
  (void)arg;
  mim_page_t* const page = page_new(64);
  sample_one(ending_profiler, page);
  wait_for_deletion();
  mim_samples_forget_page(page);
  mim_page_forget_blocks(page);
  page_begins_again(page);
  return NULL;
}

static void delete_beside(void* (*use)(void*)) {
  pthread_t thread;
  ending_profiler = profiler_new(512, &no_intervals);
  is_sampled = is_deleted = false;
  CHECK_EQ(pthread_create(&thread, NULL, use, NULL), 0);
  while (!atomic_load(&is_sampled)) { mim_prim_yield(); }
  profiler_end(ending_profiler);
  atomic_store_explicit(&is_deleted, true, memory_order_relaxed);
  CHECK_EQ(pthread_join(thread, NULL), 0);
}

TEST(samples_that_end_with_their_profiler_leave_the_page_to_its_thread) {
  delete_beside(free_sampled);
  delete_beside(forget_sampled);
}

TEST(samples_by_an_old_version_are_not_taken) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  mim_page_t* const page = page_new(64);
  mim_sample_source_t source = source_of(profiler, 0);
  mim_profile_changed();
  mim_block_t* const block = mim_page_pop(page);
  mim_sample_begin(&source, page, block, 64);
  check_sums(profiler, 0, 0, 0, 0);
  CHECK(!mim_page_has_flag(page, MIM_PAGE_SAMPLED));
  mim_page_push(page, block);
  mim_page_dispose(page);
  profiler_end(profiler);
}

TEST(profiler_that_is_used_cannot_be_deleted) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  mim_profiler_run(profiler, true);
  CHECK(!mim_profiler_delete(profiler));
  mim_profiler_run(profiler, false);
  mim_profiler_attach(profiler, 1);
  CHECK(!mim_profiler_delete(profiler));
  mim_profiler_attach(profiler, -1);
  profiler_end(profiler);
}

TEST(profiler_names_have_a_longest_one) {
  char longest[MIM_PROFILE_NAME_MAX + 1];
  mim_option_set(MIM_OPTION_max_warnings, 0);
  memset(longest, 'x', sizeof(longest));
  longest[MIM_PROFILE_NAME_MAX] = 0;
  CHECK(mim_profiler_new(512, longest, &no_intervals) == NULL);
  longest[MIM_PROFILE_NAME_MAX - 1] = 0;
  profiler_end(mim_profiler_new(512, longest, &no_intervals));
}

/* ---- the file ---- */

static char text[1 << 20];

static void read_snapshot(const char* suffix) {
  char path[160];
  snprintf(path, sizeof(path), "%s%s", name, suffix);
  const int file = open(path, O_RDONLY);
  CHECK(file >= 0);
  const ssize_t length = read(file, text, sizeof(text) - 1);
  CHECK(length > 0 && (size_t)length < sizeof(text) - 1);
  text[length] = 0;
  close(file);
  unlink(path);
}

static bool has_file(const char* suffix) {
  char path[160];
  snprintf(path, sizeof(path), "%s%s", name, suffix);
  return access(path, F_OK) == 0;
}

TEST(snapshot_has_the_form_that_pprof_reads) {
  mim_profiler_t* const profiler = profiler_new(4096, &no_intervals);
  mim_page_t* const page = page_new(64);
  void* blocks[3];
  volatile const size_t count = 3; /* one call, not three: one stack */
  for (size_t i = 0; i < count; i++) { blocks[i] = sample_one(profiler, page); }
  block_free(page, blocks[0]);
  CHECK(mim_profiler_snapshot(profiler, false));
  read_snapshot(".0001.heap");
  const char* const head = "heap profile: 2: 128 [3: 192] @ heap_v2/4096\n2: 128 [3: 192] @ 0x";
  CHECK(strncmp(text, head, strlen(head)) == 0);
  CHECK(strstr(text, "\n\nMAPPED_LIBRARIES:\n") != NULL);
  CHECK(strstr(strstr(text, "MAPPED_LIBRARIES"), " r-xp ") != NULL);
  CHECK(mim_profiler_snapshot(profiler, true));
  read_snapshot("");
  CHECK(strncmp(text, head, strlen(head)) == 0);
  CHECK(mim_profiler_snapshot(profiler, false));
  read_snapshot(".0002.heap");
  block_free(page, blocks[1]);
  block_free(page, blocks[2]);
  profiler_end(profiler);
  mim_page_dispose(page);
}

__attribute__((noinline)) static void sample_deep(mim_profiler_t* profiler, mim_page_t* page,
                                                  int depth) {
  if (depth > 0) { sample_deep(profiler, page, depth - 1); }
  __asm__ volatile("" ::: "memory");
  if (depth == 0) { sample_one(profiler, page); }
}

/* More than one buffer of text: each stack is a whole line. */
TEST(snapshot_of_many_stacks_is_whole) {
  enum { STACKS = 40 };
  mim_profiler_t* const profiler = profiler_new(4096, &no_intervals);
  mim_page_t* const page = page_new(64);
  for (int i = 0; i < STACKS; i++) { sample_deep(profiler, page, i); }
  CHECK(mim_profiler_snapshot(profiler, true));
  read_snapshot("");
  int lines = 0;
  for (const char* line = strchr(text, '\n') + 1; *line != '\n'; line = strchr(line, '\n') + 1) {
    CHECK(strncmp(line, "1: 64 [1: 64] @ 0x", 18) == 0);
    lines++;
  }
  CHECK_EQ(lines, STACKS);
  profiler_end(profiler);
  mim_page_forget_blocks(page);
  mim_page_dispose(page);
}

TEST(snapshot_that_cannot_be_written_leaves_nothing) {
  profiler_end(profiler_new(1, &no_intervals)); /* the folder is there */
  mim_option_set(MIM_OPTION_max_warnings, 0);
  mim_profiler_t* const nowhere = mim_profiler_new(512, "/nowhere/at/all", &no_intervals);
  CHECK(!mim_profiler_snapshot(nowhere, false));
  profiler_end(nowhere);
  mim_profiler_t* const over_folder = mim_profiler_new(512, folder, &no_intervals);
  CHECK(!mim_profiler_snapshot(over_folder, true)); /* a folder is not replaced */
  char temporary[160];
  snprintf(temporary, sizeof(temporary), "%s.%d.tmp", folder, (int)getpid());
  CHECK(access(temporary, F_OK) != 0);
  profiler_end(over_folder);
}

static void child_snapshot(void* arg) {
  if (!mim_profiler_snapshot(arg, true)) { _exit(1); }
}

TEST(snapshot_of_a_forked_child_has_its_own_name) {
  mim_profiler_t* const profiler = profiler_new(512, &no_intervals);
  const int status = child_status(child_snapshot, profiler, false);
  CHECK_EQ(status, 0);
  CHECK(!has_file(""));
  char command[200];
  snprintf(command, sizeof(command), "rm %s.*[0-9]", name);
  CHECK_EQ(system(command), 0);
  profiler_end(profiler);
}

TEST(snapshot_comes_after_so_much_allocation_or_growth) {
  const mim_profile_intervals_t by_allocation = {.alloc_size = 10 * 4096};
  const mim_profile_intervals_t by_growth = {.inuse_size = 10 * 4096};
  mim_profiler_t* profiler = profiler_new(4096, &by_allocation);
  mim_page_t* const page = page_new(64);
  for (int i = 0; i < 25; i++) { block_free(page, sample_one(profiler, page)); }
  CHECK(has_file(".0001.heap") && has_file(".0002.heap") && !has_file(".0003.heap"));
  profiler_end(profiler);
  read_snapshot(".0001.heap");
  read_snapshot(".0002.heap");
  profiler = profiler_new(4096, &by_growth);
  for (int i = 0; i < 15; i++) { block_free(page, sample_one(profiler, page)); }
  CHECK(!has_file(".0001.heap")); /* it comes and goes: no growth */
  for (int i = 0; i < 15; i++) { sample_one(profiler, page); }
  CHECK(has_file(".0001.heap") && !has_file(".0002.heap"));
  read_snapshot(".0001.heap");
  profiler_end(profiler);
  mim_page_forget_blocks(page);
  mim_page_dispose(page);
}

TEST(the_folder_is_empty_at_the_end) {
  if (!TEST_HAS_UNWINDER) { SKIP_PART(TEST_NO_UNWINDER); }
  CHECK_EQ(rmdir(folder), 0);
}

TEST_MAIN()
