/* unaligned_free_small.c - an address inside of a small block is freed. */
#include "death.h"

int main(void) {
  char* block = require(mi_malloc(160));
  void* p = hide(block + 32);
  announce(p);
  mi_free(p);
  return finish_alive();
}
