/* memory.c - virtual memory by VirtualAlloc, on Windows.
 *
 * Memory is reserved in units of 64 KiB and committed by OS pages.  Each commit is charged, so that
 * reserved memory has no access until then.  A reservation goes back as a whole only. */
#include "base/config.h"
#include "prim/prim.h"
#include "prim/windows/api.h"

void mim_prim_memory_config(mim_prim_config_t* config) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  *config = (mim_prim_config_t){
    .page_size = info.dwPageSize,
    .reserve_align = info.dwAllocationGranularity,
    .gigantic_size = MIM_IS_64BIT ? (size_t)1 << 30 : 0,
    .gigantic_advice = "the account needs the right 'Lock pages in memory' (secpol.msc, Local "
                       "Policies, User Rights Assignment)",
  };
}

typedef void* WINAPI memory_alloc2_t(HANDLE process, void* base, SIZE_T size, ULONG type,
                                     ULONG protection, prim_parameter_t* parameters, ULONG count);

void* prim_virtual_alloc2(void* base, size_t size, DWORD type, prim_parameter_t* parameters,
                          ULONG count) {
  const HMODULE module = GetModuleHandleA("kernelbase.dll");
  union {
    FARPROC function;
    memory_alloc2_t* alloc2;
  } found = {module == NULL ? NULL : GetProcAddress(module, "VirtualAlloc2")};
  if (found.function == NULL) { return NULL; }
  return found.alloc2(GetCurrentProcess(), base, size, type, PAGE_READWRITE, parameters, count);
}

/* As winnt.h has it (MEM_ADDRESS_REQUIREMENTS): from any address to any, aligned. */
typedef struct memory_where {
  void* lowest;
  void* highest;
  size_t alignment;
} memory_where_t;

/* NULL also where no wish needs more than VirtualAlloc, and where no address can be aligned so:
 * wine would give 2 GiB in a 32-bit program, and not take it back. */
static void* reserve_by_parameters(size_t size, DWORD type, const mim_prim_wish_t* wish) {
  memory_where_t where = {.alignment = wish->alignment};
  prim_parameter_t parameters[2];
  ULONG count = 0;
  if (wish->alignment > (size_t)1 << 16 && wish->alignment <= SIZE_MAX / 2) {
    parameters[count++] = (prim_parameter_t){PRIM_PARAMETER_ADDRESS, (uintptr_t)&where};
  }
  if (wish->numa_node >= 0) {
    parameters[count++] = (prim_parameter_t){PRIM_PARAMETER_NODE, (uint64_t)wish->numa_node};
  }
  return count == 0 ? NULL : prim_virtual_alloc2(NULL, size, type, parameters, count);
}

/* A node can be named only now; what is committed later comes from it, too. */
static void* reserve_on_node(size_t size, DWORD type, int numa_node) {
  if (numa_node < 0) { return NULL; }
  return VirtualAllocExNuma(GetCurrentProcess(), NULL, size, type, PAGE_READWRITE,
                            (DWORD)numa_node);
}

int mim_prim_reserve(size_t size, mim_prim_wish_t* wish, bool commit, void** base) {
  const DWORD saved = GetLastError();
  const DWORD type = MEM_RESERVE | (commit ? MEM_COMMIT : 0);
  wish->numa_error = 0;
  void* p = reserve_by_parameters(size, type, wish);
  if (p == NULL) { p = reserve_on_node(size, type, wish->numa_node); }
  if (p == NULL) {
    if (wish->numa_node >= 0) { wish->numa_error = (int)GetLastError(); }
    p = VirtualAlloc(NULL, size, type, PAGE_READWRITE);
  }
  *base = p;
  return prim_result(p != NULL, saved);
}

/* OS pages of 1 GiB side by side are a reservation each: all that lie in the range go back, the
 * last one first. */
int mim_prim_release(void* base, size_t size) {
  const DWORD saved = GetLastError();
  uint8_t* end = (uint8_t*)base + size;
  bool is_done = true;
  while (is_done && end > (uint8_t*)base) {
    MEMORY_BASIC_INFORMATION last;
    is_done = VirtualQuery(end - 1, &last, sizeof(last)) != 0 && last.State != MEM_FREE &&
              (uint8_t*)last.AllocationBase >= (uint8_t*)base &&
              VirtualFree(last.AllocationBase, 0, MEM_RELEASE);
    end = last.AllocationBase;
  }
  return prim_result(is_done, saved);
}

int mim_prim_commit(void* base, size_t size) {
  const DWORD saved = GetLastError();
  return prim_result(VirtualAlloc(base, size, MEM_COMMIT, PAGE_READWRITE) != NULL, saved);
}

int mim_prim_purge(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit) {
  const DWORD saved = GetLastError();
  *needs_commit = false;
  if (how == MIM_PURGE_RESET) {
    return prim_result(VirtualAlloc(base, size, MEM_RESET, PAGE_READWRITE) != NULL, saved);
  }
  const int error = prim_result(VirtualFree(base, size, MEM_DECOMMIT), saved);
  *needs_commit = (error == 0);
  return error;
}

int mim_prim_protect(void* base, size_t size, bool is_accessible) {
  const DWORD saved = GetLastError();
  DWORD before;
  const DWORD access = is_accessible ? PAGE_READWRITE : PAGE_NOACCESS;
  return prim_result(VirtualProtect(base, size, access, &before), saved);
}

/* There are no transparent huge pages. */
int mim_prim_advise_huge(void* base, size_t size, bool wanted) {
  (void)base, (void)size, (void)wanted;
  return ERROR_NOT_SUPPORTED;
}

int mim_prim_populate(void* base, size_t size) {
  (void)base, (void)size;
  return 0;
}

int mim_prim_move(void* from, void* to, size_t size) {
  (void)from, (void)to, (void)size;
  return ERROR_NOT_SUPPORTED;
}
