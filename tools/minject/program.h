/* program.h - a program or DLL that was read and understood, and the allocator's DLL beside it. */
#ifndef MIM_TOOLS_MINJECT_PROGRAM_H
#define MIM_TOOLS_MINJECT_PROGRAM_H

#include "minject/files.h"
#include "pe/pe_config.h"

typedef struct program {
  const char* path;
  file_bytes_t file;
  pe_image_t image;
  pe_config_t config;
  const char* machine; /* its name, for people */
  uint32_t import_count;
} program_t;

/* Says what is wrong, and returns false. */
bool program_open(program_t* program, const char* path);
void program_close(program_t* program);

/* Prints "minject: <path>: <sentence>" with the arguments of printf; lines of one program. */
__attribute__((format(printf, 2, 3))) void program_complain(const char* path, const char* format,
                                                            ...);

typedef enum dll_state {
  DLL_FITS,
  DLL_MISSING,
  DLL_UNREADABLE,
  DLL_OTHER_MACHINE,
  DLL_NO_FUNCTION,
} dll_state_t;

/* The DLL of that name in the folder of `path`. `function` may be NULL: any will do. Sets `machine`
 * (may be NULL) to what the DLL was built for, if it could be read. */
dll_state_t program_find_dll(const program_t* program, const char* path, const char* dll,
                             const char* function, const char** machine);

/* What a user should read after "<dll> ..."; "" for one that fits. */
const char* dll_state_text(dll_state_t state);

#endif
