/* pe_bytes.h - little-endian numbers at any address, and sums that cannot wrap. */
#ifndef MIM_TOOLS_PE_BYTES_H
#define MIM_TOOLS_PE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t pe_get16(const uint8_t* p) { return (uint16_t)(p[0] | p[1] << 8); }

static inline uint32_t pe_get32(const uint8_t* p) {
  return (uint32_t)pe_get16(p) | (uint32_t)pe_get16(p + 2) << 16;
}

static inline uint64_t pe_get64(const uint8_t* p) {
  return (uint64_t)pe_get32(p) | (uint64_t)pe_get32(p + 4) << 32;
}

static inline void pe_put16(uint8_t* p, uint16_t value) {
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
}

static inline void pe_put32(uint8_t* p, uint32_t value) {
  pe_put16(p, (uint16_t)value);
  pe_put16(p + 2, (uint16_t)(value >> 16));
}

static inline void pe_put64(uint8_t* p, uint64_t value) {
  pe_put32(p, (uint32_t)value);
  pe_put32(p + 4, (uint32_t)(value >> 32));
}

/* Whether [offset, offset + length) lies within `size` bytes. */
static inline bool pe_fits(uint64_t size, uint64_t offset, uint64_t length) {
  return offset <= size && length <= size - offset;
}

static inline bool pe_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size) {
  return a < b + b_size && b < a + a_size;
}

static inline bool pe_is_power_of_two(uint32_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

/* `alignment` is a power of two; the sum of a 32-bit number and an alignment fits. */
static inline uint64_t pe_align_up(uint64_t value, uint32_t alignment) {
  return (value + alignment - 1) & ~((uint64_t)alignment - 1);
}

#endif
