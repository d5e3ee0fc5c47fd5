/* invalid_free_low.c - a small number taken for an address, as from a corrupted structure. */
#include "death.h"

int main(void) {
  void* p = hide((void*)(uintptr_t)0x1230);
  announce(p);
  mi_free(p);
  return finish_alive();
}
