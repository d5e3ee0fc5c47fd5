/* modules.h - the modules of this process: what they import from another one can lead elsewhere. */
#ifndef MIM_WIN_REDIRECT_MODULES_H
#define MIM_WIN_REDIRECT_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a slot that holds `address` shall lead; 0: there it does lead. */
typedef uint64_t modules_lead_t(const void* arg, uint64_t address);

/* Changes the import slots of all modules that hold an address of the module at `base`; one that
 * cannot be written stays as it is.  The process has no other threads that load or unload. */
void modules_lead_imports(const uint8_t* base, modules_lead_t* lead, const void* arg);

#endif
