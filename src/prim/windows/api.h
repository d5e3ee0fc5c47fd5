/* api.h - the Windows API, as far as Windows 7 has it; what came later is looked up at run time.
 *
 * Nothing of the allocator changes the calling thread's last error: programs read it after calls
 * that allocate behind their backs. */
#ifndef MIM_PRIM_WINDOWS_API_H
#define MIM_PRIM_WINDOWS_API_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0601
#endif
#include <windows.h>

#include "base/compiler.h"

/* VirtualAlloc2 for this process, and its extended parameters: Windows 10 has it, winnt.h of older
 * tools knows nothing of it.  NULL also where the system does not have it. */
typedef struct prim_parameter {
  uint64_t type;
  uint64_t value;
} prim_parameter_t;
enum { PRIM_PARAMETER_ADDRESS = 1, PRIM_PARAMETER_NODE = 2, PRIM_PARAMETER_FLAGS = 5 };
void* prim_virtual_alloc2(void* base, size_t size, DWORD type, prim_parameter_t* parameters,
                          ULONG count);

/* The result of a call as an error code, with the last error as it was before. */
MIM_INLINE int prim_result(bool is_done, DWORD saved) {
  const DWORD error = is_done ? 0 : GetLastError();
  SetLastError(saved);
  return is_done ? 0 : (error != 0 ? (int)error : ERROR_GEN_FAILURE);
}

#endif
