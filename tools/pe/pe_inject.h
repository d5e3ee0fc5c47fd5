/* pe_inject.h - makes a DLL the first import of an image, and takes that back.
 *
 * A plan is made from the bytes of a file, and then written into a buffer of the caller: nothing
 * here allocates or touches a file. Bytes of the file stay as they are and where they are, but for
 * headers, a signature at its end, and one section that is appended:
 *
 *   input    headers | sections ... | what others appended | signature
 *   output   headers'| sections ... | what others appended | section .minject
 *                                                              record: the headers as they were
 *                                                              import table: ours, then the others
 *                                                              what our entry of it leads to
 *
 * The record makes removal exact: all but the signature comes back, byte for byte. So adding twice
 * is removing and adding.
 */
#ifndef MIM_TOOLS_PE_INJECT_H
#define MIM_TOOLS_PE_INJECT_H

#include "pe/pe_image.h"

/* What the user should know about a plan. */
enum {
  PE_NOTE_SIGNATURE = 1, /* the signature is dropped: it would be void */
  PE_NOTE_BOUND = 2,     /* bound imports are dropped: the loader looks functions up instead */
  PE_NOTE_MOVED = 4,     /* the PE header moves into the DOS stub, to make room for a section */
  PE_NOTE_APPENDED = 8,  /* bytes behind the sections stay where they are */
  PE_NOTE_INTEGRITY = 16 /* the program demands a signature: sign it again */
};

typedef struct pe_plan {
  pe_image_t image;
  const char* dll; /* of an addition; NULL: removal */
  const char* function;
  unsigned notes;
  uint32_t kept_size;            /* bytes of the input that stay */
  uint32_t header_shift;         /* how far the PE header moves down */
  uint32_t import_count;         /* of the input */
  uint32_t section_raw;          /* of the new section: place in the file, */
  uint32_t section_rva;          /* in memory, */
  uint32_t section_size;         /* bytes in use */
  uint32_t imports_at;           /* the import table's place in it */
  uint32_t lookup_at;            /* that of what our entry leads to */
  pe_directory_t address_tables; /* made writable for the loader, where the image left that open */
  size_t output_size;
} pe_plan_t;

/* `dll` and `function` have to stay until the plan is written. PE_INJECTED: remove first. */
pe_status_t pe_plan_add(pe_plan_t* plan, const pe_image_t* image, const char* dll,
                        const char* function);

/* PE_NOT_INJECTED or PE_BAD_RECORD if there is nothing, or nothing intact, to take back. */
pe_status_t pe_plan_remove(pe_plan_t* plan, const pe_image_t* image);

/* `output` has room for output_size bytes and does not overlap the input. Reads what it has
 * written: a status other than PE_OK means that the output is not to be used. */
pe_status_t pe_plan_write(const pe_plan_t* plan, uint8_t* output);

/* Whether minject has added a DLL; a record that is damaged counts. */
bool pe_is_injected(const pe_image_t* image);

#endif
