/* pe_imports.h - what an image imports, and whether it exports a function. */
#ifndef MIM_TOOLS_PE_IMPORTS_H
#define MIM_TOOLS_PE_IMPORTS_H

#include "pe/pe_image.h"

/* A table that is longer is damaged: no linker makes such, and reading it could take hours. */
enum { PE_IMPORTS_MAX = 4096, PE_IMPORT_FUNCTIONS_MAX = 65536 };

/* One DLL of the import table. */
typedef struct pe_import {
  const char* dll;
  const uint8_t* descriptor; /* its entry in the table, as pe_format.h describes it */
  bool is_bound;             /* the address table was filled when it was linked */
  bool has_names;            /* apart from the address table */
} pe_import_t;

/* How many DLLs are imported; checks all entries, so that those below cannot fail. */
pe_status_t pe_imports_count(const pe_image_t* image, uint32_t* count);

/* `index` is below the count. The order is that in which the loader initializes them. */
pe_import_t pe_imports_get(const pe_image_t* image, uint32_t index);

/* The name of the function at `index` of an import; NULL behind the last one. One that is imported
 * by its number has the name "". PE_BAD_IMPORTS if the table leads out of the file. */
pe_status_t pe_import_function(const pe_image_t* image, const pe_import_t* import, uint32_t index,
                               const char** name);

/* PE_OK, PE_NOT_FOUND, or PE_BAD_EXPORTS; `rva` (may be NULL) is where it begins. */
pe_status_t pe_export_find(const pe_image_t* image, const char* name, uint32_t* rva);

/* Names of DLLs differ by letters only: the case of a to z does not count. */
bool pe_names_equal(const char* a, const char* b);

#endif
