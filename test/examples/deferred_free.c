/* deferred_free.c - a reference count puts frees off, and the allocator says when to do them. */
#include <mimalloc.h>

#include "example.h"

typedef struct waiting {
  struct waiting* next;
} waiting_t;

static waiting_t* waiting_first;
static int freed_count;

/* Cheap: where the program drops the last reference. */
static void free_later(void* p) {
  waiting_t* block = (waiting_t*)p;
  block->next = waiting_first;
  waiting_first = block;
}

/* Called now and then, when an allocation takes its slow path. */
static void free_waiting(bool force, unsigned long long heartbeat, void* arg) {
  int budget = force ? 1 << 30 : 100; /* frees at a time */
  (void)heartbeat;
  for (waiting_t* block; budget > 0 && (block = waiting_first) != NULL; budget--) {
    waiting_first = block->next;
    mi_free(block);
    ++*(int*)arg;
  }
}

int main(void) {
  mi_register_deferred_free(&free_waiting, &freed_count);
  for (int i = 0; i < 100000; i++) { free_later(mi_malloc(64)); }
  EXPECT(freed_count > 0); /* meanwhile */
  mi_collect(true);        /* asks for all */
  EXPECT(freed_count == 100000 && waiting_first == NULL);
  mi_register_deferred_free(NULL, NULL);
  return 0;
}
