/* test_load.c - DLLs that are loaded late and unloaded early: mimalloc's own, and one that has an
 * allocator of its own inside.
 *
 *   test_load mimalloc.dll plugin.dll */
#include <windows.h>

#include "test/test.h"
#include "test/windows/plugin.h"

static const char *library_name, *plugin_name;

/* A function of a DLL, by its type. */
typedef union function {
  FARPROC found;
  plugin_alloc_t* alloc;
  plugin_free_t* free;
} function_t;

static function_t function_of(HMODULE module, const char* name) {
  function_t function;
  function.found = GetProcAddress(module, name);
  CHECK(function.found != NULL);
  return function;
}

static HMODULE load(const char* name) {
  const HMODULE module = LoadLibraryA(name);
  if (module == NULL) { fprintf(stderr, "%s: error %lu\n", name, (unsigned long)GetLastError()); }
  CHECK(module != NULL);
  return module;
}

typedef struct use {
  function_t alloc, free;
  HANDLE is_used, may_end;
} use_t;

static void use_once(const use_t* use) {
  for (size_t size = 1; size < 300000; size *= 5) {
    char* const p = use->alloc.alloc(size);
    CHECK(p != NULL && p[0] == 0 && p[size - 1] == 0);
    use->free.free(p);
  }
}

/* It was there before the DLL, and is after it. */
static DWORD WINAPI run_longer(void* arg) {
  const use_t* const use = arg;
  use_once(use);
  SetEvent(use->is_used);
  WaitForSingleObject(use->may_end, INFINITE);
  return 0;
}

static DWORD WINAPI run_shorter(void* arg) {
  use_once(arg);
  return 0;
}

static void end_thread(HANDLE thread) {
  CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
  CloseHandle(thread);
}

static void load_use_unload(const char* name, const char* alloc, const char* free) {
  const HMODULE module = load(name);
  use_t use = {function_of(module, alloc), function_of(module, free),
               CreateEventA(NULL, FALSE, FALSE, NULL), CreateEventA(NULL, FALSE, FALSE, NULL)};
  const HANDLE thread = CreateThread(NULL, 0, run_longer, &use, 0, NULL);
  WaitForSingleObject(use.is_used, INFINITE);
  end_thread(CreateThread(NULL, 0, run_shorter, &use, 0, NULL));
  use_once(&use);
  CHECK(FreeLibrary(module));
  SetEvent(use.may_end);
  end_thread(thread);
  CloseHandle(use.is_used);
  CloseHandle(use.may_end);
}

static void load_and_unload_plugin(int rounds) {
  for (int round = 0; round < rounds; round++) {
    load_use_unload(plugin_name, "plugin_alloc", "plugin_free");
    CHECK(GetModuleHandleA(plugin_name) == NULL);
  }
}

/* How much of the address space is taken. */
static size_t reserved_mib(void) {
  size_t reserved = 0;
  MEMORY_BASIC_INFORMATION info;
  for (char* at = NULL; VirtualQuery(at, &info, sizeof(info)) != 0;
       at = (char*)info.BaseAddress + info.RegionSize) {
    if (info.State != MEM_FREE) { reserved += info.RegionSize; }
  }
  return reserved >> 20;
}

TEST(a_dll_with_its_own_allocator_comes_and_goes) { load_and_unload_plugin(8); }

/* Only the DLL knows whether its blocks are needed when it is gone. */
TEST(a_dll_with_its_own_allocator_can_give_all_back) {
  SetEnvironmentVariableA("MIMALLOC_DESTROY_ON_EXIT", "1");
  load_and_unload_plugin(1);
  const size_t before = reserved_mib();
  load_and_unload_plugin(30);
  CHECK_EQ(reserved_mib(), before);
  SetEnvironmentVariableA("MIMALLOC_DESTROY_ON_EXIT", NULL);
}

/* Blocks may be in use anywhere, so the allocator's own DLL stays. */
TEST(the_allocator_stays_when_it_is_unloaded) {
  const HMODULE module = load(library_name);
  char* const block = function_of(module, "mi_zalloc").alloc(1000);
  CHECK(FreeLibrary(module));
  CHECK(GetModuleHandleA(library_name) == module);
  CHECK(block[999] == 0);
  function_of(module, "mi_free").free(block);
  for (int round = 0; round < 10; round++) {
    load_use_unload(library_name, "mi_zalloc", "mi_free");
  }
}

int main(int argc, char** argv) {
  if (argc < 3) { return 2; }
  library_name = argv[1];
  plugin_name = argv[2];
  return test_run_all(argc > 3 ? argv[3] : NULL);
}
