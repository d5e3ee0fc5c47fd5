/* guarded_write_huge.c - writes behind a guarded block of several slices: a fault. */
#include "death.h"

int main(void) {
  unsigned char* p = hide(require(mi_malloc(1000000)));
  const size_t size = mi_usable_size(p);
  memset(p, 1, size);
  announce(p + size);
  p[size] = 1;
  return finish_alive();
}
