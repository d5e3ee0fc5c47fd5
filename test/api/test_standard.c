/* test_standard.c - malloc, calloc, free, strings, small and sized variants through mi_*. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

#include <limits.h>
#include <pthread.h>
#include <wchar.h>

enum { ALIGNMENT = 2 * sizeof(void*) };

static const size_t too_large[] = {(size_t)PTRDIFF_MAX + 1, SIZE_MAX / 2 + 4096, SIZE_MAX - 4096,
                                   SIZE_MAX - 1, SIZE_MAX};

TEST(malloc_of_every_size_up_to_5000_is_aligned_and_usable) {
  for (size_t size = 0; size <= 5000; size++) {
    unsigned char* p = hide(mi_malloc(size));
    CHECK(p != NULL);
    CHECK(is_aligned(p, ALIGNMENT));
    CHECK(mi_usable_size(p) >= size);
    fill(p, size, (unsigned)size);
    unsigned char* q = hide(mi_malloc(size));
    CHECK(q != p && is_aligned(q, ALIGNMENT));
    fill(q, size, ~0u);
    CHECK(is_filled(p, size, (unsigned)size));
    mi_free(p);
    mi_free(q);
  }
}

TEST(malloc_of_large_sizes_is_aligned_and_usable) {
  for (size_t size = 5000; size < (size_t)96 * MIB; size += size / 3) {
    for (size_t delta = 0; delta < 3; delta++) {
      unsigned char* p = hide(mi_malloc(size + delta - 1));
      CHECK(p != NULL && is_aligned(p, ALIGNMENT));
      p[0] = 1;
      p[size / 2] = 2;
      p[size + delta - 2] = 3;
      CHECK(p[0] == 1 && p[size / 2] == 2);
      mi_free(p);
    }
  }
}

TEST(blocks_of_size_zero_are_unique_and_can_be_freed) {
  enum { N = 2000 };
  static void* blocks[N];
  for (int i = 0; i < N; i++) {
    blocks[i] = hide(i % 3 == 0 ? mi_malloc(0) : i % 3 == 1 ? mi_calloc(0, 8) : mi_calloc(8, 0));
    CHECK(blocks[i] != NULL);
    CHECK(is_aligned(blocks[i], ALIGNMENT));
  }
  for (int i = 0; i < N; i++) {
    for (int j = 0; j < i; j++) { CHECK(blocks[i] != blocks[j]); }
  }
  for (int i = 0; i < N; i++) { mi_free(blocks[i]); }
}

TEST(live_blocks_never_overlap) {
  enum { N = 3000, ROUNDS = 60000 };
  static void* blocks[N];
  static size_t sizes[N];
  uint64_t random = 88172645463325252u;
  for (unsigned round = 0; round < ROUNDS; round++) {
    const size_t i = next_random(&random) % N;
    if (blocks[i] != NULL) {
      CHECK(is_filled(blocks[i], sizes[i], (unsigned)i));
      mi_free(blocks[i]);
    }
    const unsigned bits = (unsigned)(next_random(&random) % 14);
    sizes[i] = next_random(&random) % ((size_t)2 << bits);
    blocks[i] = hide(mi_malloc(sizes[i]));
    CHECK(blocks[i] != NULL);
    fill(blocks[i], sizes[i], (unsigned)i);
  }
  for (size_t i = 0; i < N; i++) {
    CHECK(is_filled(blocks[i], sizes[i], (unsigned)i));
    mi_free(blocks[i]);
  }
}

TEST(a_size_above_ptrdiff_max_is_refused) {
  for (size_t i = 0; i < COUNT_OF(too_large); i++) {
    const size_t size = hide_size(too_large[i]);
    CHECK(mi_malloc(size) == NULL);
    CHECK(mi_zalloc(size) == NULL);
    CHECK(mi_calloc(1, size) == NULL);
    CHECK(mi_calloc(size, 1) == NULL);
    CHECK(mi_mallocn(size, 1) == NULL);
    CHECK(mi_realloc(NULL, size) == NULL);
  }
}

#define HALF ((size_t)1 << (sizeof(size_t) * 4)) /* its square is just too large */

TEST(a_product_that_overflows_is_refused) {
  static const size_t pairs[][2] = {{SIZE_MAX, 2}, {2, SIZE_MAX},    {SIZE_MAX / 2 + 1, 2},
                                    {HALF, HALF},  {HALF + 1, HALF}, {SIZE_MAX, SIZE_MAX}};
  for (size_t i = 0; i < COUNT_OF(pairs); i++) {
    const size_t count = hide_size(pairs[i][0]), size = hide_size(pairs[i][1]);
    CHECK(mi_calloc(count, size) == NULL);
    CHECK(mi_mallocn(count, size) == NULL);
    CHECK(mi_reallocn(NULL, count, size) == NULL);
    CHECK(mi_recalloc(NULL, count, size) == NULL);
    CHECK(mi_reallocarray(NULL, count, size) == NULL);
  }
}

