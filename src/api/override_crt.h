/* override_crt.h - the functions of Microsoft's C runtime: what redirection puts in their place. */
#ifndef MIM_API_OVERRIDE_CRT_H
#define MIM_API_OVERRIDE_CRT_H

#include "api/redirect.h"

extern const mim_redirect_function_t mim_crt_functions[];
extern const size_t mim_crt_function_count;

#endif
