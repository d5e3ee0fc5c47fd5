/* invalid_free_stack.c - the address of a local variable is freed. */
#include "death.h"

int main(void) {
  char local[256];
  memset(local, 1, sizeof(local));
  void* p = hide(local + 64);
  announce(p);
  mi_free(p);
  return local[64] == 1 ? finish_alive() : 5;
}
