/* typed.c - macros that name the type once, and functions for sizes known at compile time. */
#include <mimalloc.h>

#include "example.h"

typedef struct point {
  double x, y;
} point_t;

int main(void) {
  point_t* p = mi_malloc_tp(point_t);
  p->x = 1;
  mi_free_tp(point_t, p); /* faster: the size is known */

  point_t* row = mi_calloc_tp(point_t, 10);
  EXPECT(row[9].y == 0);
  row[9].y = 9;
  row = mi_recalloc_tp(point_t, row, 100);
  EXPECT(row[9].y == 9 && row[99].y == 0);
  row = mi_reallocn_tp(point_t, row, 20);
  EXPECT(row[9].y == 9);
  mi_free(row);

  mi_heap_t* heap = mi_heap_new();
  row = mi_heap_mallocn_tp(point_t, heap, 3);
  EXPECT(mi_heap_contains(heap, row) && mi_heap_contains(heap, mi_heap_zalloc_tp(point_t, heap)));
  mi_heap_destroy(heap);

  void* small = mi_zalloc_csize(48);
  mi_free_csize(small, 48);
  return 0;
}
