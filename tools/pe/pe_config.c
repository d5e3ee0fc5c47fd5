/* pe_config.c - see pe_config.h. */
#include "pe/pe_config.h"

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"

/* The table of dynamic relocations holds one list for each kind; finds that of ARM64X. */
static pe_status_t find_fixups(const pe_image_t* image, uint32_t rva, pe_config_t* config) {
  const uint8_t* const header = pe_image_at(image, rva, PE_DYNAMIC_HEADER_SIZE);
  if (header == NULL) { return PE_BAD_CONFIG; }
  uint32_t left = pe_get32(header + 4);
  if (pe_get32(header) != 1) { return PE_OK; } /* version 2 has no list for ARM64X */
  if (left > UINT32_MAX - PE_DYNAMIC_HEADER_SIZE) { return PE_BAD_CONFIG; }
  const uint8_t* const entry = pe_image_at(image, rva, PE_DYNAMIC_HEADER_SIZE + left);
  if (entry == NULL) { return PE_BAD_CONFIG; }
  uint32_t at = PE_DYNAMIC_HEADER_SIZE;
  while (left >= PE_DYNAMIC_ENTRY_SIZE_64) {
    const uint64_t kind = pe_get64(entry + at);
    const uint32_t size = pe_get32(entry + at + 8);
    at += PE_DYNAMIC_ENTRY_SIZE_64;
    left -= PE_DYNAMIC_ENTRY_SIZE_64;
    if (size > left) { return PE_BAD_CONFIG; }
    if (kind == PE_DYNAMIC_ARM64X) {
      config->fixups_rva = rva + at;
      config->fixups_size = size;
      return PE_OK;
    }
    at += size;
    left -= size;
  }
  return PE_OK;
}

static pe_status_t read_dynamic(const pe_image_t* image, const uint8_t* bytes,
                                pe_config_t* config) {
  const uint32_t section = pe_get16(bytes + PE_CONFIG_DYNAMIC_SECTION_64);
  const uint32_t offset = pe_get32(bytes + PE_CONFIG_DYNAMIC_OFFSET_64);
  if (section == 0 || offset == 0) { return PE_OK; }
  if (section > image->section_count) { return PE_BAD_CONFIG; }
  const uint64_t rva = (uint64_t)pe_image_section(image, section - 1).rva + offset;
  return rva <= UINT32_MAX ? find_fixups(image, (uint32_t)rva, config) : PE_BAD_CONFIG;
}

pe_status_t pe_config_read(const pe_image_t* image, pe_config_t* config) {
  *config = (pe_config_t){.is_hybrid = false};
  const uint32_t rva = pe_image_directory(image, PE_DIR_LOAD_CONFIG).rva;
  if (rva == 0) { return PE_OK; }
  const uint8_t* bytes = pe_image_at(image, rva, 4);
  if (bytes == NULL) { return PE_BAD_CONFIG; }
  const uint32_t size = pe_get32(bytes);
  bytes = pe_image_at(image, rva, size);
  if (bytes == NULL) { return PE_BAD_CONFIG; }
  const uint32_t flags = image->is_64 ? PE_CONFIG_LOAD_FLAGS_64 : PE_CONFIG_LOAD_FLAGS_32;
  if (size >= flags + 2) {
    config->loads_from_system = (pe_get16(bytes + flags) & PE_LOAD_FROM_SYSTEM) != 0;
  }
  if (!image->is_64) { return PE_OK; }
  if (size >= PE_CONFIG_HYBRID_64 + 8) {
    config->is_hybrid = pe_get64(bytes + PE_CONFIG_HYBRID_64) != 0;
  }
  return size >= PE_CONFIG_DYNAMIC_END_64 ? read_dynamic(image, bytes, config) : PE_OK;
}

/* One entry of a block: 12 bits of place, 2 of kind, 2 that say how large it is. Its length in
 * `length`, how many bytes it changes as the result. */
static uint32_t fixup_extent(uint32_t entry, uint32_t* length) {
  const uint32_t size = 1u << (entry >> 14);
  switch (entry >> 12 & 3) {
    case PE_FIXUP_VALUE: *length = 2 + (size < 2 ? 2 : size); return size;
    case PE_FIXUP_DELTA: *length = 4; return 4;
    default: *length = 2; return size;
  }
}

static bool block_changes(const uint8_t* block, uint32_t block_size, uint32_t rva, uint32_t size) {
  const uint32_t page = pe_get32(block);
  uint32_t length;
  for (uint32_t at = PE_FIXUP_BLOCK_SIZE; at + 2 <= block_size; at += length) {
    const uint32_t entry = pe_get16(block + at);
    const uint32_t extent = fixup_extent(entry, &length);
    /* A zero entry pads the block. */
    if (entry != 0 && pe_overlap((uint64_t)page + (entry & 0xfff), extent, rva, size)) {
      return true;
    }
  }
  return false;
}

pe_status_t pe_config_find_fixup(const pe_image_t* image, const pe_config_t* config, uint32_t rva,
                                 uint32_t size, bool* is_changed) {
  *is_changed = false;
  if (config->fixups_size == 0) { return PE_OK; }
  const uint8_t* const fixups = pe_image_at(image, config->fixups_rva, config->fixups_size);
  if (fixups == NULL) { return PE_BAD_CONFIG; }
  for (uint32_t at = 0; config->fixups_size - at >= PE_FIXUP_BLOCK_SIZE;) {
    const uint32_t block_size = pe_get32(fixups + at + 4);
    if (block_size < PE_FIXUP_BLOCK_SIZE || block_size > config->fixups_size - at) {
      return PE_BAD_CONFIG;
    }
    if (block_changes(fixups + at, block_size, rva, size)) { *is_changed = true; }
    at += block_size;
  }
  return PE_OK;
}

const char* pe_config_machine_name(const pe_image_t* image, const pe_config_t* config) {
  switch (image->machine) {
    case PE_MACHINE_X64: return config->is_hybrid ? "ARM64EC" : "x64";
    case PE_MACHINE_ARM64: return config->is_hybrid ? "ARM64X" : "ARM64";
    case PE_MACHINE_X86: break;
  }
  return "x86";
}
