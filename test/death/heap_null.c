/* heap_null.c - allocation in no heap. */
#include "death.h"

int main(void) {
  mi_heap_t* heap = hide(NULL);
  announce(heap);
  hide(mi_heap_malloc(heap, 100));
  return 5;
}
