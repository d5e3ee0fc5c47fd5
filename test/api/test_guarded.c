/* test_guarded.c - guard pages: which blocks have one, where it lies, and what becomes of a block
 * that is freed.  Whether memory can be read is asked of the kernel, which answers EFAULT. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "test/api/api_test.h"

enum { OS_PAGE = 4096 };

static bool can_read(const void* p) {
  static int ends[2];
  char byte;
  if (ends[1] == 0) { CHECK_EQ(pipe(ends), 0); }
  if (write(ends[1], p, 1) == 1) {
    CHECK_EQ(read(ends[0], &byte, 1), 1);
    return true;
  }
  CHECK_EQ(errno, EFAULT);
  return false;
}

static unsigned char* end_of(void* p) { return (unsigned char*)p + mi_usable_size(p); }
static bool has_guard(void* p) { return !can_read(end_of(p)); }

static void guard_one_in(size_t rate) {
  mi_theap_guarded_set_sample_rate(mi_theap_get_default(), rate, 0);
  mi_theap_guarded_set_size_bound(mi_theap_get_default(), 0, GIB);
}

/* Of each size: in its last byte it can be written, behind that it cannot be read. */
static void check_exact(void* p, size_t size) {
  CHECK(p != NULL);
  CHECK(mi_usable_size(p) >= size && mi_usable_size(p) < size + 17);
  fill(p, mi_usable_size(p), 7);
  CHECK(is_filled(p, mi_usable_size(p), 7));
  CHECK(has_guard(p));
}

/* The C standard's for any object; a 32-bit machine may have 8. */
enum { ALIGNMENT = _Alignof(max_align_t) };

TEST(at_rate_one_every_block_ends_at_its_guard_page) {
  guard_one_in(1);
  for (size_t size = 1; size < 300000; size += 1 + size / 7) {
    for (int i = 0; i < 3; i++) {
      void* const p = mi_malloc(size);
      CHECK(is_aligned(p, ALIGNMENT));
      check_exact(p, size);
      CHECK(is_aligned(end_of(p), OS_PAGE));
      mi_free(p);
    }
  }
  check_exact(mi_malloc(0), 0); /* leaked: it stays guarded to the end */
  guard_one_in(0);
}

TEST(many_guarded_blocks_live_at_once) {
  enum { COUNT = 5000 };
  static void* blocks[COUNT];
  guard_one_in(1);
  for (size_t i = 0; i < COUNT; i++) {
    blocks[i] = mi_malloc(1 + i % 500);
    fill(blocks[i], 1 + i % 500, (unsigned)i);
  }
  for (size_t i = 0; i < COUNT; i++) {
    CHECK(is_filled(blocks[i], 1 + i % 500, (unsigned)i));
    CHECK(has_guard(blocks[i]));
    mi_free(blocks[i]);
  }
  guard_one_in(0);
}

TEST(a_freed_guarded_block_cannot_be_read) {
  static const size_t sizes[] = {1, 100, 4096, 5000, 70000, 3 * MIB};
  guard_one_in(1);
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    unsigned char* const p = mi_malloc(sizes[i]);
    CHECK(can_read(p) && can_read(p + sizes[i] - 1));
    const uintptr_t first = address_of(p), last = address_of(p + sizes[i] - 1);
    mi_free(p);
    CHECK(!can_read((void*)first) && !can_read((void*)last));
  }
  guard_one_in(0);
}

TEST(freed_guarded_memory_is_used_again) {
  guard_one_in(1);
  mi_collect(true);
  size_t before, after;
  mi_process_info(NULL, NULL, NULL, &before, NULL, NULL, NULL, NULL);
  for (int i = 0; i < 20000; i++) {
    void* const p = mi_malloc(3000);
    fill(p, 3000, 1);
    mi_free(p);
  }
  guard_one_in(0);
  mi_collect(true);
  mi_process_info(NULL, NULL, NULL, &after, NULL, NULL, NULL, NULL);
  CHECK(after < before + 8 * MIB);
  void* blocks[200];
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { /* where guarded blocks were: all of it opens */
    blocks[i] = mi_malloc(200 * KIB);
    fill(blocks[i], 200 * KIB, 3);
  }
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { mi_free(blocks[i]); }
}

TEST(guarded_blocks_keep_what_allocation_promises) {
  guard_one_in(1);
  for (size_t size = 1; size < 200000; size = size * 3 + 5) {
    unsigned char* p = mi_calloc(1, size);
    CHECK(is_zero(p, mi_usable_size(p)));
    fill(p, size, 9);
    p = mi_realloc(p, 2 * size);
    CHECK(is_filled(p, size, 9) && has_guard(p));
    p = mi_realloc(p, size / 2 + 1);
    CHECK(is_filled(p, size / 2 + 1, 9));
    p = mi_rezalloc(p, size / 2 + 1);
    mi_free(p);
  }
  guard_one_in(0);
}

