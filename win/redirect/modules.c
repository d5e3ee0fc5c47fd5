/* modules.c - see modules.h. */
#include "redirect/modules.h"

#define PSAPI_VERSION 2 /* of kernel32.dll, since Windows 7 */
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
/* behind it */
#include <psapi.h>

#include "redirect/imports.h"

enum { MODULES_MAX = 1024, HEADERS_SIZE = 4096 };

typedef struct range {
  uint64_t start, size;
} range_t;

static uint32_t size_of(const uint8_t* image) { return imports_image_size(image, HEADERS_SIZE); }

/* The loader can read what nobody else can, so that much is asked. */
static bool is_readable(const uint8_t* image, uint32_t size) {
  enum {
    READABLE = PAGE_READONLY | PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READ |
               PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY
  };
  const uint8_t* const end = image + size;
  while (image < end) {
    MEMORY_BASIC_INFORMATION info;
    if (VirtualQuery(image, &info, sizeof(info)) == 0 || (info.Protect & READABLE) == 0 ||
        (info.Protect & PAGE_GUARD) != 0) {
      return false;
    }
    image = (const uint8_t*)info.BaseAddress + info.RegionSize;
  }
  return true;
}

/* One store of an aligned word: nobody sees half of it. */
static void slot_write(const uint8_t* place, uint64_t address) {
  uintptr_t volatile* const slot = (uintptr_t volatile*)(uintptr_t)place;
  DWORD before, ignored;
  if (!VirtualProtect((void*)slot, sizeof(*slot), PAGE_READWRITE, &before)) { return; }
  *slot = (uintptr_t)address;
  VirtualProtect((void*)slot, sizeof(*slot), before, &ignored);
}

static void lead_module(const uint8_t* image, const range_t* from, modules_lead_t* lead,
                        const void* arg) {
  const uint32_t size = size_of(image);
  if (!is_readable(image, size)) { return; }
  imports_t imports = imports_open(image, size);
  uint64_t address;
  for (uint32_t slot; (slot = imports_next(&imports, &address)) != 0;) {
    const uint64_t target = address - from->start < from->size ? lead(arg, address) : 0;
    if (target != 0) { slot_write(image + slot, target); }
  }
}

void modules_lead_imports(const uint8_t* base, modules_lead_t* lead, const void* arg) {
  static HMODULE modules[MODULES_MAX];
  const range_t from = {(uint64_t)(uintptr_t)base, size_of(base)};
  DWORD size = 0;
  if (!EnumProcessModules(GetCurrentProcess(), modules, sizeof(modules), &size)) { return; }
  for (size_t i = 0; i < MODULES_MAX && i < size / sizeof(modules[0]); i++) {
    lead_module((const uint8_t*)modules[i], &from, lead, arg);
  }
}
