/* overflow_one_byte.c - one byte behind a block of 41 bytes is written. */
#include "death.h"

int main(void) {
  unsigned char* p = hide(require(mi_malloc(41)));
  announce(p);
  p[41] ^= 0x55;
  mi_free(p);
  printf("not noticed\n");
  return 7;
}
