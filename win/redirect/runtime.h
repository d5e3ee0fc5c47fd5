/* runtime.h - a C runtime as it lies in memory: its functions, and how far each of them reaches. */
#ifndef MIM_WIN_REDIRECT_RUNTIME_H
#define MIM_WIN_REDIRECT_RUNTIME_H

#include "redirect/hybrid.h"

typedef struct runtime {
  const char* name;
  const uint8_t* base; /* NULL: the process has not loaded it */
  hybrid_t hybrid;
} runtime_t;

runtime_t runtime_find(const char* name);

/* Of the runtime's own code: not what it forwards to another DLL.  NULL: there is none. */
const uint8_t* runtime_function(const runtime_t* runtime, const char* name);

/* Whether a DLL like this one can redirect it: a process that is emulated has one for ARM64EC. */
bool runtime_is_served(const runtime_t* runtime);

/* What the planner has to know; false if the address lies in no code of the runtime. */
bool runtime_describe(const runtime_t* runtime, uint64_t address, redirect_function_t* function);

#endif
