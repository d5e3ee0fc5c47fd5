/* guarded_read.c - reads one byte behind a guarded block: a fault. */
#include "death.h"

int main(void) {
  unsigned char* p = hide(require(mi_malloc(100)));
  const size_t size = mi_usable_size(p);
  memset(p, 1, size);
  announce(p + size);
  const volatile unsigned char byte = p[size];
  (void)byte;
  return finish_alive();
}