TEST(guarded_blocks_are_aligned) {
  guard_one_in(1);
  for (size_t alignment = 16; alignment <= MIB; alignment *= 2) {
    for (size_t size = 1; size < 100000; size = size * 5 + 3) {
      void* p = mi_malloc_aligned(size, alignment);
      CHECK(is_aligned(p, alignment) && mi_usable_size(p) >= size && has_guard(p));
      fill(p, mi_usable_size(p), 4);
      mi_free(p);
      p = mi_malloc_aligned_at(size, alignment, 8);
      CHECK(is_aligned((char*)p + 8, alignment) && mi_usable_size(p) >= size && has_guard(p));
      fill(p, mi_usable_size(p), 5);
      mi_free(p);
    }
  }
  guard_one_in(0);
}

TEST(guarded_precisely_blocks_end_to_the_byte) {
  guard_one_in(1);
  mi_option_set(mi_option_unsafe_guarded_precise, 1);
  for (size_t size = 1; size < 20000; size += 1 + size / 5) {
    unsigned char* const p = mi_malloc(size);
    CHECK_EQ(mi_usable_size(p), size);
    fill(p, size, 6);
    CHECK(!can_read(p + size));
    mi_free(p);
  }
  mi_option_set(mi_option_unsafe_guarded_precise, 0);
  guard_one_in(0);
}

static size_t count_guarded(size_t size, size_t count) {
  size_t guarded = 0;
  for (size_t i = 0; i < count; i++) {
    void* const p = mi_malloc(size);
    /* Another block may end before a guard page by chance: so its placement counts, too. */
    guarded += is_aligned(end_of(p), OS_PAGE) && has_guard(p);
    mi_free(p);
  }
  return guarded;
}

/* Steps are uniform in 1 .. 2N - 1: over 200 steps the mean lies within 5 * 58 % / sqrt(200). */
TEST(one_block_in_n_is_guarded) {
  guard_one_in(100);
  const size_t small = count_guarded(48, 20000);
  const size_t medium = count_guarded(3000, 20000);
  const size_t huge = count_guarded(100000, 20000);
  CHECK(small > 160 && small < 250);
  CHECK(medium > 160 && medium < 250);
  CHECK(huge > 160 && huge < 250);
  guard_one_in(0);
  CHECK_EQ(count_guarded(48, 20000), 0);
}

TEST(sizes_out_of_bounds_are_never_guarded) {
  guard_one_in(1);
  mi_theap_guarded_set_size_bound(mi_theap_get_default(), 100, 200);
  for (size_t size = 1; size < 400; size++) {
    CHECK_EQ(count_guarded(size, 3), size >= 100 && size <= 200 ? 3 : 0);
  }
  CHECK_EQ(count_guarded(100000, 10), 0);
  guard_one_in(0);
}

typedef struct choice {
  size_t seed;
  bool is_guarded[2000];
} choice_t;

static void* choose(void* arg) {
  choice_t* const choice = arg;
  mi_theap_guarded_set_sample_rate(mi_theap_get_default(), 50, choice->seed);
  for (size_t i = 0; i < COUNT_OF(choice->is_guarded); i++) {
    choice->is_guarded[i] = count_guarded(64, 1) == 1;
  }
  return NULL;
}

TEST(a_seed_chooses_the_same_blocks_again) {
  static choice_t a = {.seed = 77}, b = {.seed = 77}, c = {.seed = 78};
  in_thread(choose, &a);
  in_thread(choose, &b);
  in_thread(choose, &c);
  CHECK(memcmp(a.is_guarded, b.is_guarded, sizeof(a.is_guarded)) == 0);
  CHECK(memcmp(a.is_guarded, c.is_guarded, sizeof(a.is_guarded)) != 0);
}

static void* free_all(void* arg) {
  void** const blocks = arg;
  for (size_t i = 0; i < 100; i++) { mi_free(blocks[i]); }
  return NULL;
}

TEST(other_threads_free_guarded_blocks) {
  void* blocks[100];
  guard_one_in(1);
  for (size_t i = 0; i < 100; i++) { check_exact(blocks[i] = mi_malloc(10 + 10 * i), 10 + 10 * i); }
  const uintptr_t first = address_of(blocks[99]);
  in_thread(free_all, blocks);
  CHECK(!can_read((void*)first));
  guard_one_in(0);
}

TEST(guarded_blocks_go_with_their_heap) {
  mi_heap_t* const heap = mi_heap_new();
  mi_theap_guarded_set_sample_rate(mi_heap_theap(heap), 1, 0);
  void* blocks[100];
  for (size_t i = 0; i < 100; i++) {
    check_exact(blocks[i] = mi_heap_malloc(heap, 10 + i), 10 + i);
    CHECK(mi_heap_of(blocks[i]) == heap);
  }
  CHECK_EQ(count_guarded(48, 100), 0); /* of the main heap */
  const uintptr_t first = address_of(blocks[99]);
  mi_heap_destroy(heap);
  CHECK(!can_read((void*)first));
}

TEST(nothing_happens_without_a_thread_heap) {
  mi_theap_guarded_set_sample_rate(NULL, 1, 0);
  mi_theap_guarded_set_size_bound(NULL, 1, 2);
  CHECK_EQ(count_guarded(48, 100), 0);
}

int main(int argc, char** argv) {
  if (!TEST_HAS_PROTECTION) { SKIP(TEST_NO_PROTECTION); }
  return test_run_all(argc > 1 ? argv[1] : NULL);
}
