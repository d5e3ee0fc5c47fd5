/* pe_image.c - see pe_image.h. */
#include "pe/pe_image.h"

#include <string.h>

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"

static const char* const status_text[PE_STATUS_COUNT] = {
#define PE_STATUS(name, text) text,
  PE_STATUSES(PE_STATUS)
#undef PE_STATUS
};

const char* pe_status_text(pe_status_t status) {
  return (unsigned)status < PE_STATUS_COUNT ? status_text[status] : "";
}

/* -- Opening */

static pe_status_t open_signature(pe_image_t* image) {
  if (image->size < 2 || memcmp(image->bytes, "MZ", 2) != 0) { return PE_NOT_PE; }
  if (image->size < PE_DOS_SIZE) { return PE_TRUNCATED; }
  image->header = pe_get32(image->bytes + PE_DOS_NEW_HEADER);
  /* An old program for DOS has anything there. */
  if (image->header % 4 != 0 || image->header < 4) { return PE_NOT_PE; }
  if (!pe_fits(image->size, image->header, PE_FILE_SIZE)) { return PE_TRUNCATED; }
  return memcmp(image->bytes + image->header, "PE\0\0", 4) == 0 ? PE_OK : PE_NOT_PE;
}

static pe_status_t open_machine(pe_image_t* image, uint32_t machine) {
  switch (machine) {
    case PE_MACHINE_X86: image->is_64 = false; break;
    case PE_MACHINE_X64:
    case PE_MACHINE_ARM64: image->is_64 = true; break;
    default: return PE_BAD_MACHINE;
  }
  image->machine = (pe_machine_t)machine;
  return PE_OK;
}

static pe_status_t open_directories(pe_image_t* image, uint32_t optional_size) {
  const uint32_t start = image->is_64 ? PE_OPT_DIRECTORIES_64 : PE_OPT_DIRECTORIES_32;
  if (optional_size < start) { return PE_BAD_HEADER; }
  image->directories = image->optional + start;
  const uint32_t count = pe_get32(image->bytes + image->directories - 4);
  image->directory_count = count < PE_DIR_MAX ? count : PE_DIR_MAX;
  const bool has_room = optional_size - start >= image->directory_count * PE_DIR_SIZE;
  return has_room ? PE_OK : PE_BAD_HEADER;
}

static pe_status_t open_optional(pe_image_t* image) {
  const uint8_t* const header = image->bytes + image->header;
  const uint32_t size = pe_get16(header + PE_FILE_OPTIONAL_SIZE);
  image->optional = image->header + PE_FILE_SIZE;
  if (!pe_fits(image->size, image->optional, size)) { return PE_TRUNCATED; }
  const uint8_t* const optional = image->bytes + image->optional;
  const uint32_t magic = image->is_64 ? PE_MAGIC_64 : PE_MAGIC_32;
  if (size < 2 || pe_get16(optional) != magic) { return PE_BAD_HEADER; }
  const pe_status_t status = open_directories(image, size);
  if (status != PE_OK) { return status; }
  image->section_alignment = pe_get32(optional + PE_OPT_SECTION_ALIGNMENT);
  image->file_alignment = pe_get32(optional + PE_OPT_FILE_ALIGNMENT);
  image->image_size = pe_get32(optional + PE_OPT_IMAGE_SIZE);
  image->headers_size = pe_get32(optional + PE_OPT_HEADERS_SIZE);
  image->base = image->is_64 ? pe_get64(optional + PE_OPT_IMAGE_BASE_64)
                             : pe_get32(optional + PE_OPT_IMAGE_BASE_32);
  image->sections = image->optional + size;
  return PE_OK;
}

static pe_status_t check_alignment(const pe_image_t* image) {
  if (!pe_is_power_of_two(image->section_alignment) || !pe_is_power_of_two(image->file_alignment) ||
      image->file_alignment > image->section_alignment) {
    return PE_BAD_HEADER;
  }
  const bool is_mapped_by_pages =
    image->section_alignment >= PE_OS_PAGE_SIZE && image->file_alignment >= PE_SECTOR_SIZE;
  return is_mapped_by_pages ? PE_OK : PE_BAD_ALIGNMENT;
}

/* `end` is where the sections before it end in memory. */
static pe_status_t check_section(const pe_image_t* image, uint32_t index, uint64_t* end) {
  const pe_section_t section = pe_image_section(image, index);
  if (section.rva % image->section_alignment != 0 || section.rva < *end) { return PE_BAD_SECTION; }
  *end = pe_align_up((uint64_t)section.rva + section.extent, image->section_alignment);
  if (*end > image->image_size) { return PE_BAD_SECTION; }
  if (section.raw_size == 0) { return PE_OK; }
  if (!pe_fits(image->size, section.raw, section.raw_size)) { return PE_TRUNCATED; }
  return section.raw % PE_SECTOR_SIZE == 0 ? PE_OK : PE_BAD_SECTION;
}

