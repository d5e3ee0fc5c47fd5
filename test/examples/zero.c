/* zero.c - a zeroed array grows, and its new elements are zero as well. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

static int is_zero(const long* numbers, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) {
    if (numbers[i] != 0) { return 0; }
  }
  return 1;
}

int main(void) {
  long* numbers = (long*)mi_zalloc(10 * sizeof(long)); /* it begins zeroed ... */
  EXPECT(is_zero(numbers, 0, 10));
  numbers[9] = 9;
  for (size_t count = 20; count <= 20000; count *= 10) {
    numbers = (long*)mi_recalloc(numbers, count, sizeof(long)); /* ... and so it goes on */
    EXPECT(numbers[9] == 9 && is_zero(numbers, 10, count));
  }
  numbers = (long*)mi_rezalloc(numbers, 10 * sizeof(long));
  numbers = (long*)mi_rezalloc(numbers, 100 * sizeof(long));
  EXPECT(numbers[9] == 9 && is_zero(numbers, 10, 100));
  mi_free(numbers);
  return 0;
}
