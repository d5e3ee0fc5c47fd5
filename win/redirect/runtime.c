/* runtime.c - see runtime.h.  The loader has checked the image, so its tables are trusted. */
#include "redirect/runtime.h"

#include <string.h>
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

enum { BEFORE_MAX = 16, CODE_MAX = 4096 };

/* What a runtime is for that does not say otherwise: an ARM64EC process looks like one for x64. */
#if defined(__aarch64__)
static const redirect_machine_t process_machine = REDIRECT_ARM64;
#elif defined(__x86_64__)
static const redirect_machine_t process_machine = REDIRECT_X64;
#else
static const redirect_machine_t process_machine = REDIRECT_X86;
#endif
#if defined(__arm64ec__)
enum { IS_ARM64EC = 1 };
#else
enum { IS_ARM64EC = 0 };
#endif

static const IMAGE_NT_HEADERS* headers_of(const runtime_t* runtime) {
  const IMAGE_DOS_HEADER* const dos = (const IMAGE_DOS_HEADER*)(const void*)runtime->base;
  return (const IMAGE_NT_HEADERS*)(const void*)(runtime->base + dos->e_lfanew);
}

static const IMAGE_DATA_DIRECTORY* directory_of(const runtime_t* runtime, unsigned index) {
  return &headers_of(runtime)->OptionalHeader.DataDirectory[index];
}

runtime_t runtime_find(const char* name) {
  const uint8_t* const base = (const uint8_t*)GetModuleHandleA(name);
  if (base == NULL) { return (runtime_t){.name = name}; }
  return (runtime_t){name, base, hybrid_open(base, (uint64_t)(uintptr_t)base)};
}

bool runtime_is_served(const runtime_t* runtime) {
  return runtime->hybrid.metadata == NULL || process_machine != REDIRECT_X64 || IS_ARM64EC;
}

/* ---- exports ---- */

typedef struct exports {
  const IMAGE_EXPORT_DIRECTORY* table;
  const DWORD* addresses;
  const DWORD* names;
  const WORD* indexes;
} exports_t;

static exports_t exports_of(const runtime_t* runtime) {
  const uint8_t* const base = runtime->base;
  const IMAGE_EXPORT_DIRECTORY* const table =
    (const void*)(base + directory_of(runtime, IMAGE_DIRECTORY_ENTRY_EXPORT)->VirtualAddress);
  return (exports_t){table, (const void*)(base + table->AddressOfFunctions),
                     (const void*)(base + table->AddressOfNames),
                     (const void*)(base + table->AddressOfNameOrdinals)};
}

/* A forwarded function is a name, which lies among the exports. */
static bool is_forwarded(const runtime_t* runtime, DWORD rva) {
  const IMAGE_DATA_DIRECTORY* const range = directory_of(runtime, IMAGE_DIRECTORY_ENTRY_EXPORT);
  return rva >= range->VirtualAddress && rva < range->VirtualAddress + range->Size;
}

/* The names are sorted, as the loader wants them. */
static DWORD first_name_from(const runtime_t* runtime, const exports_t* exports, const char* name) {
  DWORD low = 0, high = exports->table->NumberOfNames;
  while (low < high) {
    const DWORD middle = low + (high - low) / 2;
    if (strcmp((const char*)runtime->base + exports->names[middle], name) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

const uint8_t* runtime_function(const runtime_t* runtime, const char* name) {
  const exports_t exports = exports_of(runtime);
  const DWORD i = first_name_from(runtime, &exports, name);
  if (i == exports.table->NumberOfNames ||
      strcmp((const char*)runtime->base + exports.names[i], name) != 0) {
    return NULL;
  }
  const DWORD rva = exports.addresses[exports.indexes[i]];
  return rva == 0 || is_forwarded(runtime, rva) ? NULL : runtime->base + rva;
}

/* ---- bounds ---- */

static void lower(DWORD candidate, DWORD rva, DWORD* end) {
  if (candidate > rva && candidate < *end) { *end = candidate; }
}

static void lower_by_exports(const runtime_t* runtime, DWORD rva, DWORD* end) {
  const exports_t exports = exports_of(runtime);
  for (DWORD i = 0; i < exports.table->NumberOfFunctions; i++) {
    lower(exports.addresses[i], rva, end);
  }
}

/* How many words; those of the other processor's code are not in the image's own table. */
static size_t unwind_table(const runtime_t* runtime, redirect_machine_t machine,
                           const uint32_t** words) {
  if (machine != process_machine) { return hybrid_unwind_words(&runtime->hybrid, words); }
  const IMAGE_DATA_DIRECTORY* const range = directory_of(runtime, IMAGE_DIRECTORY_ENTRY_EXCEPTION);
  *words = (const void*)(runtime->base + range->VirtualAddress);
  return range->Size / sizeof(uint32_t);
}

/* Functions that call others have an entry, with their start and on x64 their end; not on x86. */
static void lower_by_unwind_table(const runtime_t* runtime, redirect_machine_t machine, DWORD rva,
                                  DWORD* end) {
  if (machine == REDIRECT_X86) { return; }
  const uint32_t* words;
  const size_t count = unwind_table(runtime, machine, &words);
  const size_t size = machine == REDIRECT_X64 ? 3 : 2;
  for (size_t at = 0; at + size <= count; at += size) {
    lower(words[at], rva, end);
    if (size == 3 && words[at] <= rva) { lower(words[at + 1], rva, end); }
  }
}

static const IMAGE_SECTION_HEADER* code_section_of(const runtime_t* runtime, uint64_t address) {
  const IMAGE_NT_HEADERS* const headers = headers_of(runtime);
  const IMAGE_SECTION_HEADER* section = IMAGE_FIRST_SECTION(headers);
  const uint64_t base = (uint64_t)(uintptr_t)runtime->base;
  for (WORD i = 0; i < headers->FileHeader.NumberOfSections; i++, section++) {
    const uint64_t start = base + section->VirtualAddress;
    if ((section->Characteristics & IMAGE_SCN_MEM_EXECUTE) != 0 && address >= start &&
        address < start + section->Misc.VirtualSize) {
      return section;
    }
  }
  return NULL;
}

bool runtime_describe(const runtime_t* runtime, uint64_t address, redirect_function_t* function) {
  const IMAGE_SECTION_HEADER* const section = code_section_of(runtime, address);
  redirect_machine_t machine = process_machine;
  if (section == NULL) { return false; }
  const DWORD rva = (DWORD)(address - (uint64_t)(uintptr_t)runtime->base);
  const DWORD before = rva - section->VirtualAddress;
  const DWORD section_end = section->VirtualAddress + section->Misc.VirtualSize;
  uint32_t range_end = section_end;
  if (runtime->hybrid.metadata != NULL &&
      !hybrid_machine(&runtime->hybrid, rva, &machine, &range_end)) {
    return false;
  }
  DWORD end = range_end;
  lower_by_exports(runtime, rva, &end);
  lower_by_unwind_table(runtime, machine, rva, &end);
  const DWORD readable = section_end - rva;
  *function = (redirect_function_t){
    .machine = machine,
    .address = address,
    .code = runtime->base + rva,
    .code_size = readable < CODE_MAX ? readable : CODE_MAX,
    .before_size = before < BEFORE_MAX ? before : BEFORE_MAX,
  };
  const uint64_t most = address + function->code_size;
  const uint64_t found = address + (end - rva);
  function->end = found < most ? found : most;
  return true;
}
