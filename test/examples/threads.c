/* threads.c - several threads allocate in one heap; who frees a block does not matter. */
#include <mimalloc.h>
#include <pthread.h>

#include "example.h"

enum { THREADS = 4, BLOCKS = 1000 };

typedef struct work {
  mi_heap_t* heap;
  int* blocks[BLOCKS];
} work_t;

static void* fill(void* arg) {
  work_t* work = (work_t*)arg;
  for (int i = 0; i < BLOCKS; i++) {
    work->blocks[i] = (int*)mi_heap_malloc(work->heap, sizeof(int));
    *work->blocks[i] = i;
  }
  return NULL;
}

int main(void) {
  static work_t works[THREADS];
  pthread_t threads[THREADS];
  mi_heap_t* heap = mi_heap_new();
  for (int t = 0; t < THREADS; t++) {
    works[t].heap = heap;
    EXPECT(pthread_create(&threads[t], NULL, &fill, &works[t]) == 0);
  }
  for (int t = 0; t < THREADS; t++) {
    EXPECT(pthread_join(threads[t], NULL) == 0); /* its blocks live on */
    for (int i = 0; i < BLOCKS; i += 2) {
      EXPECT(*works[t].blocks[i] == i);
      mi_free(works[t].blocks[i]);
    }
  }
  mi_heap_destroy(heap); /* the other half */
  return 0;
}
