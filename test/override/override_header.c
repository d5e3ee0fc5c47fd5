/* override_header.c - mimalloc-override.h: the names of the malloc family become macros, so that a
   program uses the allocator without any symbol being replaced. */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "ours.h"

#include <mimalloc-override.h>

#if !defined(malloc) || !defined(calloc) || !defined(realloc) || !defined(free) || \
  !defined(strdup) || !defined(posix_memalign)
#error "mimalloc-override.h does not define the names of the malloc family"
#endif

int main(void) {
  char* p = malloc(100);
  CHECK_OURS(p);
  p = realloc(p, 5000);
  CHECK_OURS(p);
  CHECK_THAT(malloc_usable_size(p) >= 5000);
  free(p);
  p = calloc(7, 7);
  CHECK_OURS(p);
  CHECK_THAT(p[48] == 0);
  free(p);
  p = strdup("text");
  CHECK_OURS(p);
  CHECK_THAT(strcmp(p, "text") == 0);
  free(p);
  void* aligned = NULL;
  CHECK_THAT(posix_memalign(&aligned, 512, 10) == 0);
  CHECK_OURS(aligned);
  free(aligned);
  printf("mimalloc-override.h redirects the malloc family\n");
  return 0;
}
