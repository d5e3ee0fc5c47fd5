/* pages.c - of a system that has no transparent huge pages, or gives them by itself, and does not
 * move OS pages. */
#include <errno.h>

#include "prim/prim.h"

int mim_prim_advise_huge(void* base, size_t size, bool wanted) {
  (void)base, (void)size, (void)wanted;
  return ENOSYS;
}

int mim_prim_populate(void* base, size_t size) {
  (void)base, (void)size;
  return 0;
}

int mim_prim_move(void* from, void* to, size_t size) {
  (void)from, (void)to, (void)size;
  return ENOSYS;
}
