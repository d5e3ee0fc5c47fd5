/* heap_after_destroy.c - allocation in a heap that was destroyed: refused with NULL. */
#include "death.h"

int main(void) {
  mi_heap_t* heap = require(mi_heap_new());
  require(mi_heap_malloc(heap, 100));
  mi_heap_destroy(heap);
  announce(heap);
  if (mi_heap_malloc(heap, 100) != NULL) { return 5; }
  return finish_alive();
}
