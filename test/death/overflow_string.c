/* overflow_string.c - the classic: no room for the final 0 of a text as long as the block. */
#include "death.h"

int main(void) {
  char* p = hide(require(mi_malloc(100)));
  announce(p);
  memset(p, 'x', 100);
  memcpy(p + 100, "yyyy", 5);
  mi_free(p);
  printf("not noticed\n");
  return 7;
}
