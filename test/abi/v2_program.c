/* v2_program.c - a program for version 2: it uses what that version's header declares and differs
 * from today's. compare_v2.py compiles it with the header of version 2.0.9, and runs the result on
 * that version's library and on ours; and compiles it with our header and MI_V2_API.
 *
 * So each check holds for both: it ends with 0, or names the first one that does not.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mimalloc.h"

#define EXPECT(c) ((c) ? (void)0 : fail(__LINE__, #c))

static void fail(int line, const char* claim) {
  fprintf(stderr, "v2_program.c:%d: not true on version %d: %s\n", line, mi_version(), claim);
  exit(1);
}

/* ---- typed macros: the type comes after the heap and the block ---- */

typedef struct point {
  double x, y;
} point_t;

static void use_typed_macros(mi_heap_t* heap) {
  point_t* p = mi_calloc_tp(point_t, 2);
  EXPECT(p[1].y == 0);
  p[1].y = 7;
  p = mi_reallocn_tp(p, point_t, 100);
  EXPECT(p[1].y == 7 && mi_usable_size(p) >= 100 * sizeof(point_t));
  mi_free(p);
  p = mi_heap_zalloc_tp(heap, point_t);
  EXPECT(p->x == 0 && mi_heap_contains_block(heap, p));
  p = mi_heap_recalloc_tp(heap, p, point_t, 50);
  EXPECT(p[49].y == 0);
  p = mi_heap_reallocn_tp(heap, p, point_t, 60);
  mi_free(p);
  p = mi_heap_mallocn_tp(heap, point_t, 3);
  mi_free(mi_heap_malloc_tp(heap, point_t));
  mi_free(p);
}

/* ---- the default heap of a thread ---- */

static void use_default_heap(void) {
  mi_heap_t* const backing = mi_heap_get_backing();
  EXPECT(mi_heap_get_default() == backing);
  mi_heap_t* const heap = mi_heap_new();
  EXPECT(mi_heap_set_default(heap) == backing);
  EXPECT(mi_heap_get_default() == heap);
  char* const p = mi_strdup("in the default heap");
  EXPECT(mi_heap_contains_block(heap, p) && mi_heap_check_owned(heap, p));
  EXPECT(!mi_heap_contains_block(backing, p) && !mi_heap_check_owned(backing, p));
  EXPECT(mi_heap_set_default(backing) == heap);
  void* const q = mi_malloc(10);
  EXPECT(mi_heap_contains_block(backing, q) && !mi_heap_contains_block(heap, q));
  mi_free(q);
  use_typed_macros(heap);
  mi_heap_set_default(heap);
  mi_heap_delete(heap); /* the block lives on, and the backing heap is the default */
  EXPECT(mi_heap_get_default() == backing);
  EXPECT(mi_heap_contains_block(backing, p) && strcmp(p, "in the default heap") == 0);
  mi_free(p);
}

static void* use_thread(void* arg) {
  mi_thread_init();
  use_default_heap();
  mi_free(arg);
  mi_thread_done();
  return mi_malloc(100);
}

static void use_threads(void) {
  pthread_t thread;
  void* p = NULL;
  EXPECT(pthread_create(&thread, NULL, &use_thread, mi_malloc(1000)) == 0);
  EXPECT(pthread_join(thread, &p) == 0);
  EXPECT(p != NULL);
  mi_free(p);
}

/* ---- visiting, messages, options ---- */

typedef struct seen {
  size_t areas, blocks;
} seen_t;

static bool see(const mi_heap_t* heap, const mi_heap_area_t* area, void* block, size_t size,
                void* arg) {
  seen_t* const seen = (seen_t*)arg;
  EXPECT(heap != NULL && area->block_size >= 100 && size >= 100);
  EXPECT(area->reserved >= area->committed && area->full_block_size >= area->block_size);
  if (block == NULL) {
    EXPECT(area->blocks != NULL && area->used == 10);
    seen->areas++;
  } else {
    EXPECT(mi_heap_contains_block((mi_heap_t*)heap, block));
    seen->blocks++;
  }
  return true;
}

static void visit_heap(void) {
  mi_heap_t* const heap = mi_heap_new();
  for (int i = 0; i < 10; i++) { EXPECT(mi_heap_malloc(heap, 100) != NULL); }
  seen_t seen = {0, 0};
  EXPECT(mi_heap_visit_blocks(heap, true, &see, &seen));
  EXPECT(seen.areas == 1 && seen.blocks == 10);
  mi_heap_destroy(heap);
}

static void count_message(const char* msg, void* arg) { *(size_t*)arg += strlen(msg); }

static void read_messages(void) {
  size_t length = 0;
  mi_stats_print_out(&count_message, &length);
  EXPECT(length > 0);
  length = 0;
  mi_thread_stats_print_out(&count_message, &length);
  EXPECT(length > 0);
  mi_stats_merge();
  mi_stats_reset();
}

/* Positions that mean the same in both versions. */
static void use_options(void) {
  mi_option_set(mi_option_max_warnings, 3);
  EXPECT(mi_option_get(mi_option_max_warnings) == 3);
  mi_option_set(mi_option_decommit_delay, 5);
  EXPECT(mi_option_get(mi_option_decommit_delay) == 5);
  EXPECT((int)mi_option_decommit_delay == 15);
  mi_option_disable(mi_option_show_errors);
  EXPECT(!mi_option_is_enabled(mi_option_show_errors));
  mi_option_set_enabled(mi_option_verbose, false);
  EXPECT(mi_option_get_clamp(mi_option_eager_commit_delay, 7, 9) == 7);
}

/* ---- memory of the program ---- */

static void use_reserved(void) {
  EXPECT(mi_reserve_os_memory((size_t)64 * 1024 * 1024, false, false) == 0);
  void* const p = mi_malloc_aligned(1000, 4096);
  EXPECT(mi_check_owned(p) && mi_is_in_heap_region(p) && (size_t)p % 4096 == 0);
  mi_free_size_aligned(p, 1000, 4096);
  size_t elapsed = 0, rss = 0;
  mi_process_info(&elapsed, NULL, NULL, &rss, NULL, NULL, NULL, NULL);
  mi_collect(true);
}

int main(void) {
  use_default_heap();
  use_threads();
  visit_heap();
  read_messages();
  use_options();
  use_reserved();
  printf("version %d: all as expected\n", mi_version());
  return 0;
}
