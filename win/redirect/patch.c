/* patch.c - see patch.h. */
#include "redirect/patch.h"

#include <string.h>
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

enum { UNIT = 65536 }; /* of reservations */

static void* at(uint64_t address) { return (void*)(uintptr_t)address; }

/* ---- islands ---- */

static size_t islands_size(size_t count) { return count * REDIRECT_ISLAND_SIZE; }

static uint64_t next_region(uint64_t address) {
  MEMORY_BASIC_INFORMATION info;
  if (VirtualQuery(at(address), &info, sizeof(info)) == 0) { return UINT64_MAX; }
  return (uint64_t)(uintptr_t)info.BaseAddress + info.RegionSize;
}

#if defined(__arm64ec__)
typedef void* WINAPI virtual_alloc_2_t(HANDLE process, void* address, SIZE_T size, ULONG type,
                                       ULONG access, MEM_EXTENDED_PARAMETER* more, ULONG count);

/* In an ARM64EC process new memory is for x64 code, unless it is said to be for ARM64 code. Every
 * Windows that has such processes has the function. */
static void* reserve(uint64_t place, size_t size, redirect_machine_t machine) {
  union {
    FARPROC found;
    virtual_alloc_2_t* call;
  } alloc = {GetProcAddress(GetModuleHandleA("kernelbase.dll"), "VirtualAlloc2")};
  MEM_EXTENDED_PARAMETER code = {.ULong64 = MEM_EXTENDED_PARAMETER_EC_CODE};
  code.Type = MemExtendedParameterAttributeFlags;
  if (alloc.found == NULL) { return NULL; }
  return alloc.call(GetCurrentProcess(), at(place), size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE,
                    &code, machine == REDIRECT_ARM64);
}
#else
static void* reserve(uint64_t place, size_t size, redirect_machine_t machine) {
  (void)machine;
  return VirtualAlloc(at(place), size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}
#endif

/* The first free addresses from the lowest that every function reaches. */
uint64_t patch_islands_new(uint64_t start, uint64_t end, redirect_machine_t machine, size_t count) {
  const uint64_t distance = redirect_island_distance(machine);
  const uint64_t lowest = end > distance ? end - distance : UNIT;
  const uint64_t highest = start + distance;
  for (uint64_t place = (lowest + UNIT - 1) / UNIT * UNIT;
       place < highest && place <= UINTPTR_MAX - UNIT;
       place = (next_region(place) + UNIT - 1) / UNIT * UNIT) {
    void* const islands = reserve(place, islands_size(count), machine);
    if (islands != NULL) { return (uint64_t)(uintptr_t)islands; }
    if (next_region(place) == UINT64_MAX) { break; }
  }
  return 0;
}

bool patch_islands_seal(uint64_t islands, size_t count) {
  DWORD before;
  return VirtualProtect(at(islands), islands_size(count), PAGE_EXECUTE_READ, &before) &&
         FlushInstructionCache(GetCurrentProcess(), at(islands), islands_size(count));
}

void patch_islands_delete(uint64_t islands) { VirtualFree(at(islands), 0, MEM_RELEASE); }

void patch_write_island(uint64_t island, const redirect_plan_t* plan) {
  memcpy(at(island), plan->island, plan->island_size);
}

/* ---- functions ---- */

/* One store: nobody sees half of it. */
static void store_bytes(uint64_t address, const uint8_t* bytes, size_t size) {
  volatile LONG64* const word = at(address & ~(uint64_t)7);
  LONG64 before, after;
  do {
    before = after = *word;
    memcpy((uint8_t*)&after + (address & 7), bytes, size);
  } while (InterlockedCompareExchange64(word, after, before) != before);
}

bool patch_write(const redirect_plan_t* plan) {
  const uint64_t start = plan->pad_address != 0 ? plan->pad_address : plan->patch_address;
  const size_t size = (size_t)(plan->patch_address + plan->patch_size - start);
  DWORD before, ignored;
  if (!VirtualProtect(at(start), size, PAGE_EXECUTE_READWRITE, &before)) { return false; }
  if (plan->pad_address != 0) { memcpy(at(plan->pad_address), plan->pad, sizeof(plan->pad)); }
  if (plan->is_atomic) {
    store_bytes(plan->patch_address, plan->patch, plan->patch_size);
  } else {
    memcpy(at(plan->patch_address), plan->patch, plan->patch_size);
  }
  FlushInstructionCache(GetCurrentProcess(), at(start), size);
  VirtualProtect(at(start), size, before, &ignored);
  return true;
}
