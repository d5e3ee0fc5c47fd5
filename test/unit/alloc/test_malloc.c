/* test_malloc.c - malloc, calloc, free and usable size, of every size; and strings. */
/* links: sim */
#include <errno.h>
#include <unistd.h>

#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "alloc/malloc_inline.h"
#include "diag/message.h"
#include "test/unit/heap/heap_test.h"

static const size_t sizes[] = {0,    1,    8,     16,    17,    63,     1000,    1024,   1025,
                               8192, 8193, 20000, 65536, 65537, 100000, 1048576, 5000000};
enum { SIZE_COUNT = sizeof(sizes) / sizeof(sizes[0]) };

static void check_nothing_left(void) {
  mim_theap_collect(mim_theap_get(), true);
  CHECK_EQ(slices_in_use(), 0);
  check_accounting();
}

HEAP_TEST(malloc_blocks_of_every_size_are_usable_aligned_and_apart) {
  uint8_t* p[SIZE_COUNT];
  for (size_t i = 0; i < SIZE_COUNT; i++) {
    p[i] = mim_malloc(sizes[i]);
    CHECK(p[i] != NULL && mim_is_aligned(p[i], MIM_GRANULE));
    const size_t usable = mim_usable_size(p[i]);
    CHECK(usable >= sizes[i] && usable <= mim_max(mim_good_size(sizes[i]), MIM_GRANULE));
    memset(p[i], (int)i + 1, usable);
  }
  for (size_t i = 0; i < SIZE_COUNT; i++) {
    CHECK(is_filled(p[i], (unsigned char)(i + 1), mim_usable_size(p[i])));
    mim_free(p[i]);
  }
  check_nothing_left();
}

HEAP_TEST(malloc_of_nothing_is_a_block_of_its_own) {
  void *const a = mim_malloc(0), *const b = mim_malloc(0);
  CHECK(a != NULL && b != NULL && a != b);
  mim_free(a);
  mim_free(b);
  mim_free(NULL);
}

HEAP_TEST(malloc_of_too_much_is_null_with_enomem) {
  const size_t too_large[] = {SIZE_MAX, MIM_SIZE_MAX, MIM_SIZE_MAX + 1, MIM_SIZE_MAX / 8 * 7,
                              SIZE_MAX - 4096};
  for (size_t i = 0; i < 5; i++) {
    errno = 0;
    CHECK(mim_malloc(too_large[i]) == NULL);
    CHECK_EQ(errno, ENOMEM);
    errno = 0;
    CHECK(mim_zalloc(too_large[i]) == NULL);
    CHECK_EQ(errno, ENOMEM);
  }
  errno = 0;
  CHECK(mim_calloc(SIZE_MAX / 2, 3) == NULL);
  CHECK_EQ(errno, ENOMEM);
  errno = 0;
  CHECK(mim_mallocn(SIZE_MAX / 2 + 1, SIZE_MAX / 2 + 1) == NULL);
  CHECK_EQ(errno, ENOMEM);
  check_accounting();
}

HEAP_TEST(calloc_is_zero_on_fresh_and_on_used_memory) {
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < SIZE_COUNT; i++) {
      uint8_t* p[3];
      for (int k = 0; k < 3; k++) {
        p[k] = mim_calloc(sizes[i], 1);
        CHECK(p[k] != NULL && is_filled(p[k], 0, mim_usable_size(p[k])));
        memset(p[k], 0xEE, mim_usable_size(p[k]));
      }
      for (int k = 0; k < 3; k++) { mim_free(p[k]); }
    }
    if (round == 1) { mim_theap_collect(mim_theap_self, true); }
  }
  check_nothing_left();
}

HEAP_TEST(calloc_is_zero_when_the_os_only_reset_the_memory) {
  mim_option_set(MIM_OPTION_purge_decommits, 0);
  for (int round = 0; round < 3; round++) {
    for (size_t i = 0; i < SIZE_COUNT; i++) {
      uint8_t* const p = mim_calloc(1, sizes[i]);
      CHECK(p != NULL && is_filled(p, 0, mim_usable_size(p)));
      memset(p, 0xEE, mim_usable_size(p));
      mim_free(p);
    }
    mim_theap_collect(mim_theap_self, true);
  }
}

HEAP_TEST(free_keeps_errno) {
  for (size_t i = 0; i < SIZE_COUNT; i++) {
    void* const p = mim_malloc(sizes[i]);
    errno = 1234;
    mim_free(p);
    CHECK_EQ(errno, 1234);
  }
}

static int messages;
static char said[256];
static void note(const char* text, void* arg) {
  (void)arg;
  messages++;
  snprintf(said, sizeof(said), "%s", text);
}

static void free_foreign(void* arg) { mim_free(arg); }

