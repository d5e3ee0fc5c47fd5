/* imports.h - the import tables of a module as it lies in memory: the slots through which it calls
 * functions of other modules.
 *
 *   directory ---> descriptor of a DLL ---> slots: an address each, 0 behind the last
 *
 * Pure, as plan.h, and trusts nothing: a program that has unpacked itself may have anything there.
 */
#ifndef MIM_WIN_REDIRECT_IMPORTS_H
#define MIM_WIN_REDIRECT_IMPORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct imports {
  const uint8_t* image;
  uint32_t size;       /* of the image */
  uint32_t slot_size;  /* 4 or 8 */
  uint32_t descriptor; /* the next one */
  uint32_t slot;       /* the next one of the DLL before; 0: there is none */
} imports_t;

/* How large the image says it is, by its headers, of which `readable` bytes can be read; 0: it has
 * none. */
uint32_t imports_image_size(const uint8_t* image, size_t readable);

/* `size` as above: so many bytes can be read.  Without imports there are no slots. */
imports_t imports_open(const uint8_t* image, uint32_t size);

/* The next slot that holds an address: where it lies in the image, and *address; 0: there is none.
 * Slots are aligned to their size; others are left out. */
uint32_t imports_next(imports_t* imports, uint64_t* address);

#endif