TEST(free_of_null_does_nothing) {
  mi_free(NULL);
  mi_free_size(NULL, 8);
  mi_free_size_aligned(NULL, 8, 16);
  mi_free_aligned(NULL, 16);
  mi_free_small(NULL);
  mi_free_small_local(NULL);
  mi_free_csize(NULL, 8);
  CHECK_EQ(mi_usable_size(NULL), 0);
}

TEST(expand_resizes_in_place_or_leaves_the_block_alone) {
  for (size_t size = 1; size < 200000; size += 1 + size / 7) {
    unsigned char* p = hide(mi_malloc(size));
    const size_t usable = mi_usable_size(p);
    fill(p, size, 5);
    CHECK(mi_expand(p, usable) == p);
    CHECK(mi_expand(p, size) == p);
    CHECK(mi_expand(p, hide_size(SIZE_MAX)) == NULL);
    void* grown = mi_expand(p, 4 * usable + 100);
    CHECK(grown == NULL || (grown == p && mi_usable_size(p) >= 4 * usable + 100));
    CHECK(is_filled(p, size, 5));
    mi_free(p);
  }
  CHECK(mi_expand(NULL, 8) == NULL);
}

TEST(strings_are_copied) {
  char* s = mi_strdup("seventeen letters");
  CHECK_STR(s, "seventeen letters");
  mi_free(s);
  s = mi_strdup("");
  CHECK_STR(s, "");
  mi_free(s);
  CHECK(mi_strdup(NULL) == NULL);

  s = mi_strndup("seventeen letters", 9);
  CHECK_STR(s, "seventeen");
  mi_free(s);
  s = mi_strndup("short", 100);
  CHECK_STR(s, "short");
  mi_free(s);
  s = mi_strndup("short", SIZE_MAX);
  CHECK_STR(s, "short");
  mi_free(s);
  const char unterminated[4] = {'a', 'b', 'c', 'd'};
  s = mi_strndup(unterminated, 4);
  CHECK_STR(s, "abcd");
  mi_free(s);
  CHECK(mi_strndup(NULL, 3) == NULL);

  unsigned char* bytes = mi_mbsdup((const unsigned char*)"\xc3\xa9t\xc3\xa9");
  CHECK_STR((char*)bytes, "\xc3\xa9t\xc3\xa9");
  mi_free(bytes);
  wchar_t* wide = mi_wcsdup(L"wide text");
  CHECK(wcscmp(wide, L"wide text") == 0);
  mi_free(wide);
  CHECK(mi_wcsdup(NULL) == NULL);
}

#if defined(_WIN32)
static void set_variable(const char* name, const char* value) { _putenv_s(name, value); }

TEST(realpath_is_the_full_path) {
  char* path = mi_realpath("C:\\windows\\..\\none", NULL);
  CHECK_STR(path, "C:\\none");
  mi_free(path);
  static char buffer[PATH_MAX];
  CHECK(mi_realpath("C:\\windows\\.", buffer) == buffer);
  CHECK_STR(buffer, "C:\\windows");
}

TEST(wide_environment_variables_are_copied) {
  wchar_t* text = NULL;
  size_t size = 0;
  _wputenv_s(L"MIM_TEST_WIDE", L"a value");
  CHECK_EQ(mi_wdupenv_s(&text, &size, L"MIM_TEST_WIDE"), 0);
  CHECK(wcscmp(text, L"a value") == 0);
  CHECK_EQ(size, 8);
  mi_free(text);
  CHECK_EQ(mi_wdupenv_s(&text, &size, L"MIM_TEST_NO_SUCH_VARIABLE"), 0);
  CHECK(text == NULL && size == 0);
  CHECK_EQ(mi_wdupenv_s(NULL, &size, L"MIM_TEST_WIDE"), EINVAL);
}
#else
static void set_variable(const char* name, const char* value) { setenv(name, value, 1); }

TEST(realpath_gives_a_block_or_fills_the_buffer) {
  char* path = mi_realpath("/usr/../usr/.", NULL);
  CHECK(path != NULL);
  CHECK_STR(path, "/usr");
  CHECK(mi_usable_size(path) >= 5);
  mi_free(path);
  static char buffer[PATH_MAX];
  CHECK(mi_realpath("/usr/./", buffer) == buffer);
  CHECK_STR(buffer, "/usr");
  errno = 0;
  CHECK(mi_realpath("/no/such/folder", NULL) == NULL);
  CHECK_EQ(errno, ENOENT);
}
#endif

