/* invalid_realloc.c - realloc of memory that is not the allocator's: refused with NULL. */
#include <errno.h>

#include "death.h"

static char variable[4096];

int main(void) {
  void* p = hide(variable + 512);
  announce(p);
  if (mi_realloc(p, 100) != NULL) { return 5; }
  return finish_alive();
}
