/* invalid_free_high_bits.c - a block's address with garbage in its upper bits: not an address at
   all on this processor, so that the page map must not be read out of its bounds. */
#include "death.h"

int main(void) {
  char* block = require(mi_malloc(100));
  void* p = hide((void*)((uintptr_t)block | (uintptr_t)0x5a50 << 48));
  announce(p);
  mi_free(p);
  mi_free(block);
  return finish_alive();
}
