/* heap_after_delete.c - allocation in a heap that was deleted, whose blocks live on. */
#include "death.h"

int main(void) {
  mi_heap_t* heap = require(mi_heap_new());
  require(mi_heap_malloc(heap, 100));
  mi_heap_delete(heap);
  announce(heap);
  hide(mi_heap_malloc(heap, 100));
  return 5;
}
