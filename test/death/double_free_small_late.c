/* double_free_small_late.c - the second free comes after many other frees and allocations of the
   same size: the block is neither the first of its list nor fresh in any cache. */
#include "death.h"

enum { COUNT = 200 };

int main(void) {
  static void* blocks[COUNT];
  for (int i = 0; i < COUNT; i++) { blocks[i] = hide(require(mi_malloc(64))); }
  void* p = blocks[COUNT / 2];
  announce(p);
  for (int i = COUNT / 4; i < COUNT; i++) { mi_free(blocks[i]); }
  mi_free(p);
  return finish_alive();
}
