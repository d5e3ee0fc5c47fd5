/* subprocs.c - an interpreter of its own ends, and with it all that it allocated. */
#include <mimalloc.h>
#include <pthread.h>

#include "example.h"

static void* interpret(void* arg) {
  mi_subproc_id_t subproc = *(mi_subproc_id_t*)arg;
  mi_subproc_add_current_thread(subproc); /* before it allocates */
  mi_heap_t* heap = mi_heap_new();
  void* leaked = mi_heap_malloc(heap, 1000);
  EXPECT(mi_heap_of(leaked) == heap);
  return mi_malloc(100); /* leaked as well */
}

static bool count(mi_heap_t* heap, void* arg) {
  EXPECT(heap != NULL);
  ++*(int*)arg;
  return true;
}

int main(void) {
  mi_subproc_id_t subproc = mi_subproc_new();
  pthread_t thread;
  void* leaked = NULL;
  EXPECT(pthread_create(&thread, NULL, &interpret, &subproc) == 0);
  EXPECT(pthread_join(thread, &leaked) == 0);
  EXPECT(mi_any_heap_contains(leaked));
  int heaps = 0;
  EXPECT(mi_subproc_visit_heaps(subproc, &count, &heaps));
  EXPECT(heaps == 2); /* its main heap, and the one that the thread made */
  mi_subproc_destroy(subproc);
  EXPECT(!mi_any_heap_contains(leaked));
  return 0;
}
