/* pe_model.c - see pe_model.h. */
#include "test/pe/pe_model.h"

#include <string.h>

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"
#include "pe/pe_image.h"

enum { HEADERS_SIZE = 0x400, TEXT_SIZE = 0x200 };

/* Where the next thing of the data section goes. */
typedef struct writer {
  const pe_model_t* model;
  uint8_t* bytes;
  uint8_t* data; /* the data section in the file */
  uint32_t used;
  uint32_t optional;
  uint32_t directories;
} writer_t;

static bool is_64(const pe_model_t* model) { return model->machine != PE_MACHINE_X86; }

static uint32_t take(writer_t* writer, uint32_t size) {
  const uint32_t at = (writer->used + 7) & ~7u;
  writer->used = at + size;
  return at;
}

static uint32_t put_text(writer_t* writer, uint32_t skipped, const char* text) {
  const uint32_t at = take(writer, skipped + (uint32_t)strlen(text) + 1);
  memcpy(writer->data + at + skipped, text, strlen(text));
  return MODEL_DATA_RVA + at;
}

static void put_directory(writer_t* writer, uint32_t index, uint32_t rva, uint32_t size) {
  uint8_t* const entry = writer->bytes + writer->directories + index * PE_DIR_SIZE;
  pe_put32(entry, rva);
  pe_put32(entry + 4, size);
}

static void put_word(const writer_t* writer, uint8_t* place, uint64_t value) {
  if (is_64(writer->model)) {
    pe_put64(place, value);
  } else {
    pe_put32(place, (uint32_t)value);
  }
}

/* A table of two functions: one by name, one by number. */
static uint32_t put_thunks(writer_t* writer, uint32_t function) {
  const uint32_t word = is_64(writer->model) ? 8 : 4;
  const uint32_t at = take(writer, 3 * word);
  put_word(writer, writer->data + at, function);
  put_word(writer, writer->data + at + word, (uint64_t)1 << (word * 8 - 1) | 7);
  return MODEL_DATA_RVA + at;
}

static void put_imports(writer_t* writer) {
  const pe_model_t* const model = writer->model;
  uint32_t count = 0;
  while (model->dlls[count] != NULL) { count++; }
  if (count == 0) { return; }
  const uint32_t table = take(writer, (count + 1) * PE_IMPORT_SIZE);
  const uint32_t addresses = writer->used;
  for (uint32_t i = 0; i < count; i++) {
    uint8_t* const entry = writer->data + table + (size_t)i * PE_IMPORT_SIZE;
    const uint32_t function = put_text(writer, 2, "malloc");
    if (model->has_lookup) { pe_put32(entry + PE_IMPORT_LOOKUP, put_thunks(writer, function)); }
    pe_put32(entry + PE_IMPORT_TIME, model->is_bound ? UINT32_MAX : 0);
    pe_put32(entry + PE_IMPORT_NAME, put_text(writer, 0, model->dlls[i]));
    pe_put32(entry + PE_IMPORT_ADDRESSES, put_thunks(writer, function));
  }
  put_directory(writer, PE_DIR_IMPORT, MODEL_DATA_RVA + table, (count + 1) * PE_IMPORT_SIZE);
  if (model->has_iat) {
    put_directory(writer, PE_DIR_IAT, MODEL_DATA_RVA + addresses, writer->used - addresses);
  }
}

static void put_exports(writer_t* writer) {
  const uint32_t table = take(writer, PE_EXPORT_SIZE);
  uint8_t* const exports = writer->data + table;
  const uint32_t arrays = take(writer, 10);
  pe_put32(writer->data + arrays, writer->model->exported_rva);
  pe_put32(writer->data + arrays + 4, put_text(writer, 0, "mi_version"));
  pe_put32(exports + PE_EXPORT_ADDRESS_COUNT, 1);
  pe_put32(exports + PE_EXPORT_NAME_COUNT, 1);
  pe_put32(exports + PE_EXPORT_ADDRESSES, MODEL_DATA_RVA + arrays);
  pe_put32(exports + PE_EXPORT_NAMES, MODEL_DATA_RVA + arrays + 4);
  pe_put32(exports + PE_EXPORT_ORDINALS, MODEL_DATA_RVA + arrays + 8);
  put_directory(writer, PE_DIR_EXPORT, MODEL_DATA_RVA + table, PE_EXPORT_SIZE);
}

