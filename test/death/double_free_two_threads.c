/* double_free_two_threads.c - two threads, neither of them the owner, free the same block. */
#include "death.h"

int main(void) {
  void* neighbour = require(mi_malloc(200));
  void* p = hide(require(mi_malloc(200)));
  announce(p);
  in_thread(thread_free, p);
  in_thread(thread_free, p);
  mi_collect(false); /* takes over what others freed */
  for (int i = 0; i < 5000; i++) { require(mi_malloc(200)); }
  mi_free(neighbour);
  return finish_alive();
}
