/* fuzz_calls.h - one operation to one call of the library; knows nothing of the model. */
#ifndef MIM_TEST_FUZZ_CALLS_H
#define MIM_TEST_FUZZ_CALLS_H
#include "fuzz_stream.h"

/* Sizes of blocks as the size-returning functions report them; 0 when the call reports none. */
typedef struct fuzz_block_sizes {
  size_t before;
  size_t after;
} fuzz_block_sizes_t;

/* The bytes the operation asks for: count times size, limited for the small functions. */
size_t fuzz_request_size(const fuzz_op_t* op);

void* fuzz_call_allocate(const fuzz_op_t* op, fuzz_block_sizes_t* sizes);
void* fuzz_call_resize(const fuzz_op_t* op, void* p, fuzz_block_sizes_t* sizes);
void fuzz_call_release(const fuzz_op_t* op, void* p, size_t size, size_t alignment,
                       fuzz_block_sizes_t* sizes);

/* A request that no machine can serve, one of FUZZ_OVERFLOW_COUNT kinds. `p` may be a live block:
   it has to stay as it is. Returns what the library returned. */
enum { FUZZ_OVERFLOW_COUNT = 10 };
void* fuzz_call_overflow(unsigned kind, void* p);

#endif