HEAP_TEST(free_of_what_is_not_ours_is_reported) {
  static char foreign[64];
  mim_malloc(1);
  if (MIM_CHECKED) {
    check_aborts(free_foreign, foreign + 16);
    check_aborts(free_foreign, (void*)(uintptr_t)0x123456789a0);
    return;
  }
  mim_output_register(note, NULL);
  mim_free(foreign + 16);
  char expected[128];
  snprintf(expected, sizeof(expected),
           "mimalloc: error: free of invalid pointer %p: it was not allocated here\n",
           (void*)(foreign + 16));
  CHECK_STR(said, expected);
  CHECK_EQ(messages, 1);
}

HEAP_TEST(usable_size_of_what_is_not_ours_is_zero) {
  int here;
  CHECK_EQ(mim_usable_size(NULL), 0);
  CHECK_EQ(mim_usable_size(&here), 0);
}

static void* free_in_thread(void* p) {
  mim_free(p);
  return NULL;
}

HEAP_TEST(free_by_another_thread_of_every_size) {
  for (size_t i = 0; i < SIZE_COUNT; i++) { in_thread(free_in_thread, mim_malloc(sizes[i])); }
  check_nothing_left();
}

HEAP_TEST(malloc_counts_huge_blocks) {
  void* const p = mim_malloc(1000000);
  CHECK_EQ(mim_heap_main.tally.pages[MIM_BIN_HUGE].current, 1);
  CHECK_EQ(mim_heap_main.tally.huge.current, mim_usable_size(p));
  mim_free(p);
  CHECK_EQ(mim_heap_main.tally.pages[MIM_BIN_HUGE].current, 0);
  CHECK_EQ(mim_heap_main.tally.huge.current, 0);
}

static void churn_huge(void) {
  for (int i = 0; i < 200; i++) { mim_free(mim_malloc(100000)); }
}

HEAP_TEST(malloc_of_huge_blocks_alone_gives_back_what_is_free) {
  mim_option_set(MIM_OPTION_purge_delay, 1);
  mim_free(mim_malloc(20 * MIM_MIB));
  churn_huge();
  usleep(20000);
  churn_huge();
  CHECK(sim_committed() < 10 * MIM_MIB);
}

static void* allocate_after_the_end(void* arg) {
  void** const left = arg;
  mim_free(mim_malloc(100));
  mim_thread_done(true);
  for (int i = 0; i < 100; i++) {
    uint8_t* const p = mim_calloc(1, 10 + (size_t)i * 900);
    CHECK(p != NULL && is_filled(p, 0, 10 + (size_t)i * 900));
    uint8_t* const q = mim_realloc(p, 20 + (size_t)i * 1800, false);
    CHECK(q != NULL && is_filled(q, 0, 10 + (size_t)i * 900));
    mim_free(q);
  }
  *left = mim_malloc(77);
  return NULL;
}

HEAP_TEST(malloc_works_after_the_end_of_a_thread) {
  void* left = NULL;
  in_thread(allocate_after_the_end, &left);
  memset(left, 1, 77);
  mim_free(left);
}

/* ---- strings ---- */

HEAP_TEST(string_copies) {
  char* const a = mim_strdup("hello");
  CHECK_STR(a, "hello");
  char* const b = mim_strndup("hello", 3);
  CHECK_STR(b, "hel");
  char* const c = mim_strndup("hello", 300);
  CHECK_STR(c, "hello");
  const char unterminated[3] = {'a', 'b', 'c'};
  char* const d = mim_strndup(unterminated, 3);
  CHECK_STR(d, "abc");
  char* const e = mim_strdup("");
  CHECK_STR(e, "");
  CHECK(mim_strdup(NULL) == NULL && mim_strndup(NULL, 5) == NULL);
  char* const all[] = {a, b, c, d, e};
  for (int i = 0; i < 5; i++) { mim_free(all[i]); }
  sim_fail(SIM_ANY, 1, 1);
  errno = 0;
  static char longer[300000];
  memset(longer, 'x', sizeof(longer) - 1);
  CHECK(mim_strdup(longer) == NULL);
  CHECK_EQ(errno, ENOMEM);
  sim_fail(SIM_ANY, 0, 0);
}

HEAP_TEST(destroying_everything_leaves_nothing_reserved) {
  void* const own_mapping = mim_malloc((size_t)96 * 1024 * 1024); /* larger than half an arena */
  CHECK(own_mapping != NULL && mim_page_of(own_mapping)->arena == NULL);
  CHECK(mim_malloc((size_t)80 * 1024 * 1024) != NULL);
  CHECK(mim_malloc(100) != NULL);
  mim_free(own_mapping);
  CHECK(sim_reserved() > 0);
  mim_heap_destroy_all();
  CHECK_EQ(sim_reserved(), 0);
}

TEST_MAIN()
