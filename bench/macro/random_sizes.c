/* random_sizes.c - one thread, random sizes, like the alloc-test row, written after its
   published description: sizes are drawn so that each power of two is about half as frequent
   as the one before, lifetimes are random, every block is written once. */
#include "../common/bench.h"

enum { SLOTS = 1 << 16, STEPS = 24000000, SIZE_LOW = 8, SIZE_HIGH = 4096 };

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  bench_block_t* const slots = bench_table_new(SLOTS, sizeof(bench_block_t));
  bench_random_t random = bench_random_seed(1);
  const size_t step_count = bench_scaled(&options, STEPS);
  for (size_t i = 0; i < step_count; i++) {
    bench_block_t* const slot = &slots[bench_random_below(&random, SLOTS)];
    if (slot->p != NULL) {
      bench_block_free(slot);
      continue;
    }
    const uint32_t size = bench_random_skewed(&random, SIZE_LOW, SIZE_HIGH);
    *slot = bench_block_new(size, (uint32_t)i);
    memset(slot->p + 4, (int)i, size - BENCH_STAMP_SIZE);
  }
  for (int i = 0; i < SLOTS; i++) { bench_block_free(&slots[i]); }
  return 0;
}
