/* fuzz_model.h - a shadow of what the allocator has to hold, and the run of a stream against it.

   The model keeps for every slot the block, what was asked for, and the seed of the pattern that
   fills it. After each call it checks: alignment, no overlap with any other live block, zeroed
   bytes where promised, contents kept by every resize, an honest usable size (it is all written),
   NULL with ENOMEM for impossible requests, and ownership. The first difference ends the process
   by abort() with the operations that led to it.

   Operations run one after the other, each in the logical thread its record names: so frees from
   other threads, abandoned pages and reclaiming are met in an order that repeats exactly. Races
   are the stress tests' part. */
#ifndef MIM_TEST_FUZZ_MODEL_H
#define MIM_TEST_FUZZ_MODEL_H
#include <stddef.h>
#include <stdint.h>

typedef struct fuzz_settings {
  int is_peer;    /* another library is tested: leave out what only this one promises */
  int is_tracing; /* print every operation before it is made */
} fuzz_settings_t;

extern fuzz_settings_t fuzz_settings;

/* Runs the stream, verifies everything at its end, frees all and ends the threads. */
void fuzz_run(const uint8_t* bytes, size_t byte_count);

#endif
