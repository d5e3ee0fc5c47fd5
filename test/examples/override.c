/* override.c - one source file calls the allocator under the names that it already uses. */
#include <stdlib.h>
#include <string.h>

#include "example.h"

#include <mimalloc-override.h> /* last: from here on malloc is mi_malloc */

int main(void) {
  char* p = (char*)malloc(10);
  EXPECT(mi_any_heap_contains(p));
  p = (char*)realloc(p, 1000);
  strcpy(p, "text");
  char* copy = strdup(p);
  EXPECT(mi_any_heap_contains(copy) && strcmp(copy, "text") == 0);
  EXPECT(malloc_usable_size(p) >= 1000);
  free(copy);
  free(p);
  return 0;
}