static pe_status_t check_sections(pe_image_t* image) {
  const uint64_t table = (uint64_t)image->section_count * PE_SECTION_SIZE;
  if (image->section_count == 0 || image->section_count > PE_SECTION_MAX) { return PE_BAD_SECTION; }
  if (!pe_fits(image->size, 0, image->headers_size)) { return PE_TRUNCATED; }
  if (!pe_fits(image->headers_size, image->sections, table)) { return PE_BAD_HEADER; }
  uint64_t end = image->headers_size;
  for (uint32_t i = 0; i < image->section_count; i++) {
    const pe_status_t status = check_section(image, i, &end);
    if (status != PE_OK) { return status; }
  }
  return PE_OK;
}

pe_status_t pe_image_open(pe_image_t* image, const uint8_t* bytes, size_t size) {
  *image = (pe_image_t){.bytes = bytes, .size = size};
  pe_status_t status = open_signature(image);
  if (status != PE_OK) { return status; }
  const uint8_t* const header = bytes + image->header;
  image->section_count = pe_get16(header + PE_FILE_SECTION_COUNT);
  status = open_machine(image, pe_get16(header + PE_FILE_MACHINE));
  if (status == PE_OK) { status = open_optional(image); }
  if (status == PE_OK) { status = check_alignment(image); }
  return status == PE_OK ? check_sections(image) : status;
}

/* -- Reading */

bool pe_image_is_dll(const pe_image_t* image) {
  return (pe_get16(image->bytes + image->header + PE_FILE_FLAGS) & PE_FLAG_DLL) != 0;
}

uint16_t pe_image_dll_flags(const pe_image_t* image) {
  return pe_get16(image->bytes + image->optional + PE_OPT_DLL_FLAGS);
}

pe_directory_t pe_image_directory(const pe_image_t* image, uint32_t index) {
  if (index >= image->directory_count) { return (pe_directory_t){0, 0}; }
  const uint8_t* const entry = image->bytes + image->directories + (size_t)index * PE_DIR_SIZE;
  return (pe_directory_t){.rva = pe_get32(entry), .size = pe_get32(entry + 4)};
}

pe_section_t pe_image_section(const pe_image_t* image, uint32_t index) {
  const uint8_t* const entry = image->bytes + image->sections + (size_t)index * PE_SECTION_SIZE;
  const uint32_t raw_size = pe_get32(entry + PE_SECTION_RAW_SIZE);
  const uint32_t virtual_size = pe_get32(entry + PE_SECTION_VIRTUAL_SIZE);
  return (pe_section_t){
    .name = entry,
    .rva = pe_get32(entry + PE_SECTION_RVA),
    .extent = virtual_size != 0 ? virtual_size : raw_size,
    .raw = pe_get32(entry + PE_SECTION_RAW),
    .raw_size = raw_size,
    .flags = pe_get32(entry + PE_SECTION_FLAGS),
  };
}

/* What of a section is mapped from the file: whole pages, but no more of them than it has in
 * memory. */
static uint32_t section_mapped_size(const pe_section_t* section) {
  const uint64_t extent = pe_align_up(section->extent, PE_OS_PAGE_SIZE);
  return extent < section->raw_size ? (uint32_t)extent : section->raw_size;
}

uint32_t pe_image_section_of(const pe_image_t* image, uint32_t rva) {
  uint32_t index = 0;
  for (; index < image->section_count; index++) {
    const pe_section_t section = pe_image_section(image, index);
    if (rva >= section.rva && rva - section.rva < section.extent) { break; }
  }
  return index;
}

/* The bytes from `rva` to the end of the mapped part of its section; their count in `size`. */
static const uint8_t* bytes_from(const pe_image_t* image, uint32_t rva, uint32_t* size) {
  *size = image->headers_size;
  if (rva < *size) {
    *size -= rva;
    return image->bytes + rva;
  }
  for (uint32_t i = 0; i < image->section_count; i++) {
    const pe_section_t section = pe_image_section(image, i);
    const uint32_t mapped_size = section_mapped_size(&section);
    if (rva >= section.rva && rva - section.rva < mapped_size) {
      *size = mapped_size - (rva - section.rva);
      return image->bytes + section.raw + (rva - section.rva);
    }
  }
  return NULL;
}

const uint8_t* pe_image_at(const pe_image_t* image, uint32_t rva, uint32_t size) {
  uint32_t size_there;
  const uint8_t* const bytes = bytes_from(image, rva, &size_there);
  return bytes != NULL && size <= size_there ? bytes : NULL;
}

const char* pe_image_string(const pe_image_t* image, uint32_t rva) {
  uint32_t size;
  const uint8_t* const bytes = bytes_from(image, rva, &size);
  if (bytes == NULL) { return NULL; }
  const uint32_t limit = size < PE_NAME_MAX + 1 ? size : PE_NAME_MAX + 1;
  return memchr(bytes, 0, limit) != NULL ? (const char*)bytes : NULL;
}

uint32_t pe_image_sections_end(const pe_image_t* image) {
  uint32_t end = image->headers_size;
  for (uint32_t i = 0; i < image->section_count; i++) {
    const pe_section_t section = pe_image_section(image, i);
    if (section.raw_size != 0 && section.raw + section.raw_size > end) {
      end = section.raw + section.raw_size;
    }
  }
  return end;
}
