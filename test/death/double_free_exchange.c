/* double_free_exchange.c - a block goes to another thread, which frees it; then its first owner
   frees it as well. */
#include "death.h"

int main(void) {
  void* neighbour = require(mi_malloc(96));
  void* p = hide(require(mi_malloc(96)));
  announce(p);
  in_thread(thread_free, p);
  mi_free(p);
  mi_free(neighbour);
  return finish_alive();
}
