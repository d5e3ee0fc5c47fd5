/* numa.c - NUMA nodes, and large OS pages, on Windows. */
#include <stdatomic.h>

#include "prim/prim.h"
#include "prim/windows/api.h"

unsigned mim_prim_numa_count(void) {
  const DWORD saved = GetLastError();
  ULONG highest = 0;
  const bool is_known = GetNumaHighestNodeNumber(&highest);
  SetLastError(saved);
  return is_known ? highest + 1 : 1;
}

unsigned mim_prim_numa_node(void) {
  const DWORD saved = GetLastError();
  PROCESSOR_NUMBER processor;
  USHORT node = 0;
  GetCurrentProcessorNumberEx(&processor);
  const bool is_known = GetNumaProcessorNodeEx(&processor, &node);
  SetLastError(saved);
  return is_known && node != UINT16_MAX ? node : 0;
}

/* ---- large pages: they are locked in memory, for which an account needs a right ---- */

static bool enable_lock_memory(HANDLE token) {
  TOKEN_PRIVILEGES privileges = {.PrivilegeCount = 1};
  privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
  if (!LookupPrivilegeValueA(NULL, "SeLockMemoryPrivilege", &privileges.Privileges[0].Luid)) {
    return false;
  }
  if (!AdjustTokenPrivileges(token, FALSE, &privileges, 0, NULL, NULL)) { return false; }
  return GetLastError() == ERROR_SUCCESS; /* else: the account does not have it */
}

/* Asked for once, with the first large page. */
static bool can_lock_memory(void) {
  static _Atomic(int) answer; /* 0: not asked yet, 1: yes, 2: no */
  if (atomic_load_explicit(&answer, memory_order_relaxed) == 0) {
    HANDLE token;
    bool is_allowed = false;
    if (OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token)) {
      is_allowed = enable_lock_memory(token);
      CloseHandle(token);
    }
    atomic_store_explicit(&answer, is_allowed ? 1 : 2, memory_order_relaxed);
  }
  return atomic_load_explicit(&answer, memory_order_relaxed) == 1;
}

enum { NONPAGED_HUGE = 0x10 };

static void* map_on_node(void* base, size_t size, DWORD type, int numa_node) {
  if (numa_node < 0) { return VirtualAlloc(base, size, type, PAGE_READWRITE); }
  return VirtualAllocExNuma(GetCurrentProcess(), base, size, type, PAGE_READWRITE,
                            (DWORD)numa_node);
}

/* Where there is no OS page of 1 GiB, 512 of 2 MiB. */
int mim_prim_map_gigantic(void* base, size_t size, mim_prim_wish_t* wish) {
  const DWORD saved = GetLastError();
  const DWORD type = MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES;
  if (!can_lock_memory()) {
    SetLastError(saved);
    return ERROR_PRIVILEGE_NOT_HELD;
  }
  prim_parameter_t parameters[2] = {{PRIM_PARAMETER_FLAGS, NONPAGED_HUGE},
                                    {PRIM_PARAMETER_NODE, (uint64_t)wish->numa_node}};
  wish->numa_error = 0;
  void* p = prim_virtual_alloc2(base, size, type, parameters, wish->numa_node < 0 ? 1 : 2);
  if (p == NULL) { p = map_on_node(base, size, type, wish->numa_node); }
  return prim_result(p != NULL, saved);
}
