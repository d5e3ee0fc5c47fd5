/* pe_model.h - makes small PE files to test with: each field of the model is something that a real
 * file may have, or have wrong. */
#ifndef MIM_TEST_PE_PE_MODEL_H
#define MIM_TEST_PE_PE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  MODEL_DLLS_MAX = 8,
  MODEL_BYTES_MAX = 16384,
  MODEL_TEXT_RVA = 0x1000,
  MODEL_DATA_RVA = 0x2000,
  MODEL_DATA_SIZE = 0x800,
};

typedef struct pe_model {
  uint16_t machine;                 /* 0x14c makes a PE32 file, any other a PE32+ file */
  uint32_t header;                  /* where the signature lies; 0: 0x80 */
  uint32_t section_count;           /* two have contents, the others are empty; 0: 2 */
  const char* dlls[MODEL_DLLS_MAX]; /* each with the functions "malloc" and number 7 */
  uint32_t exported_rva;            /* of "mi_version"; 0: no exports */
  uint32_t signature_size;          /* at the end of the file */
  uint32_t appended_size;           /* behind the sections */
  uint32_t behind_signature;        /* bytes */
  uint32_t checksum;
  bool is_bound;    /* with a table of bound imports behind the section headers */
  bool has_lookup;  /* names apart from the address tables */
  bool has_iat;     /* the directory of address tables */
  bool is_writable; /* the section with the imports */
  bool is_managed;
  bool is_hybrid;
  uint16_t load_flags;
  uint16_t dll_flags;
  uint32_t fixup_rva; /* what an ARM64X file changes; 0: nothing */
} pe_model_t;

/* What most tests start from: two DLLs, lookup tables, a directory of address tables. */
pe_model_t pe_model_usual(uint16_t machine);

/* Writes the file; its size. */
size_t pe_model_write(const pe_model_t* model, uint8_t bytes[MODEL_BYTES_MAX]);

/* The models that the fuzzers start from; NULL behind the last. */
const pe_model_t* pe_model_of_corpus(size_t index);

#endif
