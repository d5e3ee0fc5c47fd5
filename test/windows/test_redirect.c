/* test_redirect.c - a program whose C runtime is redirected: what it and the runtime allocate is
 * ours, and any block can be freed, resized, asked for its size, whoever made it. */
#include <direct.h>
#include <locale.h>
#include <malloc.h>
#include <mbstring.h>
#include <process.h>
#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>
#include <windows.h>

#include "mimalloc.h"
#include "test/test.h"

#include "test/api/child.h" /* behind what it uses */

/* Of the runtime; this header of MinGW leaves it out. */
__declspec(dllimport) size_t __cdecl _aligned_msize(void* p, size_t alignment, size_t offset);

enum { MANY = 1000 };

static HMODULE module_of(uintptr_t address) {
  HMODULE module = NULL;
  GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                       GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                     (const char*)address, &module);
  return module;
}

static HMODULE mimalloc_module(void) { return module_of((uintptr_t)&mi_version); }

static bool is_ours(const void* p) { return mi_is_in_heap_region(p); }

/* A block as the runtime made them before it was redirected: of the process heap. */
static void* foreign_block(size_t size) {
  void* const p = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
  CHECK(p != NULL && !is_ours(p));
  return p;
}

TEST(redirect_is_told) { CHECK(mi_is_redirected()); }

/* As linkers name the slots through which this program calls the runtime. */
#if defined(__i386__)
#define SLOT "__imp__"
#else
#define SLOT "__imp_"
#endif
extern uintptr_t slot_of_malloc __asm__(SLOT "malloc");
extern uintptr_t slot_of_free __asm__(SLOT "free");

/* It saves the jumps in the runtime; who looks a function up comes through these. */
TEST(redirect_imports_of_the_program_lead_to_ours) {
  CHECK(module_of(slot_of_malloc) == mimalloc_module());
  CHECK(module_of(slot_of_free) == mimalloc_module());
  const HMODULE runtime = GetModuleHandleA("ucrtbase.dll");
  CHECK(module_of((uintptr_t)GetProcAddress(runtime, "malloc")) == runtime);
  MEMORY_BASIC_INFORMATION info;
  CHECK(VirtualQuery(&slot_of_malloc, &info, sizeof(info)) != 0);
  CHECK((info.Protect & 0xf0) == 0); /* data, as before */
}

TEST(redirect_the_malloc_family_is_ours) {
  char* p = malloc(100);
  CHECK(is_ours(p));
  CHECK(_msize(p) >= 100);
  p = realloc(p, 100000);
  CHECK(is_ours(p));
  CHECK(_expand(p, 50000) == p);
  free(p);
  p = calloc(10, 100);
  CHECK(is_ours(p) && p[999] == 0);
  memset(p, 1, 1000);
  p = _recalloc(p, 10, 1000);
  CHECK(is_ours(p) && p[999] == 1 && p[9999] == 0);
  CHECK(realloc(p, 0) == NULL); /* frees */
  free(NULL);
  CHECK(realloc(NULL, 0) != NULL);
}

TEST(redirect_aligned_blocks_are_ours) {
  char* p = _aligned_malloc(100, 256);
  CHECK(is_ours(p) && (uintptr_t)p % 256 == 0);
  CHECK(_aligned_msize(p, 256, 0) >= 100);
  p = _aligned_realloc(p, 5000, 256);
  CHECK(is_ours(p) && (uintptr_t)p % 256 == 0);
  memset(p, 2, 5000);
  p = _aligned_recalloc(p, 2, 4000, 256);
  CHECK(is_ours(p) && p[4999] == 2 && p[7999] == 0);
  _aligned_free(p);
  p = _aligned_offset_malloc(100, 64, 8);
  CHECK(is_ours(p) && ((uintptr_t)p + 8) % 64 == 0);
  p = _aligned_offset_realloc(p, 3000, 64, 8);
  CHECK(is_ours(p) && ((uintptr_t)p + 8) % 64 == 0);
  p = _aligned_offset_recalloc(p, 2, 3000, 64, 8);
  CHECK(is_ours(p) && p[5999] == 0);
  _aligned_free(p);
}

TEST(redirect_copies_are_ours) {
  char* text = _strdup("text");
  CHECK(is_ours(text));
  CHECK_STR(text, "text");
  free(text);
  wchar_t* const wide = _wcsdup(L"wide");
  CHECK(is_ours(wide) && wcscmp(wide, L"wide") == 0);
  free(wide);
  unsigned char* const bytes = _mbsdup((const unsigned char*)"bytes");
  CHECK(is_ours(bytes));
  free(bytes);
  text = _fullpath(NULL, ".", 0);
  CHECK(is_ours(text));
  free(text);
  size_t size = 0;
  CHECK_EQ(_dupenv_s(&text, &size, "PATH"), 0);
  CHECK(is_ours(text) && size == strlen(text) + 1);
  free(text);
  text = _getcwd(NULL, 0);
  CHECK(is_ours(text));
  free(text);
}

