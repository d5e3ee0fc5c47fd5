/* code.h - instructions written one after the other into an island. */
#ifndef MIM_WIN_REDIRECT_CODE_H
#define MIM_WIN_REDIRECT_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct code {
  uint8_t* bytes;
  size_t size;
  size_t capacity;
  uint64_t address;  /* of the first byte */
  bool is_too_large; /* or something did not reach */
} code_t;

static inline void code_byte(code_t* code, uint8_t byte) {
  if (code->size < code->capacity) {
    code->bytes[code->size++] = byte;
  } else {
    code->is_too_large = true;
  }
}

static inline void code_number(code_t* code, uint64_t value, size_t size) {
  for (size_t i = 0; i < size; i++) { code_byte(code, (uint8_t)(value >> (8 * i))); }
}

static inline uint64_t code_here(const code_t* code) { return code->address + code->size; }

#endif
