/* double_free_medium.c - a block of 20,000 bytes freed twice, with a neighbour in use. */
#include "death.h"

int main(void) {
  void* neighbour = require(mi_malloc(20000));
  void* p = hide(require(mi_malloc(20000)));
  announce(p);
  mi_free(p);
  mi_free(p);
  mi_free(neighbour);
  return finish_alive();
}
