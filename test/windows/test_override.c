/* test_override.c - a program that links the static library: the names of the C runtime are ours,
 * and what the runtime itself has allocated can be freed all the same. */
#include <direct.h>
#include <malloc.h>
#include <mbstring.h>
#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>
#include <windows.h>

#include "mimalloc.h"
#include "test/test.h"

static bool is_ours(const void* p) { return mi_is_in_heap_region(p); }

TEST(override_the_malloc_family_is_ours) {
  char* p = malloc(100);
  CHECK(is_ours(p) && _msize(p) >= 100);
  p = realloc(p, 100000);
  CHECK(is_ours(p));
  CHECK(_expand(p, 50000) == p);
  free(p);
  p = calloc(10, 100);
  CHECK(is_ours(p) && p[999] == 0);
  p = _recalloc(p, 10, 1000);
  CHECK(is_ours(p) && p[9999] == 0);
  CHECK(realloc(p, 0) == NULL);
  p = _aligned_malloc(100, 256);
  CHECK(is_ours(p) && (uintptr_t)p % 256 == 0);
  p = _aligned_realloc(p, 5000, 256);
  CHECK(is_ours(p) && (uintptr_t)p % 256 == 0);
  _aligned_free(p);
  p = _aligned_offset_malloc(100, 64, 8);
  CHECK(is_ours(p) && ((uintptr_t)p + 8) % 64 == 0);
  _aligned_free(p);
}

TEST(override_copies_are_ours) {
  char* const text = _strdup("text");
  CHECK(is_ours(text));
  free(text);
  wchar_t* const wide = _wcsdup(L"wide");
  CHECK(is_ours(wide));
  free(wide);
  unsigned char* const bytes = _mbsdup((const unsigned char*)"bytes");
  CHECK(is_ours(bytes));
  free(bytes);
}

/* The runtime has the allocator that it came with. */
TEST(override_blocks_of_the_runtime_go_back_to_it) {
  for (int i = 0; i < 100; i++) {
    char* text = _fullpath(NULL, ".", 0);
    CHECK(text != NULL && !is_ours(text));
    free(text);
    text = _getcwd(NULL, 0);
    CHECK(text != NULL && !is_ours(text) && _msize(text) > 2);
    text = realloc(text, 5000);
    CHECK(text != NULL);
    free(text);
  }
}

static void* made_before_main;

__attribute__((constructor)) static void before_main(void) { made_before_main = malloc(123); }

TEST(override_is_there_before_main) {
  CHECK(is_ours(made_before_main));
  free(made_before_main);
}

TEST_MAIN()
