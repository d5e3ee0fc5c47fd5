/* test_redirect_debug.c - a program on the debug runtime: the functions that are told a block's
 * kind and the caller's place are ours, and hand these on where a block is the runtime's own. */
#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "debug_runtime.h"
#include "mimalloc.h"
#include "test/test.h"

#include "test/api/child.h" /* behind what it uses */

enum { NORMAL_BLOCK = 1, CLIENT_BLOCK = 4 };

/* Looked up: the program itself is on the other runtime, with functions of the same names. */
static struct {
  void* (*malloc)(size_t size);
  void (*free)(void* p);
  void* (*malloc_dbg)(size_t size, int kind, const char* file, int line);
  void* (*calloc_dbg)(size_t count, size_t size, int kind, const char* file, int line);
  void* (*realloc_dbg)(void* p, size_t size, int kind, const char* file, int line);
  void* (*recalloc_dbg)(void* p, size_t count, size_t size, int kind, const char* file, int line);
  void* (*expand_dbg)(void* p, size_t size, int kind, const char* file, int line);
  size_t (*msize_dbg)(void* p, int kind);
  void (*free_dbg)(void* p, int kind);
  void* (*aligned_malloc_dbg)(size_t size, size_t alignment, const char* file, int line);
  void* (*aligned_realloc_dbg)(void* p, size_t size, size_t alignment, const char* file, int line);
  void (*aligned_free_dbg)(void* p);
  char* (*strdup_dbg)(const char* text, int kind, const char* file, int line);
} debug;

static void look_up(const char* name, void* function) {
  const FARPROC found = GetProcAddress(GetModuleHandleA("ucrtbased.dll"), name);
  CHECK(found != NULL);
  memcpy(function, &found, sizeof(found));
}

static void look_up_all(void) {
  look_up("malloc", &debug.malloc);
  look_up("free", &debug.free);
  look_up("_malloc_dbg", &debug.malloc_dbg);
  look_up("_calloc_dbg", &debug.calloc_dbg);
  look_up("_realloc_dbg", &debug.realloc_dbg);
  look_up("_recalloc_dbg", &debug.recalloc_dbg);
  look_up("_expand_dbg", &debug.expand_dbg);
  look_up("_msize_dbg", &debug.msize_dbg);
  look_up("_free_dbg", &debug.free_dbg);
  look_up("_aligned_malloc_dbg", &debug.aligned_malloc_dbg);
  look_up("_aligned_realloc_dbg", &debug.aligned_realloc_dbg);
  look_up("_aligned_free_dbg", &debug.aligned_free_dbg);
  look_up("_strdup_dbg", &debug.strdup_dbg);
}

static bool is_ours(const void* p) { return mi_is_in_heap_region(p); }

/* It is linked by this name: with the program it is loaded. */
TEST(debug_runtime_is_redirected) { CHECK(mi_is_redirected()); }

TEST(debug_blocks_are_ours) {
  const int calls = debug_last_call().count;
  char* p = debug.malloc_dbg(100, CLIENT_BLOCK, __FILE__, __LINE__);
  CHECK(is_ours(p) && debug.msize_dbg(p, CLIENT_BLOCK) >= 100);
  memset(p, 7, 100);
  p = debug.realloc_dbg(p, 5000, CLIENT_BLOCK, __FILE__, __LINE__);
  CHECK(is_ours(p) && p[99] == 7);
  CHECK(debug.expand_dbg(p, 4000, CLIENT_BLOCK, __FILE__, __LINE__) == p);
  debug.free_dbg(p, CLIENT_BLOCK);
  p = debug.calloc_dbg(10, 10, NORMAL_BLOCK, __FILE__, __LINE__);
  CHECK(is_ours(p) && p[99] == 0);
  p = debug.recalloc_dbg(p, 10, 1000, NORMAL_BLOCK, __FILE__, __LINE__);
  CHECK(is_ours(p) && p[9999] == 0);
  debug.free(p);
  p = debug.malloc(10);
  CHECK(is_ours(p));
  debug.free_dbg(p, NORMAL_BLOCK);
  CHECK_EQ(debug_last_call().count, calls); /* nothing of this came to the runtime */
}

TEST(debug_aligned_blocks_are_ours) {
  const int calls = debug_last_call().count;
  char* p = debug.aligned_malloc_dbg(100, 256, __FILE__, __LINE__);
  CHECK(is_ours(p) && (uintptr_t)p % 256 == 0);
  p = debug.aligned_realloc_dbg(p, 5000, 512, __FILE__, __LINE__);
  CHECK(is_ours(p) && (uintptr_t)p % 512 == 0);
  debug.aligned_free_dbg(p);
  CHECK_EQ(debug_last_call().count, calls);
}

TEST(debug_copies_are_ours) {
  char* const copy = debug.strdup_dbg("copy", CLIENT_BLOCK, __FILE__, __LINE__);
  CHECK(is_ours(copy));
  CHECK_STR(copy, "copy");
  debug.free_dbg(copy, CLIENT_BLOCK);
}

static void check_call(const char* function, int kind, const char* file, int line) {
  const debug_call_t call = debug_last_call();
  CHECK_STR(call.function, function);
  CHECK_EQ(call.kind, kind);
  CHECK(call.file == file);
  CHECK_EQ(call.line, line);
}

/* What the caller has said arrives, on x86 by the stack. */
TEST(debug_blocks_of_before_go_back_to_the_runtime_with_all_arguments) {
  static const char file[] = "file.c";
  char* p = debug_old_block(100);
  CHECK(!is_ours(p));
  CHECK_EQ(debug.msize_dbg(p, CLIENT_BLOCK), 100);
  check_call("_msize_dbg", CLIENT_BLOCK, NULL, 0);
  CHECK(debug.expand_dbg(p, 50, 2, file, 11) == p);
  check_call("_expand_dbg", 2, file, 11);
  p[99] = 5;
  p = debug.realloc_dbg(p, 200, CLIENT_BLOCK, file, 12);
  check_call("_realloc_dbg", CLIENT_BLOCK, file, 12);
  CHECK(!is_ours(p) && p[99] == 5);
  p = debug.recalloc_dbg(p, 2, 300, NORMAL_BLOCK, file, 13);
  check_call("_recalloc_dbg", NORMAL_BLOCK, file, 13);
  CHECK(!is_ours(p) && p[99] == 5 && p[599] == 0);
  p = debug.aligned_realloc_dbg(p, 700, 64, file, 14);
  check_call("_aligned_realloc_dbg", 64, file, 14);
  debug.free_dbg(p, CLIENT_BLOCK);
  check_call("_free_dbg", CLIENT_BLOCK, NULL, 0);
  debug.free(debug_old_block(10));
  check_call("_free_dbg", NORMAL_BLOCK, NULL, 0);
  debug.aligned_free_dbg(debug_old_block(10));
  check_call("_aligned_free_dbg", 0, NULL, 0);
}

static void child_use(void) {
  write_format("%d", is_ours(debug.malloc_dbg(10, NORMAL_BLOCK, NULL, 0)));
}

TEST(debug_functions_are_named) {
  const child_t* child = run_child("use", "MIMALLOC_VERBOSE=3");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "1");
  CHECK(strstr(child->err, "mimalloc: redirected: _malloc_dbg of ucrtbased.dll\n") != NULL);
  CHECK(strstr(child->err, "mimalloc: redirected: malloc of ucrtbase.dll\n") != NULL);
  child = run_child("use", "MIMALLOC_DISABLE_REDIRECT=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "0");
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"use", child_use}, {NULL, NULL}};
  look_up_all();
  return child_main(argc, argv, parts);
}
