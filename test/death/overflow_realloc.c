/* overflow_realloc.c - an overflow found when the block is resized. */
#include "death.h"

int main(void) {
  unsigned char* p = hide(require(mi_malloc(200)));
  announce(p);
  p[200] ^= 0x55;
  p[201] ^= 0x55;
  p = mi_realloc(p, 100000);
  mi_free(p);
  printf("not noticed\n");
  return 7;
}
