/* corrupted_list_garbage.c - use after free writes ordinary data over the link of a freed block. */
#include "death.h"

enum { COUNT = 64 };

int main(void) {
  static char* blocks[COUNT];
  for (int i = 0; i < COUNT; i++) { blocks[i] = hide(require(mi_malloc(48))); }
  for (int i = 8; i < 24; i++) { mi_free(blocks[i]); }
  announce(blocks[16]);
  memcpy(blocks[16], "user data in a dead block", 25);
  for (int i = 0; i < 100000; i++) { require(mi_malloc(48)); }
  printf("not noticed\n");
  return 7;
}
