/* large_blocks.c - large blocks: 2000 allocations of 5 to 25 MiB, random lifetimes, twenty alive
   at a time, every OS page of a block touched once. What is measured is what an allocator does
   with large free memory: give it back (system calls and page faults) or reuse it warm. */
#include "../common/bench.h"

enum { LIVE = 20, BLOCKS = 2000, OS_PAGE = 4096, MIB = 1 << 20 };

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  static bench_block_t live[LIVE];
  bench_random_t random = bench_random_seed(1);
  const size_t block_count = bench_scaled(&options, BLOCKS);
  for (size_t i = 0; i < block_count; i++) {
    bench_block_t* const slot = &live[bench_random_below(&random, LIVE)];
    bench_block_free(slot);
    const uint32_t size = bench_random_between(&random, 5 * MIB, 25 * MIB);
    *slot = bench_block_new(size, (uint32_t)i);
    for (uint32_t at = OS_PAGE; at < size - BENCH_STAMP_SIZE; at += OS_PAGE) {
      slot->p[at] = (unsigned char)i;
    }
  }
  for (int i = 0; i < LIVE; i++) { bench_block_free(&live[i]); }
  return 0;
}