/* A list of another kind, then that of ARM64X, with one block of one value of four bytes. */
static void put_fixups(writer_t* writer, uint8_t* config) {
  enum { LENGTH = PE_DYNAMIC_HEADER_SIZE + 2 * PE_DYNAMIC_ENTRY_SIZE_64 + 4 + 16 };
  const uint32_t at = take(writer, LENGTH);
  uint8_t* const table = writer->data + at;
  pe_put32(table, 1);
  pe_put32(table + 4, LENGTH - PE_DYNAMIC_HEADER_SIZE);
  pe_put64(table + 8, 3);
  pe_put32(table + 16, 4);
  pe_put64(table + 24, PE_DYNAMIC_ARM64X);
  pe_put32(table + 32, 16);
  pe_put32(table + 36, writer->model->fixup_rva & ~0xfffu);
  pe_put32(table + 40, 16);
  pe_put16(table + 44,
           (uint16_t)((writer->model->fixup_rva & 0xfff) | PE_FIXUP_VALUE << 12 | 2 << 14));
  pe_put32(config + PE_CONFIG_DYNAMIC_OFFSET_64, at);
  pe_put16(config + PE_CONFIG_DYNAMIC_SECTION_64, 2);
}

static void put_config(writer_t* writer) {
  const pe_model_t* const model = writer->model;
  const uint32_t size = is_64(model) ? 256 : 64;
  const uint32_t at = take(writer, size);
  uint8_t* const config = writer->data + at;
  pe_put32(config, size);
  pe_put16(config + (is_64(model) ? PE_CONFIG_LOAD_FLAGS_64 : PE_CONFIG_LOAD_FLAGS_32),
           model->load_flags);
  if (model->is_hybrid) { pe_put64(config + PE_CONFIG_HYBRID_64, 0x140002000); }
  if (model->fixup_rva != 0) { put_fixups(writer, config); }
  put_directory(writer, PE_DIR_LOAD_CONFIG, MODEL_DATA_RVA + at, size);
}

static void put_section(uint8_t* entry, const char* name, uint32_t rva, uint32_t size, uint32_t raw,
                        uint32_t raw_size, uint32_t flags) {
  memcpy(entry, name, strlen(name));
  pe_put32(entry + PE_SECTION_VIRTUAL_SIZE, size);
  pe_put32(entry + PE_SECTION_RVA, rva);
  pe_put32(entry + PE_SECTION_RAW_SIZE, raw_size);
  pe_put32(entry + PE_SECTION_RAW, raw);
  pe_put32(entry + PE_SECTION_FLAGS, PE_SECTION_INITIALIZED | PE_SECTION_READ | flags);
}

static void put_sections(const writer_t* writer, uint8_t* table, uint32_t count) {
  const uint32_t flags = writer->model->is_writable ? PE_SECTION_WRITE : 0;
  put_section(table, ".text", MODEL_TEXT_RVA, 0x100, HEADERS_SIZE, TEXT_SIZE, 0);
  put_section(table + PE_SECTION_SIZE, ".rdata", MODEL_DATA_RVA, MODEL_DATA_SIZE,
              HEADERS_SIZE + TEXT_SIZE, MODEL_DATA_SIZE, flags);
  for (uint32_t i = 2; i < count; i++) {
    put_section(table + (size_t)i * PE_SECTION_SIZE, ".bss", 0x1000 * (i + 1), 0x1000, 0, 0, 0);
  }
}

/* Returns where the section table ends. */
static uint32_t put_headers(writer_t* writer) {
  const pe_model_t* const model = writer->model;
  const uint32_t header = model->header != 0 ? model->header : 0x80;
  const uint32_t count = model->section_count != 0 ? model->section_count : 2;
  uint8_t* const start = writer->bytes + header;
  memcpy(writer->bytes, "MZ", 2);
  memset(writer->bytes + PE_DOS_SIZE, 0xcc, header - PE_DOS_SIZE); /* the DOS stub */
  pe_put32(writer->bytes + PE_DOS_NEW_HEADER, header);
  memcpy(start, "PE\0\0", 4);
  writer->optional = header + PE_FILE_SIZE;
  writer->directories =
    writer->optional + (is_64(model) ? PE_OPT_DIRECTORIES_64 : PE_OPT_DIRECTORIES_32);
  const uint32_t table = writer->directories + PE_DIR_MAX * PE_DIR_SIZE;
  pe_put16(start + PE_FILE_MACHINE, model->machine);
  pe_put16(start + PE_FILE_SECTION_COUNT, (uint16_t)count);
  pe_put16(start + PE_FILE_OPTIONAL_SIZE, (uint16_t)(table - writer->optional));
  pe_put16(start + PE_FILE_FLAGS, model->exported_rva != 0 ? PE_FLAG_DLL : 0);
  uint8_t* const optional = writer->bytes + writer->optional;
  pe_put16(optional, is_64(model) ? PE_MAGIC_64 : PE_MAGIC_32);
  pe_put32(optional + PE_OPT_SECTION_ALIGNMENT, 0x1000);
  pe_put32(optional + PE_OPT_FILE_ALIGNMENT, 0x200);
  pe_put32(optional + PE_OPT_IMAGE_SIZE, 0x1000 * (count + 1));
  pe_put32(optional + PE_OPT_HEADERS_SIZE, HEADERS_SIZE);
  pe_put32(optional + PE_OPT_CHECKSUM, model->checksum);
  pe_put16(optional + PE_OPT_DLL_FLAGS, model->dll_flags);
  put_word(writer, optional + (is_64(model) ? PE_OPT_IMAGE_BASE_64 : PE_OPT_IMAGE_BASE_32),
           0x400000);
  pe_put32(writer->bytes + writer->directories - 4, PE_DIR_MAX);
  put_sections(writer, writer->bytes + table, count);
  return table + count * PE_SECTION_SIZE;
}

