/* test_exponential.c - the logarithm, and that distances are exponentially distributed. */
#include "base/exponential.h"

#include "test/unit/unit.h"

enum { ONE = 1 << MIM_LOG_ONE_SHIFT, DRAWS = 200000 };

static uint64_t uniform(uint64_t* seed) {
  /* xorshift alone is weak in its low bits: the high ones decide here. */
  return random_next(seed) * UINT64_C(0x2545F4914F6CDD1D);
}

static bool is_near(uint64_t value, uint64_t expected, uint64_t tolerance) {
  return value + tolerance >= expected && value <= expected + tolerance;
}

TEST(exponential_logarithm_of_powers_of_two) {
  const uint64_t ln_2 = 45426; /* 0.693147 * 65536 */
  for (unsigned bit = 0; bit < 64; bit++) {
    CHECK(is_near(mim_log_of_fraction((uint64_t)1 << bit), (64 - bit) * ln_2, 64 - bit));
  }
}

/* The table is of ln, to six digits, by hand: no library computes it here. */
TEST(exponential_logarithm_between_powers) {
  static const struct {
    unsigned tenths;
    uint64_t millionths;
  } known[] = {{1, 2302585}, {2, 1609438}, {3, 1203973}, {4, 916291}, {5, 693147},
               {6, 510826},  {7, 356675},  {8, 223144},  {9, 105361}};
  for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
    const uint64_t x = UINT64_MAX / 10 * known[i].tenths;
    CHECK(is_near(mim_log_of_fraction(x), known[i].millionths * ONE / 1000000, 3));
  }
  CHECK(mim_log_of_fraction(UINT64_MAX) <= 1);
}

TEST(exponential_logarithm_falls) {
  uint32_t last = UINT32_MAX;
  for (uint64_t x = 1; x < UINT64_MAX / 2; x += x / 16 + 1) {
    CHECK(mim_log_of_fraction(x) <= last);
    last = mim_log_of_fraction(x);
  }
}

/* Of an exponential distribution with mean m, the part below m * ln(1 / (1 - q)) is q. */
TEST(exponential_distances_have_the_quantiles) {
  static const struct {
    uint64_t per_mille, thousandths_of_mean;
  } quantiles[] = {{10, 10},    {100, 105},  {250, 288}, {500, 693},
                   {750, 1386}, {900, 2303}, {990, 4605}};
  const size_t mean = 524288;
  for (size_t i = 0; i < sizeof(quantiles) / sizeof(quantiles[0]); i++) {
    uint64_t seed = 11 + i;
    size_t below = 0;
    for (size_t n = 0; n < DRAWS; n++) {
      const size_t distance = mim_exponential(uniform(&seed), mean);
      below += (uint64_t)distance * 1000 < mean * quantiles[i].thousandths_of_mean;
    }
    CHECK(is_near(below, quantiles[i].per_mille * (DRAWS / 1000), DRAWS / 250)); /* over 3 sigma */
  }
}

TEST(exponential_mean_and_variance) {
  const uint64_t mean = 10000;
  uint64_t seed = 5, sum = 0, squares = 0;
  for (size_t n = 0; n < DRAWS; n++) {
    const uint64_t distance = mim_exponential(uniform(&seed), mean);
    sum += distance;
    squares += distance * distance / mean;
  }
  CHECK(is_near(sum / DRAWS, mean, mean / 100));
  CHECK(is_near(squares / DRAWS, 2 * mean, mean / 20)); /* E(x^2) = 2 mean^2 */
}

/* What profiles rest on: a block of n bytes is met with 1 - exp(-n / mean), 63.2 % for n = mean. */
TEST(exponential_points_meet_blocks_as_often_as_they_should) {
  const size_t mean = 4096;
  uint64_t seed = 77;
  size_t met = 0, left = mim_exponential(uniform(&seed), mean);
  for (size_t n = 0; n < DRAWS; n++) {
    if (left >= mean) {
      left -= mean;
      continue;
    }
    met++;
    left = mim_exponential(uniform(&seed), mean);
  }
  CHECK(is_near(met, DRAWS / 1000 * 632, DRAWS / 200));
}

TEST(exponential_of_small_and_large_means) {
  for (uint64_t random = 0; random < 100; random++) {
    CHECK_EQ(mim_exponential(random, 0), 0);
    CHECK_EQ(mim_exponential(random, 1), 0);
  }
  const uint64_t largest = MIM_IS_64BIT ? (uint64_t)1 << 40 : UINT32_MAX;
  CHECK(mim_exponential(0, SIZE_MAX) >= largest);
  CHECK(mim_exponential(UINT64_MAX / 2, SIZE_MAX) <= 2 * largest);
  CHECK(mim_exponential(1, 100) < 100 * 45);
}

TEST_MAIN()
