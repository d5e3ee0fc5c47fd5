/* stack.c - the return addresses on the stack, and the modules they lie in.
 *
 * Windows walks the stack itself: on x86 by frame pointers, elsewhere by tables. */
#include "base/bits.h"
#include "base/text.h"
#include "prim/prim.h"
#include "prim/windows/api.h"

enum { OWN_FRAMES_MAX = 16, FRAMES_MAX = 62, MODULES_MAX = 256, LINE_LENGTH = 512 };

/* The head of the module that this code was linked into: set by the linker. */
extern const IMAGE_DOS_HEADER __ImageBase;

static size_t module_size(uintptr_t base) {
  const IMAGE_DOS_HEADER* const head = (const IMAGE_DOS_HEADER*)base;
  const IMAGE_NT_HEADERS* const headers =
    (const IMAGE_NT_HEADERS*)(base + (uintptr_t)head->e_lfanew);
  return headers->OptionalHeader.SizeOfImage;
}

/* The allocator's own functions, where they are not a part of the program's own file. */
static bool is_own(uintptr_t address) {
  const uintptr_t base = (uintptr_t)&__ImageBase;
  if (base == (uintptr_t)GetModuleHandleA(NULL)) { return false; }
  return address >= base && address - base < module_size(base);
}

bool mim_prim_stack_prepare(void) { return true; }

size_t mim_prim_stack(uintptr_t* frames, size_t most) {
  const DWORD saved = GetLastError();
  void* all[FRAMES_MAX];
  const size_t wanted = mim_min(most + OWN_FRAMES_MAX, FRAMES_MAX);
  const size_t count = CaptureStackBackTrace(1, (DWORD)wanted, all, NULL);
  size_t first = 0;
  while (first < count && is_own((uintptr_t)all[first])) { first++; }
  const size_t kept = mim_min(count - first, most);
  for (size_t i = 0; i < kept; i++) { frames[i] = (uintptr_t)all[first + i]; }
  SetLastError(saved);
  return kept;
}

/* ---- modules ---- */

__declspec(dllimport) BOOL WINAPI
  K32EnumProcessModules(HANDLE process, HMODULE* modules, DWORD size, DWORD* needed);

/* As Linux writes its mappings, which is what readers of profiles know. */
static int write_module(int file, HMODULE module) {
  char path[MAX_PATH], line[LINE_LENGTH];
  const uintptr_t base = (uintptr_t)module;
  mim_text_t text = mim_text_in(line, sizeof(line));
  if (GetModuleFileNameA(module, path, sizeof(path)) == 0) { return 0; }
  mim_text_format(&text, "%zx-%zx r-xp 00000000 00:00 0 %s\n", (size_t)base,
                  (size_t)(base + module_size(base)), path);
  return mim_prim_file_write(file, line, text.length);
}

int mim_prim_file_write_mappings(int file) {
  const DWORD saved = GetLastError();
  HMODULE modules[MODULES_MAX];
  DWORD needed = 0;
  int error = 0;
  if (!K32EnumProcessModules(GetCurrentProcess(), modules, sizeof(modules), &needed)) {
    needed = 0;
  }
  const size_t count = mim_min(needed / sizeof(modules[0]), MODULES_MAX);
  for (size_t i = 0; i < count && error == 0; i++) { error = write_module(file, modules[i]); }
  SetLastError(saved);
  return error;
}