TEST(environment_variables_are_copied) {
  char* text = NULL;
  size_t size = 0;
  set_variable("MIM_TEST_VARIABLE", "a value");
  CHECK_EQ(mi_dupenv_s(&text, &size, "MIM_TEST_VARIABLE"), 0);
  CHECK_STR(text, "a value");
  CHECK_EQ(size, 8);
  mi_free(text);
  CHECK_EQ(mi_dupenv_s(&text, NULL, "MIM_TEST_VARIABLE"), 0);
  mi_free(text);
  CHECK_EQ(mi_dupenv_s(&text, &size, "MIM_TEST_NO_SUCH_VARIABLE"), 0);
  CHECK(text == NULL && size == 0);
  CHECK_EQ(mi_dupenv_s(NULL, &size, "MIM_TEST_VARIABLE"), EINVAL);
  CHECK_EQ(mi_dupenv_s(&text, &size, NULL), EINVAL);
}

TEST(small_variants_agree_with_the_plain_ones) {
  for (size_t size = 0; size <= MI_SMALL_SIZE_MAX; size++) {
    void* blocks[] = {mi_malloc_small(size),
                      mi_zalloc_small(size),
                      mi_malloc_csize(size),
                      mi_zalloc_csize(size),
                      mi_wmalloc_small(mi_wsize_from_size(size)),
                      mi_wzalloc_small(mi_wsize_from_size(size))};
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
      CHECK(blocks[i] != NULL && is_aligned(blocks[i], ALIGNMENT));
      CHECK(mi_usable_size(blocks[i]) >= size);
      if (i % 2 == 1) { CHECK(is_zero(blocks[i], size)); }
      memset(blocks[i], 0xa5, size);
    }
    mi_free_small(blocks[0]);
    mi_free_small_nonnull(blocks[1]);
    mi_free_small_local(blocks[2]);
    mi_free_small_local_nonnull(blocks[3]);
    mi_free_csize(blocks[4], size);
    mi_free_csize_nonnull(blocks[5], size);
  }
}

TEST(constant_size_variants_take_large_sizes_too) {
  static const size_t sizes[] = {MI_SMALL_SIZE_MAX + 1, 5000, 300000, 20000000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    unsigned char* p = mi_malloc_csize(sizes[i]);
    unsigned char* q = mi_zalloc_csize(sizes[i]);
    CHECK(p != NULL && q != NULL);
    CHECK(is_zero(q, sizes[i]));
    p[sizes[i] - 1] = 1;
    mi_free_csize(p, sizes[i]);
    mi_free_csize_aligned(q, sizes[i], 16);
  }
}

TEST(sized_and_aligned_frees_take_any_block) {
  for (size_t size = 1; size < 3000000; size += 1 + size / 2) {
    mi_free_size(mi_malloc(size), size);
    mi_free_aligned(mi_malloc_aligned(size, 64), 64);
    mi_free_size_aligned(mi_malloc_aligned(size, 4096), size, 4096);
    mi_free_csize_aligned(mi_malloc_aligned(size, 256), size, 256);
    mi_free_csize_aligned_nonnull(mi_malloc_aligned(size, 32), size, 32);
  }
}

TEST(size_returning_functions_write_the_usable_size) {
  for (size_t size = 0; size < 3000000; size += 1 + size / 2) {
    size_t got = 1;
    void* p = mi_umalloc(size, &got);
    CHECK(p != NULL && got >= size);
    CHECK_EQ(got, mi_usable_size(p));
    size_t before = 1, after = 1;
    p = mi_urealloc(p, 2 * size + 10, &before, &after);
    CHECK_EQ(before, got);
    CHECK_EQ(after, mi_usable_size(p));
    CHECK(after >= 2 * size + 10);
    size_t freed = 1;
    mi_ufree(p, &freed);
    CHECK_EQ(freed, after);

    p = mi_ucalloc(size, 3, &got);
    CHECK(got == mi_usable_size(p) && is_zero(p, 3 * size));
    mi_ufree(p, NULL);
    p = mi_umalloc_aligned(size, 128, &got);
    CHECK(got == mi_usable_size(p) && is_aligned(p, 128));
    mi_ufree(p, NULL);
    p = mi_uzalloc_aligned(size, 128, &got);
    CHECK(got == mi_usable_size(p) && is_aligned(p, 128) && is_zero(p, size));
    mi_ufree(p, NULL);
  }
  size_t got = 0;
  void* p = mi_umalloc_small(100, &got);
  CHECK_EQ(got, mi_usable_size(p));
  void* q = mi_uzalloc_small(100, &got);
  CHECK(got == mi_usable_size(q) && is_zero(q, 100));
  mi_free(p);
  mi_free(mi_umalloc(8, NULL));
  mi_free(q);
  size_t freed = 77;
  mi_ufree(NULL, &freed);
  CHECK_EQ(freed, 0);
}

