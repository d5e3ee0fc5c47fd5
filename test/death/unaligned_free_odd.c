/* unaligned_free_odd.c - an odd address inside of a medium block is freed. */
#include "death.h"

int main(void) {
  char* block = require(mi_malloc(20000));
  void* p = hide(block + 4097);
  announce(p);
  mi_free(p);
  return finish_alive();
}