size_t pe_model_write(const pe_model_t* model, uint8_t bytes[MODEL_BYTES_MAX]) {
  writer_t writer = {.model = model, .bytes = bytes, .data = bytes + HEADERS_SIZE + TEXT_SIZE};
  memset(bytes, 0, MODEL_BYTES_MAX);
  memset(bytes + HEADERS_SIZE, 0x90, TEXT_SIZE);
  const uint32_t headers_end = put_headers(&writer);
  put_imports(&writer);
  if (model->exported_rva != 0) { put_exports(&writer); }
  if (model->load_flags != 0 || model->is_hybrid) { put_config(&writer); }
  if (model->is_managed) { put_directory(&writer, PE_DIR_CLR, MODEL_DATA_RVA, 72); }
  if (model->is_bound) {
    memset(bytes + headers_end, 0xbb, 32);
    put_directory(&writer, PE_DIR_BOUND_IMPORT, headers_end, 32);
  }
  size_t size = HEADERS_SIZE + TEXT_SIZE + MODEL_DATA_SIZE;
  memset(bytes + size, 0xaa, model->appended_size);
  size += model->appended_size;
  if (model->signature_size != 0) {
    memset(bytes + size, 0x55, model->signature_size);
    put_directory(&writer, PE_DIR_CERTIFICATE, (uint32_t)size, model->signature_size);
    size += model->signature_size;
  }
  memset(bytes + size, 0xdd, model->behind_signature);
  return size + model->behind_signature;
}

pe_model_t pe_model_usual(uint16_t machine) {
  return (pe_model_t){
    .machine = machine,
    .dlls = {"KERNEL32.dll", "api-ms-win-crt-heap-l1-1-0.dll"},
    .has_lookup = true,
    .has_iat = true,
  };
}

static const pe_model_t corpus[] = {
  {.machine = PE_MACHINE_X64, .dlls = {"a.dll", "ucrtbase.dll"}, .has_lookup = true},
  {.machine = PE_MACHINE_X86, .dlls = {"a.dll", "msvcrt.dll"}, .has_lookup = true, .has_iat = true},
  {.machine = PE_MACHINE_ARM64, .dlls = {"a.dll"}, .has_iat = true, .checksum = 1},
  {.machine = PE_MACHINE_X64, .exported_rva = 0x1010, .appended_size = 20, .is_writable = true},
  {.machine = PE_MACHINE_X86, .dlls = {"a.dll"}, .signature_size = 64, .appended_size = 12},
  {.machine = PE_MACHINE_X64, .dlls = {"a.dll"}, .signature_size = 64, .behind_signature = 40},
  {.machine = PE_MACHINE_X64, .dlls = {"a.dll"}, .is_bound = true, .has_lookup = true},
  {.machine = PE_MACHINE_X64, .dlls = {"a.dll"}, .section_count = 15, .has_lookup = true},
  {.machine = PE_MACHINE_ARM64, .dlls = {"a.dll"}, .is_hybrid = true, .fixup_rva = 0x1004},
  {.machine = PE_MACHINE_X64, .dlls = {"a.dll"}, .is_hybrid = true, .load_flags = 0x800},
  {.machine = PE_MACHINE_X86, .load_flags = 0x800, .exported_rva = 0x1010, .checksum = 5},
};

const pe_model_t* pe_model_of_corpus(size_t index) {
  return index < sizeof(corpus) / sizeof(corpus[0]) ? &corpus[index] : NULL;
}
