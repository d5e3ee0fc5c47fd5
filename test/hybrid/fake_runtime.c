/* fake_runtime.c - a DLL that exports what a C runtime does, for ARM64EC: no package has a real one
 * that could be had here. Nobody runs it; what counts is what compiler and linker make of
 * functions, exports and calls. Each function is another one, and the same for all its callers. */
#include <stddef.h>

#define MIM_REDIRECTED(name) \
  __declspec(dllexport) void* name(void* block, size_t size); \
  __attribute__((noinline, optnone)) void* name(void* block, size_t size) { \
    return (char*)block + size + __LINE__; \
  }
#include "redirect/functions.def"
#undef MIM_REDIRECTED

/* The runtime's own code allocates, too. */
__declspec(dllexport) void* _Getdays(void);
void* _Getdays(void) { return malloc(NULL, 100); }
