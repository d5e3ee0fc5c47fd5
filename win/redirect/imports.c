/* imports.c - see imports.h. */
#include "redirect/imports.h"

#include <string.h>

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"

enum { MAGIC_SIZE = 2, DIRECTORY_COUNT_SIZE = 4 };

/* Where the optional header is, of which `size` bytes can be read; 0: this is no image. */
static uint32_t optional_header(const uint8_t* image, size_t readable, uint32_t size) {
  if (readable < PE_DOS_SIZE || memcmp(image, "MZ", 2) != 0) { return 0; }
  const uint32_t header = pe_get32(image + PE_DOS_NEW_HEADER);
  if (!pe_fits(readable, header, PE_FILE_SIZE + size)) { return 0; }
  return memcmp(image + header, "PE\0\0", 4) == 0 ? header + PE_FILE_SIZE : 0;
}

uint32_t imports_image_size(const uint8_t* image, size_t readable) {
  const uint32_t header = optional_header(image, readable, PE_OPT_HEADERS_SIZE);
  return header == 0 ? 0 : pe_get32(image + header + PE_OPT_IMAGE_SIZE);
}

/* Of the import directory; 0: there is none. */
static uint32_t first_descriptor(const uint8_t* image, uint32_t size, uint32_t header, bool is_64) {
  const uint32_t directories = header + (is_64 ? PE_OPT_DIRECTORIES_64 : PE_OPT_DIRECTORIES_32);
  const uint32_t entry = directories + PE_DIR_IMPORT * PE_DIR_SIZE;
  if (!pe_fits(size, entry, PE_DIR_SIZE)) { return 0; }
  const uint32_t count = pe_get32(image + directories - DIRECTORY_COUNT_SIZE);
  return count > PE_DIR_IMPORT ? pe_get32(image + entry) : 0;
}

imports_t imports_open(const uint8_t* image, uint32_t size) {
  const uint32_t header = optional_header(image, size, MAGIC_SIZE);
  const bool is_64 = header != 0 && pe_get16(image + header) == PE_MAGIC_64;
  return (imports_t){
    .image = image,
    .size = size,
    .slot_size = is_64 ? 8 : 4,
    .descriptor = header == 0 ? 0 : first_descriptor(image, size, header, is_64),
  };
}

/* The first slot of the next DLL; false: there is none. */
static bool next_dll(imports_t* imports) {
  if (imports->descriptor == 0 || !pe_fits(imports->size, imports->descriptor, PE_IMPORT_SIZE)) {
    return false;
  }
  imports->slot = pe_get32(imports->image + imports->descriptor + PE_IMPORT_ADDRESSES);
  imports->descriptor += PE_IMPORT_SIZE;
  return imports->slot != 0;
}

static uint64_t address_at(const imports_t* imports, uint32_t slot) {
  if (!pe_fits(imports->size, slot, imports->slot_size) || slot % imports->slot_size != 0) {
    return 0;
  }
  const uint8_t* const at = imports->image + slot;
  return imports->slot_size == 8 ? pe_get64(at) : pe_get32(at);
}

uint32_t imports_next(imports_t* imports, uint64_t* address) {
  while (imports->slot != 0 || next_dll(imports)) {
    const uint32_t slot = imports->slot;
    *address = address_at(imports, slot);
    imports->slot = *address == 0 ? 0 : slot + imports->slot_size;
    if (*address != 0) { return slot; }
  }
  return 0;
}
