/* hybrid.c - see hybrid.h. The tables are those of the PE format: load configuration, and the
 * metadata that it leads to. */
#include "redirect/hybrid.h"

enum {
  HEADER_AT = 0x3c, /* in the image: where the PE header is */
  MAGIC_AT = 24,    /* in the PE header, as what follows */
  MAGIC_64 = 0x20b,
  CONFIG_AT = 216,        /* directory 10 of a 64-bit image */
  CONFIG_METADATA = 0xc8, /* in the load configuration: a pointer */
  METADATA_RANGES = 4,    /* in the metadata: start and length of each range of code, */
  METADATA_RANGE_COUNT = 8,
  METADATA_UNWIND = 0x40, /* and the table of ARM64 functions of an x64 image */
  METADATA_UNWIND_SIZE = 0x44,
  RANGE_WORDS = 2,
  RANGE_KIND = 3, /* bits of a start: whose code */
  KIND_X64 = 2    /* the others are ARM64 and ARM64EC */
};

/* Little-endian, whatever machine plans. */
static uint32_t read_32(const uint8_t* bytes) {
  return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t read_64(const uint8_t* bytes) {
  return read_32(bytes) | (uint64_t)read_32(bytes + 4) << 32;
}

hybrid_t hybrid_open(const uint8_t* image, uint64_t base) {
  const hybrid_t none = {image, NULL};
  const uint8_t* const header = image + read_32(image + HEADER_AT);
  if ((read_32(header + MAGIC_AT) & 0xffff) != MAGIC_64) { return none; }
  const uint32_t config = read_32(header + CONFIG_AT);
  if (config == 0 || read_32(image + config) < CONFIG_METADATA + 8) { return none; }
  const uint64_t metadata = read_64(image + config + CONFIG_METADATA);
  return metadata == 0 ? none : (hybrid_t){image, image + (metadata - base)};
}

bool hybrid_machine(const hybrid_t* hybrid, uint32_t rva, redirect_machine_t* machine,
                    uint32_t* end) {
  const uint8_t* range = hybrid->image + read_32(hybrid->metadata + METADATA_RANGES);
  const uint32_t count = read_32(hybrid->metadata + METADATA_RANGE_COUNT);
  for (uint32_t i = 0; i < count; i++, range += RANGE_WORDS * sizeof(uint32_t)) {
    const uint32_t first = read_32(range);
    const uint32_t start = first & ~(uint32_t)RANGE_KIND, length = read_32(range + 4);
    if (rva < start || rva - start >= length) { continue; }
    *machine = (first & RANGE_KIND) == KIND_X64 ? REDIRECT_X64 : REDIRECT_ARM64;
    if (*end > start + length) { *end = start + length; }
    return true;
  }
  return false;
}

size_t hybrid_unwind_words(const hybrid_t* hybrid, const uint32_t** words) {
  *words = (const void*)(hybrid->image + read_32(hybrid->metadata + METADATA_UNWIND));
  return read_32(hybrid->metadata + METADATA_UNWIND_SIZE) / sizeof(uint32_t);
}
