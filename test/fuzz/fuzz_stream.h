/* fuzz_stream.h - bytes to operations: what libFuzzer mutates, the corpus keeps, shrinking cuts.

   A stream is a row of records of six bytes; a rest of fewer than six is ignored:

     0        operation, by its position in fuzz_ops.def
     1        slot that holds the block
     2 3      size, in a code that makes small sizes frequent and 40 MiB possible
     4        low five bits: alignment; high three: count of array operations
     5        low two bits: thread that executes it; the rest: offset, or which variant

   Every byte string is a valid stream, and every record stands for itself: to take any records
   out leaves a valid stream. That is what makes shrinking simple. */
#ifndef MIM_TEST_FUZZ_STREAM_H
#define MIM_TEST_FUZZ_STREAM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  FUZZ_RECORD_SIZE = 6,
  FUZZ_SLOT_COUNT = 128,
  FUZZ_THREAD_COUNT = 4,
  FUZZ_OPS_MAX = 100000,
};

typedef enum fuzz_kind {
#define FUZZ_OP(name, group, traits, weight) FUZZ_##name,
#include "fuzz_ops.def"
#undef FUZZ_OP
  FUZZ_KIND_COUNT
} fuzz_kind_t;

typedef enum fuzz_group { ALLOCATE, RESIZE, RELEASE, INSPECT } fuzz_group_t;
enum { ZERO = 1, ALIGNED = 2, OFFSET = 4, SMALL = 8, ARRAY = 16 };

typedef struct fuzz_trait {
  const char* name;
  fuzz_group_t group;
  unsigned traits;
  unsigned weight;
} fuzz_trait_t;

typedef struct fuzz_op {
  fuzz_kind_t kind;
  unsigned thread;
  unsigned slot;
  size_t size;  /* bytes; of one element for array operations */
  size_t count; /* 1 to 8 */
  size_t alignment;
  size_t offset;
  unsigned variant;
} fuzz_op_t;

extern const fuzz_trait_t fuzz_traits[FUZZ_KIND_COUNT];

fuzz_op_t fuzz_decode(const uint8_t record[FUZZ_RECORD_SIZE]);

/* A readable line such as "t1 slot 5: realloc size 70 count 1 alignment 16 offset 0". */
void fuzz_describe(const fuzz_op_t* op, char* text, size_t text_size);

/* Writes `op_count` pseudo-random records; the same seed gives the same bytes everywhere. */
void fuzz_generate(uint64_t seed, size_t op_count, uint8_t* bytes);

/* xorshift64*: the one generator of all these tests. The state must not be 0. */
uint64_t fuzz_random(uint64_t* state);

#endif
