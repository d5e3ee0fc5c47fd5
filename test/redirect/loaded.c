/* loaded.c - see loaded.h. */
#include "test/redirect/loaded.h"

#include "pe/pe_bytes.h"
#include "pe/pe_config.h"
#include "pe/pe_format.h"
#include "test/test.h"

enum { FILE_MAX = 1 << 24 };

static size_t read_file(const char* path, uint8_t* bytes) {
  FILE* const stream = fopen(path, "rb");
  if (stream == NULL) { fprintf(stderr, "%s cannot be read\n", path); }
  CHECK(stream != NULL);
  const size_t size = fread(bytes, 1, FILE_MAX, stream);
  fclose(stream);
  CHECK(size < FILE_MAX);
  return size;
}

/* Sections go to their addresses; the headers say that they lie there in the file, too. */
static void lay_out(const pe_image_t* file, uint8_t* bytes) {
  memcpy(bytes, file->bytes, file->headers_size);
  pe_put32(bytes + file->optional + PE_OPT_FILE_ALIGNMENT, file->section_alignment);
  for (uint32_t i = 0; i < file->section_count; i++) {
    const pe_section_t section = pe_image_section(file, i);
    uint8_t* const header = bytes + file->sections + (size_t)i * PE_SECTION_SIZE;
    const uint32_t room = (uint32_t)pe_align_up(section.extent, file->section_alignment);
    const uint32_t size = section.raw_size < room ? section.raw_size : room;
    memcpy(bytes + section.rva, file->bytes + section.raw, size);
    pe_put32(header + PE_SECTION_RAW, section.rva);
    pe_put32(header + PE_SECTION_RAW_SIZE, room);
  }
}

/* A multiple of 4 or 8 is added or taken away. */
static void add_delta(uint8_t* place, uint32_t entry, uint32_t number) {
  const uint32_t delta = number * ((entry & 0x8000) != 0 ? 8 : 4);
  pe_put32(place, pe_get32(place) + ((entry & 0x4000) != 0 ? 0 - delta : delta));
}

/* How many bytes the entry has. */
static uint32_t apply_entry(uint8_t* page, const uint8_t* entries) {
  const uint32_t entry = pe_get16(entries), size = 1u << (entry >> 14);
  uint8_t* const place = page + (entry & 0xfff);
  switch (entry >> 12 & 3) {
    case PE_FIXUP_VALUE: memcpy(place, entries + 2, size); return 2 + (size < 2 ? 2 : size);
    case PE_FIXUP_DELTA: add_delta(place, entry, pe_get16(entries + 2)); return 4;
    default:
      if (entry != 0) { memset(place, 0, size); }
      return 2;
  }
}

/* What the loader does to an ARM64X image in a process for x64. */
static void apply_fixups(uint8_t* bytes, const pe_config_t* config) {
  for (uint32_t at = 0; at < config->fixups_size;) {
    const uint8_t* const block = bytes + config->fixups_rva + at;
    const uint32_t size = pe_get32(block + 4);
    CHECK(size >= PE_FIXUP_BLOCK_SIZE && size <= config->fixups_size - at);
    for (uint32_t i = PE_FIXUP_BLOCK_SIZE; i + 2 <= size;) {
      i += apply_entry(bytes + pe_get32(block), block + i);
    }
    at += size;
  }
}

pe_image_t loaded_open(const char* path) {
  static uint8_t content[FILE_MAX], bytes[FILE_MAX];
  pe_image_t file, image;
  pe_config_t config;
  memset(bytes, 0, sizeof(bytes));
  CHECK_EQ(pe_image_open(&file, content, read_file(path, content)), PE_OK);
  CHECK(file.image_size <= FILE_MAX);
  CHECK_EQ(pe_config_read(&file, &config), PE_OK);
  lay_out(&file, bytes);
  apply_fixups(bytes, &config);
  CHECK_EQ(pe_image_open(&image, bytes, file.image_size), PE_OK);
  return image;
}
