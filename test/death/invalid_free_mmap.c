/* invalid_free_mmap.c - memory that came from mmap, not from the allocator, is freed. */
#include <sys/mman.h>

#include "death.h"

int main(void) {
  char* p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (p == MAP_FAILED) { return 3; }
  p[0] = 1;
  announce(p);
  mi_free(hide(p));
  return p[0] == 1 ? finish_alive() : 5; /* still mapped, still its contents */
}