/* Of the runtime's inside: what it hands out must be what our free knows (Windows on ARM, 2024). */
TEST(redirect_what_the_runtime_hands_out_can_be_freed) {
  typedef char* get_t(void);
  static const char* const names[] = {"_Getdays", "_Getmonths"};
  for (size_t i = 0; i < 2; i++) {
    union {
      FARPROC found;
      get_t* get;
    } function = {GetProcAddress(GetModuleHandleA("ucrtbase.dll"), names[i])};
    CHECK(function.found != NULL);
    char* const text = function.get();
    CHECK(text != NULL && text[0] == ':');
    printf("    %s: %s\n", names[i], is_ours(text) ? "ours" : "the runtime's own");
    free(text);
  }
}

TEST(redirect_the_runtime_works_on) {
  static char line[100];
  char path[MAX_PATH], folder[MAX_PATH];
  GetTempPathA(sizeof(folder), folder);
  CHECK(GetTempFileNameA(folder, "mim", 0, path) != 0);
  FILE* file = fopen(path, "w");
  CHECK(file != NULL);
  for (int i = 0; i < 2000; i++) { fprintf(file, "line %d\n", i); }
  fclose(file);
  file = fopen(path, "r");
  int count = 0;
  while (fgets(line, sizeof(line), file) != NULL) { count++; }
  CHECK_EQ(count, 2000);
  fclose(file);
  remove(path);
  CHECK(setlocale(LC_ALL, "C") != NULL && setlocale(LC_ALL, "") != NULL);
  CHECK(_putenv_s("MIM_TEST_NAME", "value") == 0 && strcmp(getenv("MIM_TEST_NAME"), "value") == 0);
}

/* ---- mixed pairs ---- */

TEST(redirect_a_foreign_block_is_freed_by_who_made_it) {
  for (int i = 0; i < MANY; i++) { free(foreign_block(100)); }
}

TEST(redirect_a_foreign_block_is_resized_and_measured_by_who_made_it) {
  char* p = foreign_block(100);
  memset(p, 3, 100);
  CHECK_EQ(_msize(p), 100);
  p = realloc(p, 10000);
  CHECK(p != NULL && p[99] == 3);
  p = _recalloc(p, 1, 20000);
  CHECK(p != NULL && p[99] == 3 && p[19999] == 0);
  free(p);
}

/* What an allocation of the runtime returns to other parts of the system. */
TEST(redirect_the_process_heap_stays_apart) {
  void* p = HeapAlloc(GetProcessHeap(), 0, 100);
  p = HeapReAlloc(GetProcessHeap(), 0, p, 5000);
  CHECK(p != NULL && !is_ours(p));
  CHECK(HeapFree(GetProcessHeap(), 0, p));
}

/* ---- msvcrt.dll ---- */

typedef struct other_runtime {
  void* (*malloc)(size_t size);
  void* (*realloc)(void* p, size_t size);
  void (*free)(void* p);
  char* (*strdup)(const char* text);
  intptr_t (*get_heap_handle)(void);
} other_runtime_t;

static void* other_function(const char* name) {
  union {
    FARPROC found;
    void* pointer;
  } function = {GetProcAddress(LoadLibraryA("msvcrt.dll"), name)};
  CHECK(function.found != NULL);
  return function.pointer;
}

static other_runtime_t other_runtime(void) {
  other_runtime_t other;
  *(void**)&other.malloc = other_function("malloc");
  *(void**)&other.realloc = other_function("realloc");
  *(void**)&other.free = other_function("free");
  *(void**)&other.strdup = other_function("_strdup");
  *(void**)&other.get_heap_handle = other_function("_get_heap_handle");
  return other;
}

TEST(redirect_another_runtime_is_left_alone) {
  const other_runtime_t other = other_runtime();
  void* const p = other.malloc(100);
  CHECK(p != NULL && !is_ours(p));
  other.free(p);
}

static unsigned __stdcall allocate(void* arg) {
  for (int i = 0; i < MANY; i++) {
    void* const p = malloc((size_t)i);
    CHECK(is_ours(p));
    free(p);
  }
  return arg == NULL;
}

