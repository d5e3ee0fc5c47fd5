/* corrupted_list.c - use after free: the link inside a freed block is overwritten with an address
   outside of the page; allocating from the list has to notice before it hands that out. */
#include "death.h"

enum { COUNT = 64 };

int main(void) {
  static void* blocks[COUNT];
  static char elsewhere[4096];
  for (int i = 0; i < COUNT; i++) { blocks[i] = hide(require(mi_malloc(112))); }
  for (int i = 8; i < 24; i++) { mi_free(blocks[i]); }
  void** link = blocks[16];
  announce(link);
  link[0] = hide(elsewhere + 256);
  for (int i = 0; i < 100000; i++) {
    char* p = hide(require(mi_malloc(112)));
    if (p >= elsewhere && p < elsewhere + sizeof(elsewhere)) {
      printf("handed out\n");
      return 6;
    }
  }
  printf("not noticed\n");
  return 7;
}
