/* statistics.c - what a heap and the process use: as numbers, as JSON, and as text. */
#include <mimalloc-stats.h>
#include <mimalloc.h>
#include <string.h>

#include "example.h"

static void read_numbers(mi_heap_t* heap) {
  mi_stats_t_decl(stats);
  for (int i = 0; i < 100; i++) { EXPECT(mi_heap_malloc(heap, 1000) != NULL); }
  EXPECT(mi_heap_stats_get(heap, &stats));
  EXPECT(stats.malloc_normal_count.total == 100);
  EXPECT(stats.malloc_normal.current >= 100 * 1000);
  mi_stats_init(&stats);
  EXPECT(mi_stats_get(&stats)); /* of the process */
  EXPECT(stats.committed.peak >= stats.committed.current && stats.reserved.current > 0);
}

static void read_json(void) {
  char* json = mi_stats_get_json(0, NULL); /* a block, however long it is */
  EXPECT(json != NULL && strstr(json, "\"committed\"") != NULL);
  mi_free(json);
  char buffer[16];
  EXPECT(mi_stats_get_json(sizeof(buffer), buffer) == NULL); /* too small */
}

static void find_word(const char* message, void* arg) {
  if (strstr(message, "committed") != NULL) { *(int*)arg = 1; }
}

int main(void) {
  mi_heap_t* heap = mi_heap_new();
  read_numbers(heap);
  read_json();
  int is_printed = 0;
  mi_stats_print_out(&find_word, &is_printed); /* MIMALLOC_SHOW_STATS=1 does so at the end */
  EXPECT(is_printed);
  mi_heap_destroy(heap);
  return 0;
}
