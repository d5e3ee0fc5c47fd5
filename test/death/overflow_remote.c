/* overflow_remote.c - an overflow found when another thread frees the block. */
#include "death.h"

int main(void) {
  unsigned char* p = hide(require(mi_malloc(333)));
  announce(p);
  p[333] ^= 0x55;
  in_thread(thread_free, p);
  mi_collect(true);
  printf("not noticed\n");
  return 7;
}
