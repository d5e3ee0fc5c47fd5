/* pe_inject.c - see pe_inject.h. */
#include "pe/pe_inject.h"

#include <string.h>

#include "pe/pe_bytes.h"
#include "pe/pe_config.h"
#include "pe/pe_format.h"
#include "pe/pe_imports.h"

static const char section_name[PE_SECTION_NAME_SIZE + 1] = ".minject";

/* The record at the start of the section; the headers as they were follow it. */
enum {
  RECORD_MAGIC = 0,
  RECORD_VERSION = 8,
  RECORD_HEADERS_SIZE = 12,
  RECORD_KEPT_SIZE = 16,
  RECORD_IMPORTS_AT = 20,
  RECORD_SIZE = 32,
  RECORD_VERSION_NOW = 1,
};

static const uint8_t record_magic[8] = {'m', 'i', 'm', '-', 'u', 'n', 'd', 'o'};

enum { NAME_MAX_SIZE = 256 };

/* -- The record */

/* The record that the last section begins with; NULL if it is not one of ours. */
static const uint8_t* find_record(const pe_image_t* image, pe_section_t* section) {
  *section = pe_image_section(image, image->section_count - 1);
  if (memcmp(section->name, section_name, PE_SECTION_NAME_SIZE) != 0) { return NULL; }
  const uint8_t* const record = pe_image_at(image, section->rva, RECORD_SIZE);
  const bool is_ours = record != NULL && memcmp(record, record_magic, 8) == 0;
  return is_ours ? record : NULL;
}

bool pe_is_injected(const pe_image_t* image) {
  for (uint32_t i = 0; i < image->section_count; i++) {
    const pe_section_t section = pe_image_section(image, i);
    if (memcmp(section.name, section_name, PE_SECTION_NAME_SIZE) == 0) { return true; }
  }
  return false;
}

/* -- Planning an addition */

/* How many bytes from the start of the file hold no section. */
static uint32_t headers_room(const pe_image_t* image) {
  uint32_t room = image->headers_size;
  for (uint32_t i = 0; i < image->section_count; i++) {
    const pe_section_t section = pe_image_section(image, i);
    if (section.raw_size != 0 && section.raw < room) { room = section.raw; }
  }
  return room;
}

/* Whether the bytes behind the section table are nobody's: zero, or part of the bound imports,
 * which are dropped. */
static bool is_slot_free(const pe_image_t* image, uint32_t slot) {
  const pe_directory_t bound = pe_image_directory(image, PE_DIR_BOUND_IMPORT);
  for (uint32_t i = slot; i < slot + PE_SECTION_SIZE; i++) {
    const bool is_bound = bound.rva <= i && i - bound.rva < bound.size;
    if (!is_bound && image->bytes[i] != 0) { return false; }
  }
  return true;
}

/* Room for a section header: behind the others, or, by moving all headers down over the DOS stub,
 * where the last of them was. */
static pe_status_t plan_header(pe_plan_t* plan, const pe_config_t* config) {
  const pe_image_t* const image = &plan->image;
  const uint32_t slot = image->sections + image->section_count * PE_SECTION_SIZE;
  const uint32_t room = headers_room(image);
  if (image->section_count == PE_SECTION_MAX || slot > room) { return PE_NO_ROOM; }
  if (room - slot >= PE_SECTION_SIZE && is_slot_free(image, slot)) { return PE_OK; }
  /* What the loader changes in the headers, it finds by their address. */
  const bool can_move = config->fixups_size == 0;
  if (!can_move || image->header < PE_DOS_SIZE + PE_SECTION_SIZE) { return PE_NO_ROOM; }
  plan->header_shift = (image->header - PE_DOS_SIZE) & ~7u;
  plan->notes |= PE_NOTE_MOVED;
  return plan->header_shift >= PE_SECTION_SIZE ? PE_OK : PE_NO_ROOM;
}

/* The signature goes if it is the end of the file; if not, it stays as bytes that nobody asks for,
 * and only the directory forgets it. */
