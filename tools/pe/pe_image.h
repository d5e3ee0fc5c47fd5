/* pe_image.h - a checked view of a PE file in memory. No OS calls, no allocation: it runs, and is
 * fuzzed, anywhere.
 *
 * pe_image_open checks headers and section table; from then on every read goes through
 * pe_image_at or pe_image_string, which answer NULL for what is not in the file. Only images are
 * opened that the Windows loader would take: the tools that read them shall not be more generous.
 */
#ifndef MIM_TOOLS_PE_IMAGE_H
#define MIM_TOOLS_PE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each with its sentence: what is wrong with the file; what to do, if there is something. */
#define PE_STATUSES(X) \
  X(OK, "the file is in order") \
  X(NOT_PE, "this is not a Windows program or DLL (PE file)") \
  X(TRUNCATED, "the file is truncated; copy it again from where it came") \
  X(BAD_MACHINE, \
    ("the program is for a processor that is not supported; only x86, x64, ARM64, ARM64EC and " \
     "ARM64X are")) \
  X(BAD_HEADER, "the headers contradict each other; the file is damaged") \
  X(BAD_ALIGNMENT, "its sections are not aligned to pages (a driver?); that is not supported") \
  X(BAD_SECTION, "the section table is damaged: sections overlap or lie outside of the file") \
  X(BAD_IMPORTS, "the import table is damaged: it leads out of the file") \
  X(BAD_EXPORTS, "the export table is damaged: it leads out of the file") \
  X(BAD_CONFIG, "the load configuration is damaged: it leads out of the file") \
  X(BAD_CERTIFICATE, "the signature leads out of the file; it is truncated, copy it again") \
  X(BOUND_ONLY, \
    ("its imports are bound to addresses and the names are gone; link it again without binding")) \
  X(MANAGED, "this is a .NET assembly: its runtime decides what is loaded, not the import table") \
  X(HYBRID_IMPORTS, \
    ("this ARM64X file has an import table for each of its two halves; inject into builds for " \
     "ARM64 and ARM64EC instead")) \
  X(NO_ROOM, "there is no room for one more section header; link it again with fewer sections") \
  X(TOO_LARGE, "the result would be larger than a Windows program can be") \
  X(BAD_NAME, "the name of the DLL or of its function is empty or too long") \
  X(INJECTED, "the file was changed by minject before") \
  X(NOT_INJECTED, "the file was not changed by minject, so there is nothing to remove") \
  X(BAD_RECORD, \
    ("what minject noted in the file to undo its change is damaged, or another tool has changed " \
     "the file since; take the original again")) \
  X(NOT_FOUND, "it exports no such function")

typedef enum pe_status {
#define PE_STATUS(name, text) PE_##name,
  PE_STATUSES(PE_STATUS)
#undef PE_STATUS
    PE_STATUS_COUNT
} pe_status_t;

typedef enum pe_machine {
  PE_MACHINE_X86 = 0x14c,
  PE_MACHINE_X64 = 0x8664, /* ARM64EC too: see pe_config.h */
  PE_MACHINE_ARM64 = 0xaa64,
} pe_machine_t;

typedef struct pe_image {
  const uint8_t* bytes;
  size_t size;
  pe_machine_t machine;
  bool is_64;
  uint32_t header;   /* file offsets: of the signature "PE\0\0", */
  uint32_t optional; /* the optional header, */
  uint32_t directories;
  uint32_t directory_count;
  uint32_t sections; /* the section table */
  uint32_t section_count;
  uint32_t section_alignment;
  uint32_t file_alignment;
  uint32_t headers_size; /* what is mapped in front of the sections */
  uint32_t image_size;   /* in memory: behind the last section */
  uint64_t base;         /* the address it was linked for */
} pe_image_t;

typedef struct pe_directory {
  uint32_t rva;
  uint32_t size;
} pe_directory_t;

typedef struct pe_section {
  const uint8_t* name; /* 8 bytes, padded with 0 */
  uint32_t rva;
  uint32_t extent;   /* bytes in memory */
  uint32_t raw;      /* file offset */
  uint32_t raw_size; /* bytes in the file */
  uint32_t flags;
} pe_section_t;

const char* pe_status_text(pe_status_t status);

/* The image refers to `bytes`, which have to stay. After a failure it must not be used. */
pe_status_t pe_image_open(pe_image_t* image, const uint8_t* bytes, size_t size);

bool pe_image_is_dll(const pe_image_t* image);
uint16_t pe_image_dll_flags(const pe_image_t* image);

/* Zero, zero if the image does not have it. */
pe_directory_t pe_image_directory(const pe_image_t* image, uint32_t index);

/* `index` is below section_count. */
pe_section_t pe_image_section(const pe_image_t* image, uint32_t index);

/* The bytes that are mapped to [rva, rva + size), or NULL unless they all lie in the file, within
 * the headers or one section. */
const uint8_t* pe_image_at(const pe_image_t* image, uint32_t rva, uint32_t size);

/* A text of at most PE_NAME_MAX characters that ends with 0 within its section, or NULL. */
enum { PE_NAME_MAX = 4096 };
const char* pe_image_string(const pe_image_t* image, uint32_t rva);

/* The section that holds `rva`, or section_count. */
uint32_t pe_image_section_of(const pe_image_t* image, uint32_t rva);

/* Where the file's last section ends; what comes after it belongs to others. */
uint32_t pe_image_sections_end(const pe_image_t* image);

#endif
