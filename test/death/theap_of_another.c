/* theap_of_another.c - allocation through the theap of another thread. */
#include "death.h"

static void* thread_allocate(void* theap) {
  hide(mi_theap_malloc(theap, 100));
  return NULL;
}

int main(void) {
  mi_theap_t* theap = mi_theap_get_default();
  announce(theap);
  in_thread(thread_allocate, theap);
  return 5;
}
