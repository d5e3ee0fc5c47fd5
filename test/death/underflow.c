/* underflow.c - one byte before a block is written: that is behind the block before it, which is
   the one reported. Blocks of a page need not follow each other, so it takes two that do. */
#include "death.h"

enum { COUNT = 64, SIZE = 72 };

/* The pair of blocks with the smallest distance: they are neighbours in memory. */
static int find_neighbours(unsigned char** blocks, unsigned char** first, unsigned char** second) {
  size_t distance = SIZE_MAX;
  for (int i = 0; i < COUNT; i++) {
    for (int k = 0; k < COUNT; k++) {
      if (blocks[k] > blocks[i] && (size_t)(blocks[k] - blocks[i]) < distance) {
        distance = (size_t)(blocks[k] - blocks[i]);
        *first = blocks[i];
        *second = blocks[k];
      }
    }
  }
  return distance <= 2 * SIZE;
}

int main(void) {
  static unsigned char* blocks[COUNT];
  unsigned char *first = NULL, *second = NULL;
  for (int i = 0; i < COUNT; i++) { blocks[i] = require(mi_malloc(SIZE)); }
  if (!find_neighbours(blocks, &first, &second)) { return 3; }
  announce(first);
  unsigned char* p = hide(second);
  p[-1] ^= 0x55;
  mi_free(second);
  mi_free(first);
  printf("not noticed\n");
  return 7;
}
