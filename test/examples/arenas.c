/* arenas.c - a heap takes its memory from where the program says, and from nowhere else. */
#include <mimalloc.h>

#include "example.h"

enum { MIB = 1024 * 1024 };

static void use_reserved(void) {
  mi_arena_id_t arena;
  EXPECT(mi_reserve_os_memory_ex(64 * MIB, false /* commit */, false /* large pages */,
                                 true /* exclusive */, &arena) == 0);
  size_t size = 0;
  char* start = (char*)mi_arena_area(arena, &size);
  EXPECT(start != NULL && size >= 64 * MIB);

  mi_heap_t* heap = mi_heap_new_in_arena(arena);
  char* p = (char*)mi_heap_malloc(heap, 1000);
  EXPECT(p >= start && p < start + size && mi_arena_contains(arena, p));
  EXPECT(mi_heap_malloc(heap, 128 * MIB) == NULL); /* the arena has no more */
  void* other = mi_malloc(1000);
  EXPECT(!mi_arena_contains(arena, other)); /* it is exclusive */
  mi_free(other);
  mi_heap_destroy(heap);
}

/* Memory that the program has: shared, of a device, of another NUMA node. It stays an arena. */
static void use_own(void) {
  static char memory[32 * MIB];
  mi_arena_id_t arena;
  EXPECT(sizeof(memory) >= mi_arena_min_size() + mi_arena_min_alignment());
  EXPECT(mi_manage_os_memory_ex(memory, sizeof(memory), true /* committed */, true /* pinned */,
                                true /* zero */, -1 /* any node */, true, &arena));
  mi_heap_t* heap = mi_heap_new_in_arena(arena);
  char* p = (char*)mi_heap_zalloc(heap, MIB);
  EXPECT(p >= memory && p + MIB <= memory + sizeof(memory) && p[MIB - 1] == 0);
  mi_heap_destroy(heap);
}

int main(void) {
  use_reserved();
  use_own();
  return 0;
}
