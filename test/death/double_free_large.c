/* double_free_large.c - a block of 300,000 bytes freed twice, with neighbours in use. */
#include "death.h"

int main(void) {
  void* neighbour = require(mi_malloc(300000));
  void* p = hide(require(mi_malloc(300000)));
  void* other = require(mi_malloc(300000));
  announce(p);
  mi_free(p);
  mi_free(p);
  mi_free(neighbour);
  mi_free(other);
  return finish_alive();
}
