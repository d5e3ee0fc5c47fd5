/* hybrid.c - see hybrid.h. The tables are those of the PE format: load configuration, and the
 * metadata that it leads to. */
#include "redirect/hybrid.h"

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"

enum {
  CONFIG_ENTRY = PE_OPT_DIRECTORIES_64 + PE_DIR_LOAD_CONFIG * PE_DIR_SIZE,
  METADATA_RANGES = 4, /* in the metadata: start and length of each range of code, */
  METADATA_RANGE_COUNT = 8,
  METADATA_UNWIND = 0x40, /* and the table of ARM64 functions of an x64 image */
  METADATA_UNWIND_SIZE = 0x44,
  RANGE_WORDS = 2,
  RANGE_KIND = 3, /* bits of a start: whose code */
  KIND_X64 = 2    /* the others are ARM64 and ARM64EC */
};

hybrid_t hybrid_open(const uint8_t* image, uint64_t base) {
  const hybrid_t none = {image, NULL};
  const uint8_t* const header = image + pe_get32(image + PE_DOS_NEW_HEADER) + PE_FILE_SIZE;
  if (pe_get16(header) != PE_MAGIC_64) { return none; }
  const uint32_t config = pe_get32(header + CONFIG_ENTRY);
  if (config == 0 || pe_get32(image + config) < PE_CONFIG_HYBRID_64 + 8) { return none; }
  const uint64_t metadata = pe_get64(image + config + PE_CONFIG_HYBRID_64);
  return metadata == 0 ? none : (hybrid_t){image, image + (metadata - base)};
}

bool hybrid_machine(const hybrid_t* hybrid, uint32_t rva, redirect_machine_t* machine,
                    uint32_t* end) {
  const uint8_t* range = hybrid->image + pe_get32(hybrid->metadata + METADATA_RANGES);
  const uint32_t count = pe_get32(hybrid->metadata + METADATA_RANGE_COUNT);
  for (uint32_t i = 0; i < count; i++, range += RANGE_WORDS * sizeof(uint32_t)) {
    const uint32_t first = pe_get32(range);
    const uint32_t start = first & ~(uint32_t)RANGE_KIND, length = pe_get32(range + 4);
    if (rva < start || rva - start >= length) { continue; }
    *machine = (first & RANGE_KIND) == KIND_X64 ? REDIRECT_X64 : REDIRECT_ARM64;
    if (*end > start + length) { *end = start + length; }
    return true;
  }
  return false;
}

size_t hybrid_unwind_words(const hybrid_t* hybrid, const uint32_t** words) {
  *words = (const void*)(hybrid->image + pe_get32(hybrid->metadata + METADATA_UNWIND));
  return pe_get32(hybrid->metadata + METADATA_UNWIND_SIZE) / sizeof(uint32_t);
}
