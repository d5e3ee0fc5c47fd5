/* early.c - a shared library that allocates in its constructor: linked behind the allocator, it
 * runs before that one's constructor. */
#include <stdlib.h>

void* early_blocks[300];

__attribute__((constructor)) static void allocate_early(void) {
  for (size_t i = 0; i < 300; i++) { early_blocks[i] = malloc(5000); }
}
