/* double_free_huge.c - a block of 50 MiB freed twice: its memory is gone after the first. */
#include "death.h"

int main(void) {
  char* p = hide(require(mi_malloc(50u << 20)));
  memset(p, 1, 100);
  announce(p);
  mi_free(p);
  mi_free(p);
  return finish_alive();
}
