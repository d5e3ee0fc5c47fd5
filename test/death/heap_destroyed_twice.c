/* heap_destroyed_twice.c - the second destroy of a heap: reported, and without effect. */
#include "death.h"

int main(void) {
  mi_heap_t* heap = require(mi_heap_new());
  require(mi_heap_malloc(heap, 100));
  mi_heap_destroy(heap);
  announce(heap);
  mi_heap_destroy(heap);
  return finish_alive();
}
