/* x86_decode.h - the lengths of x86 and x64 instructions, and what in them depends on their place.
 */
#ifndef MIM_WIN_REDIRECT_X86_DECODE_H
#define MIM_WIN_REDIRECT_X86_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct x86_instruction {
  uint8_t length;
  uint8_t opcode_at; /* of the last byte of the opcode */
  uint8_t map;       /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A */
  uint8_t opcode;
  uint8_t modrm;         /* 0 if there is none */
  uint8_t relative_at;   /* where a distance from the instruction's end lies; 0: none */
  uint8_t relative_size; /* 1 or 4 */
  bool is_branch;        /* the distance leads to code; else to data (x64) */
} x86_instruction_t;

/* False: not understood (or cut off): AVX-512, far calls, 16-bit addresses. */
bool x86_decode(const uint8_t* code, size_t size, bool is_64, x86_instruction_t* instruction);

/* Nothing of the function follows: a return or a jump. */
bool x86_is_end(const x86_instruction_t* instruction);

/* Where a branch leads, if the instruction lies at `address`. */
int64_t x86_distance(const uint8_t* code, const x86_instruction_t* instruction);

#endif