static pe_status_t plan_kept(pe_plan_t* plan) {
  const pe_image_t* const image = &plan->image;
  const pe_directory_t certificate = pe_image_directory(image, PE_DIR_CERTIFICATE);
  const uint32_t sections_end = pe_image_sections_end(image);
  if (image->size > UINT32_MAX) { return PE_TOO_LARGE; }
  plan->kept_size = (uint32_t)image->size;
  if (certificate.rva != 0 && certificate.size != 0) {
    if (!pe_fits(image->size, certificate.rva, certificate.size)) { return PE_BAD_CERTIFICATE; }
    if (certificate.rva < sections_end) { return PE_BAD_CERTIFICATE; }
    if (image->size - certificate.rva - certificate.size < 8) { plan->kept_size = certificate.rva; }
    plan->notes |= PE_NOTE_SIGNATURE;
  }
  if (plan->kept_size > sections_end) { plan->notes |= PE_NOTE_APPENDED; }
  return PE_OK;
}

static pe_status_t plan_imports(pe_plan_t* plan, const pe_config_t* config) {
  const pe_image_t* const image = &plan->image;
  if (pe_image_directory(image, PE_DIR_BOUND_IMPORT).rva != 0) { plan->notes |= PE_NOTE_BOUND; }
  const pe_status_t status = pe_imports_count(image, &plan->import_count);
  if (status != PE_OK) { return status; }
  for (uint32_t i = 0; i < plan->import_count; i++) {
    const pe_import_t import = pe_imports_get(image, i);
    if (!import.is_bound) { continue; }
    if (!import.has_names) { return PE_BOUND_ONLY; }
    plan->notes |= PE_NOTE_BOUND;
  }
  bool is_entry_changed, is_table_changed;
  const uint32_t entry = image->directories + PE_DIR_IMPORT * PE_DIR_SIZE;
  const uint32_t table = pe_image_directory(image, PE_DIR_IMPORT).rva;
  const uint32_t table_size = (plan->import_count + 1) * PE_IMPORT_SIZE;
  if (pe_config_find_fixup(image, config, entry, PE_DIR_SIZE, &is_entry_changed) != PE_OK ||
      pe_config_find_fixup(image, config, table, table_size, &is_table_changed) != PE_OK) {
    return PE_BAD_CONFIG;
  }
  return is_entry_changed || is_table_changed ? PE_HYBRID_IMPORTS : PE_OK;
}

/* The loader makes the range of this directory writable while it fills the address tables, and
 * without one the section of the import table. That section is ours from now on: name the one it
 * would have taken. */
static void plan_address_tables(pe_plan_t* plan) {
  const pe_image_t* const image = &plan->image;
  const pe_directory_t imports = pe_image_directory(image, PE_DIR_IMPORT);
  if (image->directory_count <= PE_DIR_IAT || plan->import_count == 0) { return; }
  if (pe_image_directory(image, PE_DIR_IAT).rva != 0) { return; }
  const uint32_t index = pe_image_section_of(image, imports.rva);
  if (index == image->section_count) { return; }
  const pe_section_t section = pe_image_section(image, index);
  if ((section.flags & PE_SECTION_WRITE) != 0) { return; }
  plan->address_tables = (pe_directory_t){.rva = section.rva, .size = section.extent};
}

/* Sizes of what our entry leads to: a lookup table and an address table of one function, the
 * function's hint and name, the name of the DLL. */
static uint32_t thunks_size(const pe_image_t* image) { return image->is_64 ? 32 : 16; }

static uint32_t function_size(const pe_plan_t* plan) {
  return (uint32_t)pe_align_up(2 + strlen(plan->function) + 1, 2);
}

