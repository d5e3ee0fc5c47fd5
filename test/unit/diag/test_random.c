/* test_random.c - keys do not repeat, and every bit of them moves. */
/* needs: unix */
#include "diag/random.h"

#include "test/unit/unit.h"

enum { COUNT = 4096 };

static int compare(const void* a, const void* b) {
  const uintptr_t x = *(const uintptr_t*)a, y = *(const uintptr_t*)b;
  return x < y ? -1 : x > y;
}

static void check_distinct(uintptr_t* numbers) {
  qsort(numbers, COUNT, sizeof(*numbers), compare);
  for (int i = 1; i < COUNT; i++) { CHECK(numbers[i] != numbers[i - 1]); }
}

/* Two processes that start alike draw differently: the secret comes from the OS. */
static int ends[2];

static void draw(void* arg) {
  (void)arg;
  const uintptr_t drawn = mim_random();
  CHECK_EQ(write(ends[1], &drawn, sizeof(drawn)), sizeof(drawn));
}

TEST(random_differs_between_processes) {
  uintptr_t drawn[2];
  CHECK_EQ(pipe(ends), 0);
  run_in_child(draw, NULL); /* first in this file: here, nothing has been drawn yet */
  run_in_child(draw, NULL);
  CHECK_EQ(read(ends[0], drawn, sizeof(drawn)), sizeof(drawn));
  CHECK(drawn[0] != drawn[1]);
}

TEST(random_numbers_do_not_repeat_and_use_every_bit) {
  static uintptr_t numbers[COUNT];
  int ones[8 * sizeof(uintptr_t)] = {0};
  for (int i = 0; i < COUNT; i++) {
    numbers[i] = mim_random();
    for (size_t bit = 0; bit < 8 * sizeof(uintptr_t); bit++) { ones[bit] += numbers[i] >> bit & 1; }
  }
  /* Half of them, give or take ten standard deviations. */
  for (size_t bit = 0; bit < 8 * sizeof(uintptr_t); bit++) {
    CHECK(ones[bit] > COUNT / 2 - 320 && ones[bit] < COUNT / 2 + 320);
  }
  check_distinct(numbers);
}

TEST(random_mix_is_a_permutation_that_spreads) {
  static uintptr_t numbers[COUNT];
  for (int i = 0; i < COUNT; i++) { numbers[i] = mim_random_mix((uintptr_t)i); }
  for (int i = 1; i < COUNT; i++) {
    const unsigned changed = (unsigned)__builtin_popcountll(numbers[i] ^ numbers[i - 1]);
    CHECK(changed >= sizeof(uintptr_t)); /* of 64 bits an eighth, six standard deviations */
  }
  check_distinct(numbers);
}

TEST_MAIN()
