/* override_crt.h - the functions of Microsoft's C runtime: what takes their place, in memory by
 * redirection (the DLL), or by name in a program that links the allocator. */
#ifndef MIM_API_OVERRIDE_CRT_H
#define MIM_API_OVERRIDE_CRT_H

#include "api/redirect.h"
#include "base/config.h"

#if defined(MI_SHARED_LIB_EXPORT)
#define MIM_REPLACES_CRT MIM_WIN_REDIRECT
#else
#define MIM_REPLACES_CRT MI_OVERRIDE
#endif

extern const mim_redirect_function_t mim_crt_functions[];
extern const size_t mim_crt_function_count;

/* Whether all of them are: until then, new blocks are the runtime's own. */
bool mim_crt_is_replaced(void);

/* What a function was at that place. */
mim_redirect_code_t* mim_crt_original(mim_redirect_code_t** originals, size_t place);

#endif