static pe_status_t plan_section(pe_plan_t* plan) {
  const pe_image_t* const image = &plan->image;
  const uint32_t index = image->section_count - 1;
  const pe_section_t last = pe_image_section(image, index);
  const uint64_t raw = pe_align_up(plan->kept_size, image->file_alignment);
  const uint64_t end = (uint64_t)last.rva + last.extent;
  const uint64_t rva = pe_align_up(end, image->section_alignment);
  plan->imports_at = (uint32_t)pe_align_up(RECORD_SIZE + (uint64_t)image->headers_size, 8);
  const uint64_t table_size = (uint64_t)(plan->import_count + 2) * PE_IMPORT_SIZE;
  plan->lookup_at = (uint32_t)pe_align_up(plan->imports_at + table_size, 8);
  plan->section_size =
    plan->lookup_at + thunks_size(image) + function_size(plan) + (uint32_t)strlen(plan->dll) + 1;
  const uint64_t raw_end = raw + pe_align_up(plan->section_size, image->file_alignment);
  /* Images of more than 2 GiB cannot be loaded. */
  if (raw_end > INT32_MAX || rva + plan->section_size > INT32_MAX) { return PE_TOO_LARGE; }
  plan->section_raw = (uint32_t)raw;
  plan->section_rva = (uint32_t)rva;
  plan->output_size = (size_t)raw_end;
  return PE_OK;
}

static pe_status_t check_kind(const pe_plan_t* plan) {
  const size_t dll_length = strlen(plan->dll), function_length = strlen(plan->function);
  if (dll_length == 0 || function_length == 0) { return PE_BAD_NAME; }
  if (dll_length >= NAME_MAX_SIZE || function_length >= NAME_MAX_SIZE) { return PE_BAD_NAME; }
  if (pe_is_injected(&plan->image)) { return PE_INJECTED; }
  if (pe_image_directory(&plan->image, PE_DIR_CLR).rva != 0) { return PE_MANAGED; }
  return plan->image.directory_count > PE_DIR_IMPORT ? PE_OK : PE_BAD_HEADER;
}

pe_status_t pe_plan_add(pe_plan_t* plan, const pe_image_t* image, const char* dll,
                        const char* function) {
  *plan = (pe_plan_t){.image = *image, .dll = dll, .function = function};
  pe_config_t config;
  pe_status_t status = check_kind(plan);
  if (status == PE_OK) { status = pe_config_read(image, &config); }
  if (status == PE_OK) { status = plan_imports(plan, &config); }
  if (status == PE_OK) { status = plan_kept(plan); }
  if (status == PE_OK) { status = plan_header(plan, &config); }
  if (status != PE_OK) { return status; }
  if ((pe_image_dll_flags(image) & PE_DLL_FORCE_INTEGRITY) != 0) {
    plan->notes |= PE_NOTE_INTEGRITY;
  }
  plan_address_tables(plan);
  return plan_section(plan);
}

/* -- Planning a removal */

pe_status_t pe_plan_remove(pe_plan_t* plan, const pe_image_t* image) {
  *plan = (pe_plan_t){.image = *image};
  if (!pe_is_injected(image)) { return PE_NOT_INJECTED; }
  pe_section_t section;
  const uint8_t* const record = find_record(image, &section);
  if (record == NULL || pe_get32(record + RECORD_VERSION) != RECORD_VERSION_NOW) {
    return PE_BAD_RECORD;
  }
  plan->kept_size = pe_get32(record + RECORD_KEPT_SIZE);
  plan->output_size = plan->kept_size;
  const uint64_t imports = (uint64_t)section.rva + pe_get32(record + RECORD_IMPORTS_AT);
  const bool is_intact =
    pe_get32(record + RECORD_HEADERS_SIZE) == image->headers_size &&
    pe_image_at(image, section.rva, RECORD_SIZE + image->headers_size) != NULL &&
    plan->kept_size >= image->headers_size && plan->kept_size <= section.raw &&
    section.raw - plan->kept_size < image->file_alignment &&
    section.raw + section.raw_size == image->size &&
    pe_image_directory(image, PE_DIR_IMPORT).rva == imports;
  return is_intact ? PE_OK : PE_BAD_RECORD;
}

/* -- Writing */

