/* factor.c - single-threaded churn of tiny blocks: factors integers with big numbers that live on
   the heap, every result of an operation a new block (the pattern of the literature's cfrac).
   The method is Pollard's rho with Brent's cycle finding (Brent, BIT 20, 1980); the products of
   the factors found are checked against the number. Lifetimes are one or two operations. */
#include "../common/bench.h"

#include <stdlib.h>

enum { NUMBERS = 220, LIMB_BITS = 32 };

/* An unsigned number, least significant limb first; no leading zero limbs. */
typedef struct big {
  uint32_t length;
  uint32_t limbs[];
} big_t;

static big_t* big_new(uint32_t length) {
  big_t* const number = malloc(sizeof(big_t) + length * sizeof(uint32_t));
  if (number == NULL) { bench_fail("factor: no memory"); }
  number->length = length;
  memset(number->limbs, 0, length * sizeof(uint32_t));
  return number;
}

static big_t* big_trim(big_t* number) {
  while (number->length > 0 && number->limbs[number->length - 1] == 0) { number->length--; }
  return number;
}

static big_t* big_of(uint64_t value) {
  big_t* const number = big_new(2);
  number->limbs[0] = (uint32_t)value;
  number->limbs[1] = (uint32_t)(value >> LIMB_BITS);
  return big_trim(number);
}

static big_t* big_copy(const big_t* a) {
  big_t* const number = big_new(a->length);
  memcpy(number->limbs, a->limbs, a->length * sizeof(uint32_t));
  return number;
}

static int big_compare(const big_t* a, const big_t* b) {
  if (a->length != b->length) { return a->length < b->length ? -1 : 1; }
  for (uint32_t i = a->length; i-- > 0;) {
    if (a->limbs[i] != b->limbs[i]) { return a->limbs[i] < b->limbs[i] ? -1 : 1; }
  }
  return 0;
}

static big_t* big_add(const big_t* a, const big_t* b) {
  const uint32_t length = (a->length > b->length ? a->length : b->length) + 1;
  big_t* const sum = big_new(length);
  uint64_t carry = 0;
  for (uint32_t i = 0; i < length; i++) {
    if (i < a->length) { carry += a->limbs[i]; }
    if (i < b->length) { carry += b->limbs[i]; }
    sum->limbs[i] = (uint32_t)carry;
    carry >>= LIMB_BITS;
  }
  return big_trim(sum);
}

/* The difference of the larger and the smaller one. */
static big_t* big_distance(const big_t* a, const big_t* b) {
  if (big_compare(a, b) < 0) { return big_distance(b, a); }
  big_t* const difference = big_new(a->length);
  int64_t borrow = 0;
  for (uint32_t i = 0; i < a->length; i++) {
    borrow += (int64_t)a->limbs[i] - (i < b->length ? b->limbs[i] : 0);
    difference->limbs[i] = (uint32_t)borrow;
    borrow >>= LIMB_BITS;
  }
  return big_trim(difference);
}

static big_t* big_multiply(const big_t* a, const big_t* b) {
  big_t* const product = big_new(a->length + b->length);
  for (uint32_t i = 0; i < a->length; i++) {
    uint64_t carry = 0;
    for (uint32_t j = 0; j < b->length; j++) {
      carry += (uint64_t)a->limbs[i] * b->limbs[j] + product->limbs[i + j];
      product->limbs[i + j] = (uint32_t)carry;
      carry >>= LIMB_BITS;
    }
    product->limbs[i + b->length] = (uint32_t)carry;
  }
  return big_trim(product);
}

static uint64_t limbs_at(const big_t* a, uint32_t at) {
  return at + 1 < a->length ? ((uint64_t)a->limbs[at + 1] << LIMB_BITS) | a->limbs[at]
                            : a->limbs[at];
}

