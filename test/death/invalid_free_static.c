/* invalid_free_static.c - the address of a static variable is freed. */
#include "death.h"

static char variable[4096];

int main(void) {
  void* p = hide(variable + 1024);
  announce(p);
  mi_free(p);
  return finish_alive();
}