static void put_directory(uint8_t* output, const pe_image_t* image, uint32_t index,
                          pe_directory_t directory) {
  if (index >= image->directory_count) { return; }
  uint8_t* const entry = output + image->directories + (size_t)index * PE_DIR_SIZE;
  pe_put32(entry, directory.rva);
  pe_put32(entry + 4, directory.size);
}

/* The sum that the field CheckSum wants: of all words but its own, with the carry added. */
static uint32_t checksum(const uint8_t* bytes, size_t size, size_t field) {
  uint32_t sum = 0;
  for (size_t i = 0; i < size; i += 2) {
    const bool is_field = i >= field && i < field + 4;
    const uint32_t word = i + 1 < size ? pe_get16(bytes + i) : bytes[i];
    sum += is_field ? 0 : word;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return sum + (uint32_t)size;
}

/* Only where the linker has put one: the loader asks for it in drivers only. */
static void update_checksum(uint8_t* output, size_t size, uint32_t optional) {
  uint8_t* const field = output + optional + PE_OPT_CHECKSUM;
  if (pe_get32(field) != 0) { pe_put32(field, checksum(output, size, optional + PE_OPT_CHECKSUM)); }
}

/* The input without its signature: what removal shall give back. */
static void write_kept(const pe_plan_t* plan, uint8_t* output) {
  const pe_image_t* const image = &plan->image;
  memcpy(output, image->bytes, plan->kept_size);
  memset(output + plan->kept_size, 0, plan->output_size - plan->kept_size);
  if ((plan->notes & PE_NOTE_SIGNATURE) == 0) { return; }
  put_directory(output, image, PE_DIR_CERTIFICATE, (pe_directory_t){0, 0});
  update_checksum(output, plan->kept_size, image->optional);
}

static void write_record(const pe_plan_t* plan, uint8_t* output) {
  uint8_t* const record = output + plan->section_raw;
  memcpy(record + RECORD_MAGIC, record_magic, 8);
  pe_put32(record + RECORD_VERSION, RECORD_VERSION_NOW);
  pe_put32(record + RECORD_HEADERS_SIZE, plan->image.headers_size);
  pe_put32(record + RECORD_KEPT_SIZE, plan->kept_size);
  pe_put32(record + RECORD_IMPORTS_AT, plan->imports_at);
  memcpy(record + RECORD_SIZE, output, plan->image.headers_size);
}

static void put_thunk(const pe_plan_t* plan, uint8_t* place, uint32_t rva) {
  if (plan->image.is_64) {
    pe_put64(place, rva);
  } else {
    pe_put32(place, rva);
  }
}

static void write_imports(const pe_plan_t* plan, uint8_t* output) {
  uint8_t* const section = output + plan->section_raw;
  uint8_t* const table = section + plan->imports_at;
  const uint32_t lookup = plan->section_rva + plan->lookup_at;
  const uint32_t addresses = lookup + thunks_size(&plan->image) / 2;
  const uint32_t function = lookup + thunks_size(&plan->image);
  const uint32_t dll = function + function_size(plan);
  pe_put32(table + PE_IMPORT_LOOKUP, lookup);
  pe_put32(table + PE_IMPORT_NAME, dll);
  pe_put32(table + PE_IMPORT_ADDRESSES, addresses);
  for (uint32_t i = 0; i < plan->import_count; i++) {
    uint8_t* const entry = table + (size_t)(i + 1) * PE_IMPORT_SIZE;
    memcpy(entry, pe_imports_get(&plan->image, i).descriptor, PE_IMPORT_SIZE);
    pe_put32(entry + PE_IMPORT_TIME, 0);
    pe_put32(entry + PE_IMPORT_FORWARDER, 0);
  }
  uint8_t* const thunks = section + plan->lookup_at;
  put_thunk(plan, thunks, function);
  put_thunk(plan, thunks + thunks_size(&plan->image) / 2, function);
  memcpy(section + (function - plan->section_rva) + 2, plan->function, strlen(plan->function));
  memcpy(section + (dll - plan->section_rva), plan->dll, strlen(plan->dll));
}

static void write_section_header(const pe_plan_t* plan, uint8_t* output, uint8_t* header) {
  memset(header, 0, PE_SECTION_SIZE);
  memcpy(header, section_name, PE_SECTION_NAME_SIZE);
  pe_put32(header + PE_SECTION_VIRTUAL_SIZE, plan->section_size);
  pe_put32(header + PE_SECTION_RVA, plan->section_rva);
  pe_put32(header + PE_SECTION_RAW_SIZE, (uint32_t)(plan->output_size - plan->section_raw));
  pe_put32(header + PE_SECTION_RAW, plan->section_raw);
  pe_put32(header + PE_SECTION_FLAGS, PE_SECTION_INITIALIZED | PE_SECTION_READ | PE_SECTION_WRITE);
  uint8_t* const file_header = output + plan->image.header;
  pe_put16(file_header + PE_FILE_SECTION_COUNT, (uint16_t)(plan->image.section_count + 1));
}

/* Fields at the places that they have in the input; moving them comes last. */
static void write_headers(const pe_plan_t* plan, uint8_t* output) {
  const pe_image_t* const image = &plan->image;
  const uint32_t table_size = (plan->import_count + 2) * PE_IMPORT_SIZE;
  put_directory(output, image, PE_DIR_IMPORT,
                (pe_directory_t){plan->section_rva + plan->imports_at, table_size});
  put_directory(output, image, PE_DIR_BOUND_IMPORT, (pe_directory_t){0, 0});
  if (plan->address_tables.rva != 0) {
    put_directory(output, image, PE_DIR_IAT, plan->address_tables);
  }
  const uint64_t end = (uint64_t)plan->section_rva + plan->section_size;
  pe_put32(output + image->optional + PE_OPT_IMAGE_SIZE,
           (uint32_t)pe_align_up(end, image->section_alignment));
  const uint32_t headers_end = image->sections + image->section_count * PE_SECTION_SIZE;
  if (plan->header_shift != 0) {
    uint8_t slot[PE_SECTION_SIZE];
    write_section_header(plan, output, slot);
    const uint32_t to = image->header - plan->header_shift;
    memmove(output + to, output + image->header, headers_end - image->header);
    memset(output + headers_end - plan->header_shift, 0, plan->header_shift);
    memcpy(output + headers_end - plan->header_shift, slot, PE_SECTION_SIZE);
    pe_put32(output + PE_DOS_NEW_HEADER, to);
  } else {
    write_section_header(plan, output, output + headers_end);
  }
}

static pe_status_t write_addition(const pe_plan_t* plan, uint8_t* output) {
  write_kept(plan, output);
  write_record(plan, output);
  write_imports(plan, output);
  write_headers(plan, output);
  update_checksum(output, plan->output_size, plan->image.optional - plan->header_shift);
  pe_image_t image;
  uint32_t count;
  const pe_status_t status = pe_image_open(&image, output, plan->output_size);
  return status == PE_OK ? pe_imports_count(&image, &count) : status;
}

static pe_status_t write_removal(const pe_plan_t* plan, uint8_t* output) {
  pe_section_t section;
  const uint8_t* const record = find_record(&plan->image, &section);
  memcpy(output, plan->image.bytes, plan->output_size);
  memcpy(output, record + RECORD_SIZE, plan->image.headers_size);
  pe_image_t image;
  const pe_status_t status = pe_image_open(&image, output, plan->output_size);
  const bool is_before =
    status == PE_OK && image.section_count + 1 == plan->image.section_count &&
    memcmp(image.bytes + image.sections, plan->image.bytes + plan->image.sections,
           (size_t)image.section_count * PE_SECTION_SIZE) == 0;
  return is_before ? PE_OK : PE_BAD_RECORD;
}

pe_status_t pe_plan_write(const pe_plan_t* plan, uint8_t* output) {
  return plan->dll != NULL ? write_addition(plan, output) : write_removal(plan, output);
}
