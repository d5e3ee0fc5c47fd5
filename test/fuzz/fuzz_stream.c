/* fuzz_stream.c - decoding, printing and generating operation streams. */
#include "fuzz_stream.h"

#include <stdio.h>

const fuzz_trait_t fuzz_traits[FUZZ_KIND_COUNT] = {
#define FUZZ_OP(name, group, traits, weight) {#name, group, traits, weight},
#include "fuzz_ops.def"
#undef FUZZ_OP
};

/* The high four bits choose a range, the low twelve the place in it. Multiples keep a few odd
   low bits, since sizes next to a class border are the interesting ones. */
static size_t decode_size(unsigned code) {
  const unsigned range = code >> 12;
  const size_t place = code & 4095;
  if (range < 6) { return place & 127; }
  if (range < 10) { return place & 1023; }
  if (range < 12) { return place; }
  if (range == 12) { return place * 4 + (place & 3); }
  if (range == 13) { return place * 32 + (place & 15); }
  if (range == 14) { return place * 256 + (place & 31); }
  return (place & 15) == 0 ? place * 10240 + 1 : place * 512 + (place & 63);
}

/* Alignments up to 16 MiB; the codes above that are the everyday ones again. */
static size_t decode_alignment(unsigned code) {
  return (size_t)1 << (code <= 24 ? code : code - 25);
}

fuzz_op_t fuzz_decode(const uint8_t record[FUZZ_RECORD_SIZE]) {
  const unsigned variant = record[5] >> 2;
  return (fuzz_op_t){
    .kind = (fuzz_kind_t)(record[0] % FUZZ_KIND_COUNT),
    .thread = record[5] % FUZZ_THREAD_COUNT,
    .slot = record[1] % FUZZ_SLOT_COUNT,
    .size = decode_size((unsigned)record[2] << 8 | record[3]),
    .count = 1u + (record[4] >> 5),
    .alignment = decode_alignment(record[4] & 31),
    .offset = (size_t)variant * 4 + (variant & 1),
    .variant = variant,
  };
}

void fuzz_describe(const fuzz_op_t* op, char* text, size_t text_size) {
  snprintf(text, text_size,
           "t%u slot %u: %s size %zu count %zu alignment %zu offset %zu variant %u", op->thread,
           op->slot, fuzz_traits[op->kind].name, op->size, op->count, op->alignment, op->offset,
           op->variant);
}

uint64_t fuzz_random(uint64_t* state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * 0x2545f4914f6cdd1dull;
}

static fuzz_kind_t generate_kind(uint64_t* random) {
  static unsigned weight_sum;
  if (weight_sum == 0) {
    for (int i = 0; i < FUZZ_KIND_COUNT; i++) { weight_sum += fuzz_traits[i].weight; }
  }
  unsigned rest = (unsigned)((fuzz_random(random) >> 33) % weight_sum);
  int kind = 0;
  while (rest >= fuzz_traits[kind].weight) { rest -= fuzz_traits[kind++].weight; }
  return (fuzz_kind_t)kind;
}

/* Big sizes are one in 64 only: they cost a page fault for each 4 KiB that the model touches. */
static unsigned generate_size_code(uint64_t* random) {
  const unsigned code = (unsigned)(fuzz_random(random) >> 48);
  const bool is_big_wanted = (fuzz_random(random) >> 58) == 0;
  return code >> 12 >= 14 && !is_big_wanted ? code & 0xbfff : code;
}

static unsigned generate_alignment_code(uint64_t* random) {
  const unsigned r = (unsigned)(fuzz_random(random) >> 40);
  return (r & 15) == 0 ? (r >> 4) % 25 : (r >> 4) % 13;
}

void fuzz_generate(uint64_t seed, size_t op_count, uint8_t* bytes) {
  uint64_t random = seed * 0x9e3779b97f4a7c15ull + 1;
  /* Few slots reuse blocks at once, many let pages fill up; few threads and many likewise. */
  const unsigned slot_mask = (1u << (2 + fuzz_random(&random) % 6)) - 1;
  const unsigned thread_mask = (unsigned)(fuzz_random(&random) >> 40) & 3;
  for (size_t i = 0; i < op_count; i++, bytes += FUZZ_RECORD_SIZE) {
    const unsigned size_code = generate_size_code(&random);
    const uint64_t r = fuzz_random(&random) >> 16;
    bytes[0] = (uint8_t)generate_kind(&random);
    bytes[1] = (uint8_t)(r & slot_mask);
    bytes[2] = (uint8_t)(size_code >> 8);
    bytes[3] = (uint8_t)size_code;
    bytes[4] = (uint8_t)((r >> 8 & 7) << 5 | generate_alignment_code(&random));
    bytes[5] = (uint8_t)((r >> 16 & 63) << 2 | (r >> 24 & thread_mask));
  }
}
