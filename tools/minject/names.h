/* names.h - the naming rules of the Windows files, written once: which DLL, which companion, which
 * C runtime, which functions. */
#ifndef MIM_TOOLS_MINJECT_NAMES_H
#define MIM_TOOLS_MINJECT_NAMES_H

#include <stdbool.h>

typedef enum runtime {
  RUNTIME_NONE,
  RUNTIME_UCRT,       /* ucrtbase.dll, by itself or by its API sets */
  RUNTIME_UCRT_DEBUG, /* ucrtbased.dll */
  RUNTIME_MSVCRT,     /* msvcrt.dll, redirected on request */
  RUNTIME_OLD,        /* msvcr70.dll to msvcr120.dll, never redirected */
} runtime_t;

/* The allocator's DLL, and its second name; the DLL of debug programs. */
extern const char names_dll[];
extern const char names_dll_second[];
extern const char names_dll_debug[];

/* What the allocator's DLL exports, and an injected program imports of it. */
extern const char names_function[];

/* The redirection DLL for a program, by its machine and that of the allocator's DLL, both of
 * pe_config_machine_name: in a process for x64 on Windows for ARM64 these differ. */
const char* names_companion(const char* machine, const char* dll_machine);

runtime_t names_runtime(const char* dll);
const char* names_runtime_text(runtime_t runtime);

/* Whether redirection replaces the function of that name. */
bool names_is_heap_function(const char* function);

/* API sets are names for parts of the system, not files. */
bool names_is_api_set(const char* dll);

#endif