TEST(cfree_frees_only_what_is_ours) {
  int on_stack = 0;
  static int is_static;
  CHECK(!mi_cfree(hide(&on_stack)));
  CHECK(!mi_cfree(hide(&is_static)));
  CHECK(!mi_cfree(hide((void*)(uintptr_t)0x1000)));
  CHECK(mi_cfree(mi_malloc(100)));
  CHECK(mi_cfree(mi_malloc(10000000)));
}

static void* free_elsewhere(void* blocks) {
  for (void** p = blocks; *p != NULL; p++) { mi_free(*p); }
  return mi_malloc(123);
}

TEST(any_thread_may_free_and_blocks_outlive_their_thread) {
  enum { N = 5000 };
  static void* blocks[N + 1];
  for (size_t i = 0; i < N; i++) {
    blocks[i] = mi_malloc(i % 2000);
    CHECK(blocks[i] != NULL);
  }
  pthread_t thread;
  void* result;
  CHECK_EQ(pthread_create(&thread, NULL, free_elsewhere, blocks), 0);
  CHECK_EQ(pthread_join(thread, &result), 0);
  CHECK(mi_usable_size(result) >= 123);
  memset(result, 1, 123);
  mi_free(result);
}

static void* write_thread_id_of(void* block) {
  void* mine = mi_malloc(100);
  const bool differs = mi_thread_id_of(mine) != mi_thread_id_of(block);
  mi_free(mine);
  return differs ? block : NULL;
}

TEST(the_owning_thread_of_a_block_is_known) {
  if (is_guarded()) { return; }
  void* p = mi_malloc(100);
  void* q = mi_malloc(5000);
  CHECK(mi_thread_id_of(p) != 0);
  CHECK_EQ(mi_thread_id_of(p), mi_thread_id_of(q));
  pthread_t thread;
  void* result;
  CHECK_EQ(pthread_create(&thread, NULL, write_thread_id_of, p), 0);
  CHECK_EQ(pthread_join(thread, &result), 0);
  CHECK(result == p);
  mi_free(p);
  mi_free(q);
}

static unsigned long long last_heartbeat;
static int deferred_calls, forced_calls;

static void free_deferred(bool force, unsigned long long heartbeat, void* arg) {
  CHECK(arg == &deferred_calls);
  CHECK(deferred_calls == 0 || heartbeat >= last_heartbeat);
  last_heartbeat = heartbeat;
  deferred_calls++;
  forced_calls += force;
  mi_free(mi_malloc(64)); /* allowed from here */
}

TEST(the_deferred_free_function_is_called) {
  mi_register_deferred_free(free_deferred, &deferred_calls);
  static void* blocks[200000];
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { blocks[i] = mi_malloc(32 + i % 500); }
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { mi_free(blocks[i]); }
  CHECK(deferred_calls > 0);
  const int before = forced_calls;
  mi_collect(true);
  CHECK(forced_calls > before);
  mi_register_deferred_free(NULL, NULL);
  const int calls = deferred_calls;
  mi_collect(true);
  CHECK_EQ(deferred_calls, calls);
}

static int reported_error;
static void note_error(int err, void* arg) {
  CHECK(arg == &reported_error);
  reported_error = err;
}

TEST(the_error_function_is_told_of_a_request_too_large) {
  mi_register_error(note_error, &reported_error);
  CHECK(mi_malloc(hide_size(SIZE_MAX)) == NULL);
  CHECK(reported_error == EOVERFLOW || reported_error == ENOMEM);
  reported_error = 0;
  mi_free(mi_malloc(100));
  CHECK_EQ(reported_error, 0);
  mi_register_error(NULL, NULL);
}

TEST(the_version_is_that_of_the_header) {
  CHECK_EQ(mi_version(), 30600);
  CHECK_EQ(mi_version(), MI_MALLOC_VERSION);
#if !defined(_WIN32)
  CHECK(!mi_is_redirected());
#endif
}

TEST(init_and_done_may_be_called_at_any_time) {
  void* p = mi_malloc(100);
  fill(p, 100, 1);
  mi_process_init();
  mi_thread_init();
  mi_thread_init();
  mi_collect(false);
  mi_collect(true);
  mi_thread_done();
  CHECK(is_filled(p, 100, 1));
  void* q = mi_malloc(100);
  CHECK(q != NULL && q != p);
  mi_free(p);
  mi_free(q);
  mi_thread_set_in_threadpool();
}

TEST_MAIN()
