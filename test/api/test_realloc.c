/* test_realloc.c - resizing: contents kept, in place if it can be, huge blocks without a copy. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

#include <time.h>

static double cpu_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

TEST(resizing_keeps_the_contents_for_all_pairs_of_sizes) {
  static const size_t sizes[] = {0,     1,      15,     16,      17,      100,
                                 1000,  1024,   4096,   8192,    9000,    65536,
                                 70000, 131072, 500000, 1000000, 4000000, 33000000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    for (size_t j = 0; j < COUNT_OF(sizes); j++) {
      const size_t kept = sizes[i] < sizes[j] ? sizes[i] : sizes[j];
      void* p = hide(mi_malloc(sizes[i]));
      fill(p, sizes[i] < 2000000 ? sizes[i] : 2000000, (unsigned)j);
      p = hide(mi_realloc(p, sizes[j]));
      CHECK(p != NULL && is_aligned(p, 2 * sizeof(void*)));
      CHECK(mi_usable_size(p) >= sizes[j]);
      CHECK(is_filled(p, kept < 2000000 ? kept : 2000000, (unsigned)j));
      mi_free(p);
    }
  }
}

TEST(realloc_of_null_allocates_and_to_zero_gives_an_empty_block) {
  void* p = hide(mi_realloc(NULL, 100));
  CHECK(p != NULL && mi_usable_size(p) >= 100);
  p = hide(mi_realloc(p, 0));
  CHECK(p != NULL);
  void* q = hide(mi_malloc(0));
  CHECK(p != q);
  mi_free(p);
  mi_free(q);
  CHECK((p = hide(mi_realloc(NULL, 0))) != NULL);
  mi_free(p);
}

TEST(a_resize_within_the_usable_size_stays_in_place) {
  for (size_t size = 1; size < 300000; size += 1 + size / 5) {
    void* p = hide(mi_malloc(size));
    const uintptr_t before = address_of(p);
    const size_t usable = mi_usable_size(p);
    p = hide(mi_realloc(p, usable));
    CHECK(address_of(p) == before);
    p = hide(mi_realloc(p, usable - usable / 8));
    CHECK(address_of(p) == before);
    mi_free(p);
  }
}

/* A block that shrinks to a fraction must not keep all its memory. */
TEST(a_large_shrink_gives_memory_back) {
  for (size_t size = 1000; size < (size_t)40 * MIB; size *= 4) {
    void* p = hide(mi_malloc(size));
    p = hide(mi_realloc(p, size / 10));
    CHECK(p != NULL);
    CHECK(mi_usable_size(p) <= size / 2);
    mi_free(p);
  }
}

TEST(array_resizes_multiply) {
  int* p = mi_reallocn(NULL, 10, sizeof(int));
  for (int i = 0; i < 10; i++) { p[i] = i; }
  p = mi_reallocarray(p, 100000, sizeof(int));
  CHECK(p != NULL && mi_usable_size(p) >= 100000 * sizeof(int));
  for (int i = 0; i < 10; i++) { CHECK_EQ(p[i], i); }
  CHECK_EQ(mi_reallocarr(&p, 200000, sizeof(int)), 0);
  CHECK(mi_usable_size(p) >= 200000 * sizeof(int));
  for (int i = 0; i < 10; i++) { CHECK_EQ(p[i], i); }
  p = mi_reallocf(p, 100);
  CHECK(p != NULL);
  CHECK_EQ(p[9], 9);
  mi_free(p);
}

TEST(a_vector_that_grows_by_one_element_stays_right) {
  uint64_t* p = NULL;
  for (size_t count = 1; count <= 300000; count++) {
    p = hide(mi_realloc(p, count * sizeof(*p)));
    CHECK(p != NULL);
    p[count - 1] = count * 0x9e3779b97f4a7c15u;
  }
  for (size_t i = 0; i < 300000; i++) { CHECK(p[i] == (i + 1) * 0x9e3779b97f4a7c15u); }
  mi_free(p);
}

/* 64 steps from 64 MiB to 128 MiB: copying would move 6 GiB, several seconds; page tables move in
 * a millisecond. CPU time, so that other load on the machine does not count. */
TEST(huge_blocks_grow_without_a_copy) {
  if (!TEST_HAS_PROTECTION) { SKIP_PART(TEST_NO_PROTECTION); }
  size_t size = (size_t)64 * MIB;
#if defined(_WIN32) && !defined(_WIN64)
  SKIP_PART("OS pages cannot be moved on Windows, and 32 bits of addresses leave no room to grow");
#endif
  unsigned char* p = hide(mi_malloc(size));
  CHECK(p != NULL);
  memset(p, 0x5c, size);
  const double start = cpu_seconds();
  for (unsigned step = 0; step < 64; step++) {
    p = hide(mi_realloc(p, size + MIB));
    CHECK(p != NULL);
    memset(p + size, 0x5c, MIB);
    size += MIB;
  }
  const double seconds = cpu_seconds() - start;
  for (size_t i = 0; i < size; i += 4096) { CHECK_EQ(p[i], 0x5c); }
  mi_free(p);
  if (seconds >= 1.0) { printf("  growth took %.2f s of CPU\n", seconds); }
  CHECK(seconds < 1.0);
}

TEST(huge_blocks_keep_their_contents_when_they_shrink_and_grow) {
  uint64_t random = 99;
  size_t size = (size_t)20 * MIB;
  unsigned char* p = hide(mi_malloc(size));
  for (size_t i = 0; i < size; i += 4096) { p[i] = (unsigned char)(i >> 12); }
  for (int step = 0; step < 40; step++) {
    const size_t next = (size_t)8 * MIB + next_random(&random) % (64 * (size_t)MIB);
    p = hide(mi_realloc(p, next));
    CHECK(p != NULL);
    for (size_t i = 0; i < size && i < next; i += 4096) {
      CHECK_EQ(p[i], (unsigned char)(i >> 12));
    }
    for (size_t i = size & ~(size_t)4095; i < next; i += 4096) { p[i] = (unsigned char)(i >> 12); }
    size = next;
  }
  mi_free(p);
}

TEST_MAIN()
