/* debug_runtime.c - a stand-in for Microsoft's debug runtime (ucrtbased.dll), which comes with
 * Visual Studio only: the functions that redirection looks for, with the arguments that theirs have
 * there.  Blocks come from a heap of its own. */
#include "debug_runtime.h"

#include <windows.h>

static debug_call_t last_call;

debug_call_t debug_last_call(void) { return last_call; }

static HANDLE heap_of_runtime(void) {
  static HANDLE heap;
  if (heap == NULL) { heap = HeapCreate(0, 0, 0); }
  return heap;
}

static void note(const char* function, int kind, const char* file, int line) {
  last_call = (debug_call_t){last_call.count + 1, function, kind, file, line};
}

void* debug_old_block(size_t size) { return HeapAlloc(heap_of_runtime(), HEAP_ZERO_MEMORY, size); }

void* debug_malloc_dbg(size_t size, int kind, const char* file, int line) {
  note("_malloc_dbg", kind, file, line);
  return debug_old_block(size);
}

void* debug_calloc_dbg(size_t count, size_t size, int kind, const char* file, int line) {
  note("_calloc_dbg", kind, file, line);
  return debug_old_block(count * size);
}

void* debug_realloc_dbg(void* p, size_t size, int kind, const char* file, int line) {
  note("_realloc_dbg", kind, file, line);
  return p == NULL ? debug_old_block(size) : HeapReAlloc(heap_of_runtime(), 0, p, size);
}

void* debug_recalloc_dbg(void* p, size_t count, size_t size, int kind, const char* file, int line) {
  note("_recalloc_dbg", kind, file, line);
  return HeapReAlloc(heap_of_runtime(), HEAP_ZERO_MEMORY, p, count * size);
}

void* debug_expand_dbg(void* p, size_t size, int kind, const char* file, int line) {
  note("_expand_dbg", kind, file, line);
  return size <= HeapSize(heap_of_runtime(), 0, p) ? p : NULL;
}

size_t debug_msize_dbg(void* p, int kind) {
  note("_msize_dbg", kind, NULL, 0);
  return HeapSize(heap_of_runtime(), 0, p);
}

void debug_free_dbg(void* p, int kind) {
  note("_free_dbg", kind, NULL, 0);
  HeapFree(heap_of_runtime(), 0, p);
}

void* debug_aligned_malloc_dbg(size_t size, size_t alignment, const char* file, int line) {
  note("_aligned_malloc_dbg", (int)alignment, file, line);
  return debug_old_block(size);
}

void* debug_aligned_realloc_dbg(void* p, size_t size, size_t alignment, const char* file,
                                int line) {
  note("_aligned_realloc_dbg", (int)alignment, file, line);
  return HeapReAlloc(heap_of_runtime(), 0, p, size);
}

void debug_aligned_free_dbg(void* p) {
  note("_aligned_free_dbg", 0, NULL, 0);
  HeapFree(heap_of_runtime(), 0, p);
}

/* As there, those without the places call those with them. */
enum { NORMAL_BLOCK = 1 };

void* debug_malloc(size_t size) { return debug_malloc_dbg(size, NORMAL_BLOCK, NULL, 0); }
void debug_free(void* p) { debug_free_dbg(p, NORMAL_BLOCK); }

char* debug_strdup_dbg(const char* text, int kind, const char* file, int line) {
  const size_t size = strlen(text) + 1;
  char* const copy = debug_malloc_dbg(size, kind, file, line);
  return copy == NULL ? NULL : memcpy(copy, text, size);
}
