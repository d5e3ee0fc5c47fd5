/* test_errno.c - errno: ENOMEM with every NULL for lack of memory or overflow, left alone by what
 * succeeds and by free (POSIX.1-2024), EINVAL for an alignment that is no power of two. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

enum { UNTOUCHED = 4711 };

/* The expression gives NULL with this errno; `old` is a block that must survive. */
#define GIVES_NULL(code, expression) \
  do { \
    errno = UNTOUCHED; \
    void* result_ = hide((void*)(expression)); \
    const int errno_ = errno; \
    CHECK(result_ == NULL); \
    if (errno_ != (code)) { printf("  in: %s\n", #expression); } \
    CHECK_EQ(errno_, code); \
  } while (0)

/* The expression gives a block and leaves errno alone. */
#define GIVES_BLOCK(expression) \
  do { \
    errno = UNTOUCHED; \
    void* block_ = hide((void*)(expression)); \
    if (errno != UNTOUCHED || block_ == NULL) { printf("  in: %s\n", #expression); } \
    CHECK(block_ != NULL); \
    CHECK_EQ(errno, UNTOUCHED); \
    mi_free(block_); \
    CHECK_EQ(errno, UNTOUCHED); \
  } while (0)

static void check_fresh(size_t size) {
  GIVES_NULL(ENOMEM, mi_malloc(size));
  GIVES_NULL(ENOMEM, mi_zalloc(size));
  GIVES_NULL(ENOMEM, mi_calloc(1, size));
  GIVES_NULL(ENOMEM, mi_calloc(size, 1));
  GIVES_NULL(ENOMEM, mi_mallocn(size, 1));
  GIVES_NULL(ENOMEM, mi_realloc(NULL, size));
  GIVES_NULL(ENOMEM, mi_reallocn(NULL, size, 1));
  GIVES_NULL(ENOMEM, mi_reallocf(NULL, size));
  GIVES_NULL(ENOMEM, mi_rezalloc(NULL, size));
  GIVES_NULL(ENOMEM, mi_recalloc(NULL, 1, size));
  GIVES_NULL(ENOMEM, mi_malloc_aligned(size, 64));
  GIVES_NULL(ENOMEM, mi_malloc_aligned(size, 1 * MIB));
  GIVES_NULL(ENOMEM, mi_zalloc_aligned(size, 64));
  GIVES_NULL(ENOMEM, mi_calloc_aligned(1, size, 64));
  GIVES_NULL(ENOMEM, mi_malloc_aligned_at(size, 64, 8));
  GIVES_NULL(ENOMEM, mi_zalloc_aligned_at(size, 64, 8));
  GIVES_NULL(ENOMEM, mi_calloc_aligned_at(1, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_realloc_aligned(NULL, size, 64));
  GIVES_NULL(ENOMEM, mi_realloc_aligned_at(NULL, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_rezalloc_aligned(NULL, size, 64));
  GIVES_NULL(ENOMEM, mi_rezalloc_aligned_at(NULL, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_recalloc_aligned(NULL, 1, size, 64));
  GIVES_NULL(ENOMEM, mi_recalloc_aligned_at(NULL, 1, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_umalloc(size, NULL));
  GIVES_NULL(ENOMEM, mi_ucalloc(1, size, NULL));
  GIVES_NULL(ENOMEM, mi_urealloc(NULL, size, NULL, NULL));
  GIVES_NULL(ENOMEM, mi_umalloc_aligned(size, 64, NULL));
  GIVES_NULL(ENOMEM, mi_uzalloc_aligned(size, 64, NULL));
  GIVES_NULL(ENOMEM, mi_memalign(64, size));
  GIVES_NULL(ENOMEM, mi_aligned_alloc(64, size));
  GIVES_NULL(ENOMEM, mi_valloc(size));
  GIVES_NULL(ENOMEM, mi_pvalloc(size));
  GIVES_NULL(ENOMEM, mi_reallocarray(NULL, 1, size));
  GIVES_NULL(ENOMEM, mi_aligned_recalloc(NULL, 1, size, 64));
  GIVES_NULL(ENOMEM, mi_aligned_offset_recalloc(NULL, 1, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_new_nothrow(size));
  GIVES_NULL(ENOMEM, mi_new_aligned_nothrow(size, 64));
  GIVES_NULL(ENOMEM, mi_malloc_csize(size));
  GIVES_NULL(ENOMEM, mi_zalloc_csize(size));
}

TEST(a_size_above_the_limit_sets_enomem) {
  check_fresh(hide_size((size_t)PTRDIFF_MAX + 1));
  check_fresh(hide_size(SIZE_MAX - 4096));
  check_fresh(hide_size(SIZE_MAX));
}

/* Allowed in principle, but more than any address space has; a 32-bit one may have it all. */
TEST(a_size_that_the_system_cannot_give_sets_enomem) {
  if (sizeof(void*) < 8) { return; }
  check_fresh(hide_size((size_t)PTRDIFF_MAX));
  check_fresh(hide_size((size_t)PTRDIFF_MAX - 4 * MIB));
  check_fresh(hide_size(SIZE_MAX >> 14));
}

TEST(a_product_that_overflows_sets_enomem) {
  const size_t count = hide_size(SIZE_MAX / 16 + 2), size = hide_size(16);
  GIVES_NULL(ENOMEM, mi_calloc(count, size));
  GIVES_NULL(ENOMEM, mi_mallocn(count, size));
  GIVES_NULL(ENOMEM, mi_reallocn(NULL, count, size));
  GIVES_NULL(ENOMEM, mi_recalloc(NULL, count, size));
  GIVES_NULL(ENOMEM, mi_reallocarray(NULL, count, size));
  GIVES_NULL(ENOMEM, mi_calloc_aligned(count, size, 64));
  GIVES_NULL(ENOMEM, mi_calloc_aligned_at(count, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_recalloc_aligned(NULL, count, size, 64));
  GIVES_NULL(ENOMEM, mi_recalloc_aligned_at(NULL, count, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_aligned_recalloc(NULL, count, size, 64));
  GIVES_NULL(ENOMEM, mi_aligned_offset_recalloc(NULL, count, size, 64, 8));
  GIVES_NULL(ENOMEM, mi_ucalloc(count, size, NULL));
}

TEST(a_failed_resize_sets_enomem_and_keeps_the_block) {
  const size_t huge = hide_size(SIZE_MAX - 64);
  static const size_t sizes[] = {24, 3000, 100000, 5000000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    void* p = hide(mi_zalloc_aligned(sizes[i], 64));
    fill(p, sizes[i], 1);
    GIVES_NULL(ENOMEM, mi_realloc(p, huge));
    GIVES_NULL(ENOMEM, mi_reallocn(p, huge, 2));
    GIVES_NULL(ENOMEM, mi_reallocarray(p, huge, 2));
    GIVES_NULL(ENOMEM, mi_rezalloc(p, huge));
    GIVES_NULL(ENOMEM, mi_recalloc(p, huge, 2));
    GIVES_NULL(ENOMEM, mi_realloc_aligned(p, huge, 64));
    GIVES_NULL(ENOMEM, mi_realloc_aligned_at(p, huge, 64, 8));
    GIVES_NULL(ENOMEM, mi_rezalloc_aligned(p, huge, 64));
    GIVES_NULL(ENOMEM, mi_rezalloc_aligned_at(p, huge, 64, 8));
    GIVES_NULL(ENOMEM, mi_recalloc_aligned(p, huge, 2, 64));
    GIVES_NULL(ENOMEM, mi_recalloc_aligned_at(p, huge, 2, 64, 8));
    GIVES_NULL(ENOMEM, mi_urealloc(p, huge, NULL, NULL));
    GIVES_NULL(ENOMEM, mi__expand(p, huge));
    GIVES_NULL(UNTOUCHED, mi_expand(p, huge));
    CHECK(is_filled(p, sizes[i], 1));
    GIVES_NULL(ENOMEM, mi_reallocf(p, huge)); /* frees p */
  }
}

TEST(reallocarr_returns_the_error_and_keeps_the_pointer) {
  void* p = mi_malloc(40);
  void* const before = p;
  fill(p, 40, 2);
  const int overflow = mi_reallocarr(&p, hide_size(SIZE_MAX), 2);
  CHECK(overflow == ENOMEM || overflow == EOVERFLOW);
  CHECK(mi_reallocarr(&p, hide_size(SIZE_MAX / 3), 2) != 0);
  CHECK(p == before && is_filled(p, 40, 2));
  CHECK_EQ(mi_reallocarr(&p, 1000, 2), 0);
  CHECK(p != NULL && is_filled(p, 40, 2));
  mi_free(p);
}

TEST(posix_memalign_returns_its_error_and_leaves_errno_alone) {
  void* const mark = (void*)&errno;
  void* p = mark;
  errno = UNTOUCHED;
  CHECK_EQ(mi_posix_memalign(&p, 64, hide_size(SIZE_MAX)), ENOMEM);
  CHECK_EQ(mi_posix_memalign(&p, 64, hide_size((size_t)PTRDIFF_MAX + 1)), ENOMEM);
  CHECK_EQ(mi_posix_memalign(&p, 24, 8), EINVAL);
  CHECK_EQ(mi_posix_memalign(&p, 0, 8), EINVAL);
  CHECK_EQ(mi_posix_memalign(&p, sizeof(void*) / 2, 8), EINVAL);
  CHECK(p == mark);
  CHECK_EQ(errno, UNTOUCHED);
  CHECK_EQ(mi_posix_memalign(&p, 64, 100), 0);
  CHECK_EQ(errno, UNTOUCHED);
  mi_free(p);
}

TEST(an_alignment_that_is_no_power_of_two_sets_einval) {
  const size_t bad = hide_size(24);
  GIVES_NULL(EINVAL, mi_malloc_aligned(8, bad));
  GIVES_NULL(EINVAL, mi_zalloc_aligned(8, bad));
  GIVES_NULL(EINVAL, mi_malloc_aligned_at(8, bad, 8));
  GIVES_NULL(EINVAL, mi_memalign(bad, 8));
  GIVES_NULL(EINVAL, mi_aligned_alloc(bad, 8));
  GIVES_NULL(EINVAL, mi_aligned_alloc(hide_size(0), 8));
}

TEST(success_leaves_errno_alone) {
  static const size_t sizes[] = {0, 1, 100, 2000, 50000, 700000, 40000000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    const size_t size = hide_size(sizes[i]);
    GIVES_BLOCK(mi_malloc(size));
    GIVES_BLOCK(mi_calloc(size, 1));
    GIVES_BLOCK(mi_realloc(NULL, size));
    GIVES_BLOCK(mi_realloc(mi_malloc(10), size));
    GIVES_BLOCK(mi_realloc(mi_malloc(10000000), size));
    GIVES_BLOCK(mi_rezalloc(mi_zalloc(100), size));
    GIVES_BLOCK(mi_malloc_aligned(size, 4096));
    GIVES_BLOCK(mi_malloc_aligned(size, 4 * MIB));
    GIVES_BLOCK(mi_memalign(64, size));
    GIVES_BLOCK(mi_new_nothrow(size));
    GIVES_BLOCK(mi_valloc(size));
    GIVES_BLOCK(mi_pvalloc(size));
  }
  GIVES_BLOCK(mi_strdup("text"));
  GIVES_BLOCK(mi_strndup("text", 2));
}

/* Every size class, so that some frees empty a page, some purge it, some go to the OS. */
TEST(free_preserves_errno) {
  static void* blocks[4000];
  for (size_t size = 8; size <= (size_t)32 * MIB; size *= 2) {
    const size_t count = size < 65536 ? COUNT_OF(blocks) : 4;
    for (size_t i = 0; i < count; i++) { blocks[i] = mi_malloc(size); }
    for (size_t i = 0; i < count; i++) {
      errno = UNTOUCHED + (int)i;
      mi_free(blocks[i]);
      CHECK_EQ(errno, UNTOUCHED + (int)i);
    }
  }
  errno = UNTOUCHED;
  mi_free(NULL);
  mi_collect(true);
  CHECK_EQ(errno, UNTOUCHED);
}

TEST(queries_leave_errno_alone) {
  void* p = mi_malloc(100);
  errno = UNTOUCHED;
  CHECK(mi_usable_size(p) >= 100);
  CHECK(mi_good_size(100) >= 100);
  CHECK(mi_option_get(mi_option_purge_delay) >= -1);
  mi_collect(false);
  CHECK_EQ(errno, UNTOUCHED);
  mi_free(p);
}

TEST_MAIN()
