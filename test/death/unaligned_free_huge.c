/* unaligned_free_huge.c - an address in the middle of a huge block is freed. */
#include "death.h"

int main(void) {
  char* block = require(mi_malloc(60u << 20));
  void* p = hide(block + (30u << 20));
  announce(p);
  mi_free(p);
  mi_free(block);
  return finish_alive();
}
