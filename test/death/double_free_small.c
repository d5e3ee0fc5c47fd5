/* double_free_small.c - a small block freed twice in a row, with others of its page in use. */
#include "death.h"

int main(void) {
  void* before = require(mi_malloc(40));
  void* p = hide(require(mi_malloc(40)));
  void* after = require(mi_malloc(40));
  announce(p);
  mi_free(p);
  mi_free(p);
  mi_free(before);
  mi_free(after);
  return finish_alive();
}
