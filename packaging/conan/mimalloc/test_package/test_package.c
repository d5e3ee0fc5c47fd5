/* test_package.c - is served by the package. */
#include <mimalloc.h>
#include <stdio.h>

int main(void) {
  char* p = mi_strdup("block");
  if (p == NULL || !mi_any_heap_contains(p)) { return 1; }
  mi_free(p);
  printf("served by %d\n", mi_version());
  return 0;
}
