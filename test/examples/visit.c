/* visit.c - the live blocks of a heap are counted, each once. */
#include <mimalloc.h>

#include "example.h"

typedef struct totals {
  size_t areas, blocks, bytes;
} totals_t;

static bool count(const mi_heap_t* heap, const mi_heap_area_t* area, void* block, size_t block_size,
                  void* arg) {
  totals_t* totals = (totals_t*)arg;
  (void)heap;
  if (block == NULL) { /* first comes the area, then the blocks in it */
    EXPECT(area->used > 0 && area->committed <= area->reserved);
    totals->areas++;
  } else {
    totals->blocks++;
    totals->bytes += block_size;
  }
  return true; /* go on */
}

static bool stop(const mi_heap_t* heap, const mi_heap_area_t* area, void* block, size_t block_size,
                 void* arg) {
  (void)heap, (void)area, (void)block, (void)block_size, (void)arg;
  return false;
}

int main(void) {
  mi_heap_t* heap = mi_heap_new();
  for (int i = 0; i < 1000; i++) {
    void* p = mi_heap_malloc(heap, 100);
    if (i % 2 == 0) { mi_free(p); }
  }
  totals_t totals = {0, 0, 0};
  EXPECT(mi_heap_visit_blocks(heap, true, &count, &totals));
  EXPECT(totals.areas > 0 && totals.blocks == 500 && totals.bytes >= 500 * 100);
  EXPECT(!mi_heap_visit_blocks(heap, true, &stop, NULL));
  mi_heap_destroy(heap);
  return 0;
}
