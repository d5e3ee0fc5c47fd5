/* probe.c - prints, as `name value` lines, every number of the public headers that a compiled
 * program carries in it: enum values, sizes, offsets, constants.
 *
 * compare_abi.py compiles this file twice, with our headers and with those of the package whose
 * ABI we keep, and compares the lines.
 */
#include "mimalloc.h"
#include "mimalloc-stats.h"
#include <stdio.h>

#define SIZE(type) printf("sizeof(" #type ") %zu\n", sizeof(type))
#define FIELD(type, field) \
  printf(#type "." #field " %zu+%zu\n", offsetof(type, field), sizeof(((type*)0)->field))
#define VALUE(name) printf(#name " %lld\n", (long long)(name))

static void print_options(void) {
  VALUE(mi_option_show_errors);
  VALUE(mi_option_show_stats);
  VALUE(mi_option_verbose);
  VALUE(mi_option_deprecated_eager_commit);
  VALUE(mi_option_arena_eager_commit);
  VALUE(mi_option_purge_decommits);
  VALUE(mi_option_allow_large_os_pages);
  VALUE(mi_option_reserve_huge_os_pages);
  VALUE(mi_option_reserve_huge_os_pages_at);
  VALUE(mi_option_reserve_os_memory);
  VALUE(mi_option_deprecated_segment_cache);
  VALUE(mi_option_deprecated_page_reset);
  VALUE(mi_option_deprecated_abandoned_page_purge);
  VALUE(mi_option_deprecated_segment_reset);
  VALUE(mi_option_deprecated_eager_commit_delay);
  VALUE(mi_option_purge_delay);
  VALUE(mi_option_use_numa_nodes);
  VALUE(mi_option_disallow_os_alloc);
  VALUE(mi_option_os_tag);
  VALUE(mi_option_max_errors);
  VALUE(mi_option_max_warnings);
  VALUE(mi_option_deprecated_max_segment_reclaim);
  VALUE(mi_option_destroy_on_exit);
  VALUE(mi_option_arena_reserve);
  VALUE(mi_option_arena_purge_mult);
  VALUE(mi_option_deprecated_purge_extend_delay);
  VALUE(mi_option_disallow_arena_alloc);
  VALUE(mi_option_retry_on_oom);
  VALUE(mi_option_deprecated_visit_abandoned);
  VALUE(mi_option_guarded_min);
  VALUE(mi_option_guarded_max);
  VALUE(mi_option_unsafe_guarded_precise);
  VALUE(mi_option_guarded_sample_rate);
  VALUE(mi_option_guarded_sample_seed);
  VALUE(mi_option_generic_collect);
  VALUE(mi_option_page_reclaim_on_free);
  VALUE(mi_option_page_full_retain);
  VALUE(mi_option_page_max_candidates);
  VALUE(mi_option_max_vabits);
  VALUE(mi_option_pagemap_commit);
  VALUE(mi_option_page_commit_on_demand);
  VALUE(mi_option_page_max_reclaim);
  VALUE(mi_option_page_cross_thread_max_reclaim);
  VALUE(mi_option_allow_thp);
  VALUE(mi_option_arena_purge_min_size);
  VALUE(mi_option_arena_max_object_size);
  VALUE(mi_option_arena_is_numa_local);
  VALUE(mi_option_stats_merge_on_collect);
  VALUE(mi_option_profile_alloc_interval);
  VALUE(mi_option_profile_inuse_interval);
  VALUE(mi_option_profile_time_interval);
  VALUE(mi_option_profile_sample_rate);
  VALUE(mi_option_stats_merge_threshold);
  VALUE(mi_option_arena_purge_immediate_size);
  VALUE(_mi_option_last);
  VALUE(mi_option_large_os_pages);
  VALUE(mi_option_eager_region_commit);
  VALUE(mi_option_reset_decommits);
  VALUE(mi_option_reset_delay);
  VALUE(mi_option_limit_os_alloc);
  VALUE(mi_option_minimal_purge_size);
  SIZE(mi_option_t);
}

static void print_types(void) {
  SIZE(mi_arena_id_t);
  SIZE(mi_subproc_id_t);
  FIELD(mi_subproc_id_t, _mi_subproc_id);
  SIZE(mi_heap_area_t);
  FIELD(mi_heap_area_t, blocks);
  FIELD(mi_heap_area_t, reserved);
  FIELD(mi_heap_area_t, committed);
  FIELD(mi_heap_area_t, used);
  FIELD(mi_heap_area_t, block_size);
  FIELD(mi_heap_area_t, full_block_size);
  FIELD(mi_heap_area_t, reserved1);
  VALUE(MI_MALLOC_VERSION);
  VALUE(MI_SMALL_WSIZE_MAX);
  VALUE(MI_SMALL_SIZE_MAX);
  VALUE(mi_wsize_from_size(0));
  VALUE(mi_wsize_from_size(1));
  VALUE(mi_wsize_from_size(8));
  VALUE(mi_wsize_from_size(1023));
}

#define MI_STAT_COUNT(name) FIELD(mi_stats_t, name);
#define MI_STAT_COUNTER(name) FIELD(mi_stats_t, name);

static void print_statistics(void) {
  SIZE(mi_stat_count_t);
  FIELD(mi_stat_count_t, total);
  FIELD(mi_stat_count_t, peak);
  FIELD(mi_stat_count_t, current);
  SIZE(mi_stat_counter_t);
  FIELD(mi_stat_counter_t, total);
  SIZE(mi_stats_t);
  FIELD(mi_stats_t, size);
  FIELD(mi_stats_t, version);
  MI_STAT_FIELDS()
  FIELD(mi_stats_t, _stat_reserved);
  FIELD(mi_stats_t, _stat_counter_reserved);
  FIELD(mi_stats_t, malloc_bins);
  FIELD(mi_stats_t, page_bins);
  FIELD(mi_stats_t, chunk_bins);
  VALUE(MI_STAT_VERSION);
  VALUE(MI_BIN_HUGE);
  VALUE(MI_CBIN_SMALL);
  VALUE(MI_CBIN_OTHER);
  VALUE(MI_CBIN_MEDIUM);
  VALUE(MI_CBIN_LARGE);
  VALUE(MI_CBIN_HUGE);
  VALUE(MI_CBIN_NONE);
  VALUE(MI_CBIN_COUNT);
}

#if defined(PROBE_MACROS)
/* Compiled, never linked: shows that the typed macros take their arguments in this order. */
int use_typed_macros(mi_heap_t* heap);
int use_typed_macros(mi_heap_t* heap) {
  long* p = mi_malloc_tp(long);
  p = mi_reallocn_tp(long, p, 2);
  p = mi_recalloc_tp(long, p, 3);
  mi_free_tp(long, p);
  p = mi_heap_malloc_tp(long, heap);
  p = mi_heap_reallocn_tp(long, heap, p, 2);
  p = mi_heap_recalloc_tp(long, heap, p, 3);
  mi_free(p);
  p = mi_zalloc_tp(long);
  mi_free(p);
  p = mi_calloc_tp(long, 4);
  mi_free(p);
  p = mi_mallocn_tp(long, 4);
  mi_free(p);
  return 0;
}
#endif

int main(void) {
  print_options();
  print_types();
  print_statistics();
  return 0;
}