TEST(redirect_threads_of_the_runtime_are_served) {
  HANDLE threads[4];
  for (int i = 0; i < 4; i++) {
    threads[i] = (HANDLE)_beginthreadex(NULL, 0, allocate, threads, 0, NULL);
  }
  CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, INFINITE), WAIT_OBJECT_0);
}

/* ---- what the environment says ---- */

static void child_use_msvcrt(void) {
  const other_runtime_t other = other_runtime();
  char* p = other.malloc(1000);
  p = other.realloc(p, 5000);
  char* const copy = other.strdup("copy");
  write_format("%d %d %d", is_ours(p), is_ours(copy), is_ours(malloc(10)));
  other.free(p);
  if (is_ours(copy)) { free(copy); } /* of one runtime by the other */
  char* before = HeapAlloc((HANDLE)other.get_heap_handle(), HEAP_ZERO_MEMORY, 100);
  CHECK(before != NULL);
  before[99] = 3;
  before = other.realloc(before, 10000);
  CHECK(before != NULL && before[99] == 3 && !is_ours(before));
  other.free(before);
}

/* It is loaded with the program: of the system's DLLs that mimalloc.dll needs, one uses it. */
TEST(redirect_msvcrt_is_redirected_on_request) {
  const child_t* child = run_child("use_msvcrt", "MIMALLOC_REDIRECT_MSVCRT=1 MIMALLOC_VERBOSE=3");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "1 1 1");
  CHECK(strstr(child->err, "mimalloc: redirected: malloc of msvcrt.dll\n") != NULL);
  CHECK(strstr(child->err, "names no option") == NULL);
  CHECK(strstr(child->err, "mimalloc: redirected: malloc of ucrtbase.dll\n") != NULL);
  child = run_child("use_msvcrt", "MIMALLOC_REDIRECT_MSVCRT=0 MIMALLOC_VERBOSE=3");
  CHECK(child_succeeded(child));
  CHECK(strstr(child->err, "of msvcrt.dll") == NULL);
}

static void child_use(void) {
  char* p = malloc(1000);
  p = realloc(p, 5000);
  write_format("%d %d %d", mi_is_redirected(), is_ours(p),
               module_of(slot_of_malloc) == mimalloc_module());
  free(p);
  free(_strdup("x"));
}

TEST(redirect_messages_say_what_was_done) {
  const child_t* child = run_child("use", "MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "1 1 1");
  CHECK(strstr(child->err, "mimalloc: malloc is redirected.\n") != NULL);
  CHECK(strstr(child->err, "of ucrtbase.dll") == NULL);
  child = run_child("use", "MIMALLOC_VERBOSE=3");
  CHECK(child_succeeded(child));
  CHECK(strstr(child->err, "mimalloc: redirected: malloc of ucrtbase.dll\n") != NULL);
  CHECK(strstr(child->err, "mimalloc: redirected: _aligned_free of ucrtbase.dll\n") != NULL);
  child = run_child("use", "");
  CHECK_STR(child->err, "");
}

TEST(redirect_can_be_forbidden) {
  const child_t* const child = run_child("use", "MIMALLOC_DISABLE_REDIRECT=1 MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "0 0 0");
  CHECK(strstr(child->err, "not redirected: MIMALLOC_DISABLE_REDIRECT is set") != NULL);
}

/* The file of a module, copied into a folder; its path there. */
static const char* copy_file(HMODULE module, const char* folder, char* path) {
  char from[MAX_PATH];
  CHECK(GetModuleFileNameA(module, from, sizeof(from)) != 0);
  snprintf(path, MAX_PATH, "%s%s", folder, strrchr(from, '\\'));
  CHECK(CopyFileA(from, path, FALSE));
  return path;
}

TEST(redirect_without_the_companion_is_refused_and_harmless) {
  char folder[MAX_PATH], program[MAX_PATH], library[MAX_PATH];
  GetTempPathA(sizeof(folder) - 32, folder);
  snprintf(folder + strlen(folder), 32, "mim%lu", (unsigned long)GetCurrentProcessId());
  CHECK(CreateDirectoryA(folder, NULL));
  copy_file(NULL, folder, program);
  copy_file(mimalloc_module(), folder, library);
  const child_t* const child = run_child_of(program, "use", "MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "0 0 0");
  CHECK(strstr(child->err, "not redirected: the redirection DLL is not beside") != NULL);
  CHECK(DeleteFileA(program) && DeleteFileA(library) && RemoveDirectoryA(folder));
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"use", child_use},
                                       {"use_msvcrt", child_use_msvcrt},
                                       {NULL, NULL}};
  return child_main(argc, argv, parts);
}
