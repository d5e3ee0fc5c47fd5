/* pe_imports.c - see pe_imports.h. */
#include "pe/pe_imports.h"

#include <string.h>

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"

/* The entry at `index`; NULL if it leads out of the file. */
static const uint8_t* descriptor_at(const pe_image_t* image, uint32_t index) {
  const uint64_t rva =
    (uint64_t)pe_image_directory(image, PE_DIR_IMPORT).rva + (uint64_t)index * PE_IMPORT_SIZE;
  return rva <= UINT32_MAX ? pe_image_at(image, (uint32_t)rva, PE_IMPORT_SIZE) : NULL;
}

/* Where the loader stops; it does not look at the size that the directory claims. */
static bool is_last(const uint8_t* descriptor) {
  return pe_get32(descriptor + PE_IMPORT_NAME) == 0 ||
         pe_get32(descriptor + PE_IMPORT_ADDRESSES) == 0;
}

/* Imports lie in sections. Headers are mapped too, but who changes headers would change them. */
static const uint8_t* section_at(const pe_image_t* image, uint64_t rva, uint32_t size) {
  const bool is_in_section = rva >= image->headers_size && rva <= UINT32_MAX;
  return is_in_section ? pe_image_at(image, (uint32_t)rva, size) : NULL;
}

static const char* section_string(const pe_image_t* image, uint64_t rva) {
  return section_at(image, rva, 1) != NULL ? pe_image_string(image, (uint32_t)rva) : NULL;
}

static bool is_valid(const pe_image_t* image, const uint8_t* descriptor) {
  const uint32_t word = image->is_64 ? 8 : 4;
  const char* const dll = section_string(image, pe_get32(descriptor + PE_IMPORT_NAME));
  const uint32_t lookup = pe_get32(descriptor + PE_IMPORT_LOOKUP);
  return dll != NULL && dll[0] != 0 &&
         section_at(image, pe_get32(descriptor + PE_IMPORT_ADDRESSES), word) != NULL &&
         (lookup == 0 || section_at(image, lookup, word) != NULL);
}

pe_status_t pe_imports_count(const pe_image_t* image, uint32_t* count) {
  *count = 0;
  if (pe_image_directory(image, PE_DIR_IMPORT).rva == 0) { return PE_OK; }
  for (;; (*count)++) {
    const uint8_t* const descriptor = descriptor_at(image, *count);
    if (descriptor == NULL) { return PE_BAD_IMPORTS; }
    if (is_last(descriptor)) { return PE_OK; }
    if (*count == PE_IMPORTS_MAX || !is_valid(image, descriptor)) { return PE_BAD_IMPORTS; }
  }
}

pe_import_t pe_imports_get(const pe_image_t* image, uint32_t index) {
  const uint8_t* const descriptor = descriptor_at(image, index);
  return (pe_import_t){
    .dll = pe_image_string(image, pe_get32(descriptor + PE_IMPORT_NAME)),
    .descriptor = descriptor,
    .is_bound = pe_get32(descriptor + PE_IMPORT_TIME) != 0,
    .has_names = pe_get32(descriptor + PE_IMPORT_LOOKUP) != 0,
  };
}

/* The entry of the lookup table at `index`, which holds the RVA of a hint and a name. */
static const uint8_t* lookup_at(const pe_image_t* image, const pe_import_t* import,
                                uint32_t index) {
  const uint32_t word = image->is_64 ? 8 : 4;
  const uint32_t field = import->has_names ? PE_IMPORT_LOOKUP : PE_IMPORT_ADDRESSES;
  const uint64_t rva = (uint64_t)pe_get32(import->descriptor + field) + (uint64_t)index * word;
  return section_at(image, rva, word);
}

pe_status_t pe_import_function(const pe_image_t* image, const pe_import_t* import, uint32_t index,
                               const char** name) {
  *name = NULL;
  /* Addresses of functions in place of their names. */
  if (import->is_bound && !import->has_names) { return PE_BOUND_ONLY; }
  const uint8_t* const entry = lookup_at(image, import, index);
  if (entry == NULL) { return PE_BAD_IMPORTS; }
  const uint64_t value = image->is_64 ? pe_get64(entry) : pe_get32(entry);
  if (value == 0) { return PE_OK; }
  if (index == PE_IMPORT_FUNCTIONS_MAX) { return PE_BAD_IMPORTS; }
  if (value >> (image->is_64 ? 63 : 31) != 0) {
    *name = "";
    return PE_OK;
  }
  *name = section_string(image, value + 2);
  return *name != NULL ? PE_OK : PE_BAD_IMPORTS;
}

/* -- Exports */

/* An array of the export directory; NULL unless it lies in the file as a whole. */
static const uint8_t* export_array(const pe_image_t* image, const uint8_t* exports, uint32_t field,
                                   uint32_t count, uint32_t element_size) {
  if (count > UINT32_MAX / element_size) { return NULL; }
  return pe_image_at(image, pe_get32(exports + field), count * element_size);
}

/* The index of the name among the exported ones, or `count`. */
static pe_status_t export_index(const pe_image_t* image, const uint8_t* names, uint32_t count,
                                const char* name, uint32_t* index) {
  for (*index = 0; *index < count; (*index)++) {
    const char* const other = pe_image_string(image, pe_get32(names + (size_t)*index * 4));
    if (other == NULL) { return PE_BAD_EXPORTS; }
    if (strcmp(other, name) == 0) { return PE_OK; }
  }
  return PE_NOT_FOUND;
}

pe_status_t pe_export_find(const pe_image_t* image, const char* name, uint32_t* rva) {
  const pe_directory_t directory = pe_image_directory(image, PE_DIR_EXPORT);
  if (directory.rva == 0) { return PE_NOT_FOUND; }
  const uint8_t* const exports = pe_image_at(image, directory.rva, PE_EXPORT_SIZE);
  if (exports == NULL) { return PE_BAD_EXPORTS; }
  const uint32_t name_count = pe_get32(exports + PE_EXPORT_NAME_COUNT);
  const uint32_t address_count = pe_get32(exports + PE_EXPORT_ADDRESS_COUNT);
  if (name_count == 0) { return PE_NOT_FOUND; }
  const uint8_t* const names = export_array(image, exports, PE_EXPORT_NAMES, name_count, 4);
  const uint8_t* const ordinals = export_array(image, exports, PE_EXPORT_ORDINALS, name_count, 2);
  const uint8_t* const addresses =
    export_array(image, exports, PE_EXPORT_ADDRESSES, address_count, 4);
  if (names == NULL || ordinals == NULL || addresses == NULL) { return PE_BAD_EXPORTS; }
  uint32_t index;
  const pe_status_t status = export_index(image, names, name_count, name, &index);
  if (status != PE_OK) { return status; }
  const uint32_t ordinal = pe_get16(ordinals + (size_t)index * 2);
  if (ordinal >= address_count) { return PE_BAD_EXPORTS; }
  if (rva != NULL) { *rva = pe_get32(addresses + (size_t)ordinal * 4); }
  return PE_OK;
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

bool pe_names_equal(const char* a, const char* b) {
  for (; lower(*a) == lower(*b); a++, b++) {
    if (*a == 0) { return true; }
  }
  return false;
}
