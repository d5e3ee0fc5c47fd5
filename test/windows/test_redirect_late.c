/* test_redirect_late.c - the DLL is loaded when the program has run for a while, with blocks in use
 * and other threads in the functions that are changed.
 *
 *   test_redirect_late mimalloc.dll            the runtime is redirected
 *   test_redirect_late mimalloc.dll spoiled    a function of it has a beginning that cannot move:
 *                                              then none of them is changed */
#include <stdbool.h>
#include <stdint.h>
#include <windows.h>

#include "test/test.h"

enum { BLOCKS = 2000, THREADS = 4 };

static volatile LONG stop;

static DWORD WINAPI use_malloc(void* arg) {
  uintptr_t seed = (uintptr_t)arg + 1;
  void* kept[64] = {NULL};
  for (unsigned i = 0; !stop; i++) {
    seed = seed * 1664525 + 1013904223;
    void** const slot = &kept[i % 64];
    free(*slot);
    *slot = malloc(seed >> 8 & 2047);
    CHECK(*slot != NULL);
    *slot = realloc(*slot, seed >> 12 & 4095);
  }
  for (int i = 0; i < 64; i++) { free(kept[i]); }
  return 0;
}

typedef bool is_redirected_t(void);

/* What nobody here calls begins with a short loop, which leads to where it would be changed. */
static void spoil_runtime(void) {
#if defined(__aarch64__)
  static const uint32_t loop[] = {0xd503245f, 0xd503201f, 0x17ffffff}; /* bti c; nop; b -4 */
#else
  static const unsigned char loop[] = {0xe2, 0x00, 0xe2, 0x00, 0xe2, 0x00};
#endif
  union {
    FARPROC found;
    unsigned char* code;
  } function = {GetProcAddress(GetModuleHandleA("ucrtbase.dll"), "_aligned_offset_recalloc")};
  DWORD before;
  CHECK(function.found != NULL);
  CHECK(VirtualProtect(function.code, sizeof(loop), PAGE_EXECUTE_READWRITE, &before));
  memcpy(function.code, loop, sizeof(loop));
  CHECK(VirtualProtect(function.code, sizeof(loop), before, &before));
}

static unsigned char* malloc_code(void) {
  union {
    FARPROC found;
    unsigned char* code;
  } function = {GetProcAddress(GetModuleHandleA("ucrtbase.dll"), "malloc")};
  return function.code;
}

int main(int argc, char** argv) {
  static void* blocks[BLOCKS];
  HANDLE threads[THREADS];
  unsigned char code[16];
  if (argc < 2) { return 2; }
  const bool is_spoiled = argc > 2;
  if (is_spoiled) { spoil_runtime(); }
  memcpy(code, malloc_code(), sizeof(code));
  for (size_t i = 0; i < BLOCKS; i++) { blocks[i] = calloc(1, i + 1); }
  for (size_t i = 0; i < THREADS; i++) {
    threads[i] = CreateThread(NULL, 0, use_malloc, (void*)i, 0, NULL);
  }
  Sleep(50);
  const HMODULE module = LoadLibraryA(argv[1]);
  CHECK(module != NULL);
  union {
    FARPROC found;
    is_redirected_t* is_redirected;
  } function = {GetProcAddress(module, "mi_is_redirected")};
  CHECK(function.found != NULL);
  CHECK_EQ(function.is_redirected(), !is_spoiled);
  CHECK_EQ(memcmp(code, malloc_code(), sizeof(code)) == 0, is_spoiled);
  for (size_t i = 0; i < BLOCKS; i++) {
    blocks[i] = realloc(blocks[i], 2 * i + 1);
    CHECK(blocks[i] != NULL && ((char*)blocks[i])[i / 2] == 0);
    free(blocks[i]);
  }
  Sleep(50);
  stop = 1;
  CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE), WAIT_OBJECT_0);
  return 0;
}
