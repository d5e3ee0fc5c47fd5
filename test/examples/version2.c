/* version2.c - a program for version 2: MI_V2_API gives it its names. */
#define MI_V2_API 1
#include <mimalloc.h>

#include "example.h"

int main(void) {
  mi_heap_t* heap = mi_heap_new();
  mi_heap_t* before = mi_heap_set_default(heap);
  EXPECT(before == mi_heap_get_backing());
  void* p = mi_malloc(10); /* in the heap */
  EXPECT(mi_heap_contains_block(heap, p) && mi_heap_check_owned(heap, p));
  long* numbers = mi_heap_mallocn_tp(heap, long, 10); /* the type comes after the heap */
  numbers = mi_heap_recalloc_tp(heap, numbers, long, 20);
  mi_heap_set_default(before);
  mi_heap_destroy(heap);
  return 0;
}