/* a - m * q, shifted by `at` limbs; q never overshoots. */
static void big_subtract_scaled(big_t* a, const big_t* m, uint64_t q, uint32_t at) {
  uint64_t carry = 0;
  for (uint32_t i = 0; i + at < a->length; i++) {
    const uint64_t part = (i < m->length ? m->limbs[i] * q : 0) + carry;
    carry = part >> LIMB_BITS;
    if (a->limbs[i + at] < (uint32_t)part) { carry++; }
    a->limbs[i + at] -= (uint32_t)part;
  }
}

/* Schoolbook remainder with an underestimated quotient digit: simple, and exact in the end. */
static big_t* big_remainder(const big_t* a, const big_t* m) {
  big_t* const rest = big_copy(a);
  const uint64_t top = (uint64_t)m->limbs[m->length - 1] + 1;
  while (big_compare(rest, m) >= 0) {
    uint32_t at = rest->length - m->length;
    uint64_t q = rest->limbs[rest->length - 1] / top;
    if (q == 0 && at > 0) {
      at--;
      q = limbs_at(rest, rest->length - 2) / top;
    }
    if (q > UINT32_MAX) { q = UINT32_MAX; }
    big_subtract_scaled(rest, m, q == 0 ? 1 : q, at);
    big_trim(rest);
  }
  return rest;
}

static big_t* big_gcd(const big_t* a, const big_t* b) {
  big_t* x = big_copy(a);
  big_t* y = big_copy(b);
  while (y->length > 0) {
    big_t* const rest = big_remainder(x, y);
    free(x);
    x = y;
    y = rest;
  }
  free(y);
  return x;
}

/* x * x + c modulo n: three blocks are born, two die. */
static big_t* rho_step(const big_t* x, const big_t* c, const big_t* n) {
  big_t* const square = big_multiply(x, x);
  big_t* const sum = big_add(square, c);
  big_t* const next = big_remainder(sum, n);
  free(square);
  free(sum);
  return next;
}

/* A factor of n; n itself when this c finds none. */
static big_t* rho_factor(const big_t* n, uint64_t constant) {
  big_t* const c = big_of(constant);
  big_t* slow = big_of(2);
  big_t* fast = big_of(2);
  big_t* factor = big_of(1);
  for (uint32_t power = 1, steps = 0; factor->length == 1 && factor->limbs[0] == 1; steps++) {
    if (steps == power) {
      free(slow);
      slow = big_copy(fast);
      power *= 2;
      steps = 0;
    }
    big_t* const next = rho_step(fast, c, n);
    free(fast);
    fast = next;
    big_t* const distance = big_distance(slow, fast);
    free(factor);
    factor = big_gcd(n, distance);
    free(distance);
  }
  free(c);
  free(slow);
  free(fast);
  return factor;
}

static bool is_prime(uint64_t n) {
  for (uint64_t d = 2; d * d <= n; d++) {
    if (n % d == 0) { return false; }
  }
  return n > 1;
}

static uint64_t random_prime(bench_random_t* random, uint32_t low, uint32_t high) {
  uint64_t n = bench_random_between(random, low, high);
  while (!is_prime(n)) { n++; }
  return n;
}

static void factor_product(uint64_t p, uint64_t q) {
  big_t* const prime_p = big_of(p);
  big_t* const prime_q = big_of(q);
  big_t* const n = big_multiply(prime_p, prime_q);
  big_t* factor = NULL;
  for (uint64_t c = 1; factor == NULL || big_compare(factor, n) == 0; c++) {
    free(factor);
    factor = rho_factor(n, c);
  }
  if (big_compare(factor, prime_p) != 0 && big_compare(factor, prime_q) != 0) {
    bench_fail("factor: a factor is wrong");
  }
  free(factor);
  free(n);
  free(prime_p);
  free(prime_q);
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  bench_random_t random = bench_random_seed(7);
  const size_t count = bench_scaled(&options, NUMBERS);
  for (size_t i = 0; i < count; i++) {
    const uint64_t p = random_prime(&random, 1000000, 3000000);
    const uint64_t q = random_prime(&random, 3000000000U, 4000000000U);
    factor_product(p, q);
  }
  return 0;
}
