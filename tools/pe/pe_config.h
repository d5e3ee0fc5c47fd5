/* pe_config.h - what the load configuration of an image says that matters for its imports.
 *
 * An ARM64EC image calls itself x64, an ARM64X one ARM64; both have hybrid metadata. The loader
 * changes an ARM64X image in memory when the process is an x64 one (dynamic relocations): what it
 * changes must not be moved, and what it puts in place of it is not ours.
 */
#ifndef MIM_TOOLS_PE_CONFIG_H
#define MIM_TOOLS_PE_CONFIG_H

#include "pe/pe_image.h"

typedef struct pe_config {
  bool is_hybrid;
  bool loads_from_system; /* DLLs beside the program are not found */
  uint32_t fixups_rva;    /* ARM64X: what the loader changes; 0 if nothing */
  uint32_t fixups_size;
} pe_config_t;

pe_status_t pe_config_read(const pe_image_t* image, pe_config_t* config);

/* Whether the loader changes any of [rva, rva + size). */
pe_status_t pe_config_find_fixup(const pe_image_t* image, const pe_config_t* config, uint32_t rva,
                                 uint32_t size, bool* is_changed);

/* "x86", "x64", "ARM64", "ARM64EC" or "ARM64X". */
const char* pe_config_machine_name(const pe_image_t* image, const pe_config_t* config);

#endif
