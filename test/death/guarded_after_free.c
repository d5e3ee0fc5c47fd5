/* guarded_after_free.c - reads a guarded block that is freed: a fault. */
#include "death.h"

int main(void) {
  unsigned char* p = hide(require(mi_malloc(100)));
  memset(p, 1, 100);
  mi_free(p);
  p = hide(p);
  announce(p);
  const volatile unsigned char byte = p[50];
  (void)byte;
  return finish_alive();
}
