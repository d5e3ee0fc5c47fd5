/* sizes.c - a buffer that uses all it got: each call tells the usable size. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

int main(void) {
  size_t capacity = 0;
  char* buffer = (char*)mi_umalloc(100, &capacity);
  EXPECT(capacity >= 100 && capacity == mi_usable_size(buffer));
  memset(buffer, 'x', capacity); /* all of it */

  size_t before = 0;
  buffer = (char*)mi_urealloc(buffer, capacity + 1, &before, &capacity);
  EXPECT(capacity > before && buffer[before - 1] == 'x');

  size_t freed = 0;
  mi_ufree(buffer, &freed);
  EXPECT(freed == capacity);

  int* zeroed = (int*)mi_ucalloc(25, sizeof(int), &capacity);
  EXPECT(capacity >= 25 * sizeof(int) && zeroed[capacity / sizeof(int) - 1] == 0);
  mi_free(zeroed);
  return 0;
}
