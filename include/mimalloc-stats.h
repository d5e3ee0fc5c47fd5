/** @file mimalloc-stats.h
 * Statistics of a heap, a sub-process or the process, as numbers and as JSON.
 *
 * Counts and sizes are gathered thread by thread and merged now and then: the calling thread's,
 * and those of threads that have ended, are exact; those of threads that run are a little
 * behind. What comes from the OS (reserved, committed, purged and the numbers of calls) is that
 * of the process in every mi_stats_t. Fields that describe what is not in this allocator are 0.
 * The layout of mi_stats_t is ABI at MI_STAT_VERSION; a caller says in `size` and `version` what
 * it was compiled with, so that a newer library fills no more.
 */
#pragma once
#ifndef MIMALLOC_STATS_H
#define MIMALLOC_STATS_H

#include "mimalloc.h"
#include <stdint.h>
#include <string.h>

/** @addtogroup statistics
 *  @{ */

/** Layout of mi_stats_t. */
#define MI_STAT_VERSION 6

/** @cond */
#if defined(_MSC_VER)
#define mi_decl_align(bytes) __declspec(align(bytes))
#elif defined(__GNUC__) || defined(__clang__)
#define mi_decl_align(bytes) __attribute__((aligned(bytes)))
#elif defined(__cplusplus)
#define mi_decl_align(bytes) alignas(bytes)
#else
#define mi_decl_align(bytes) _Alignas(bytes)
#endif
/** @endcond */

/** A quantity that goes up and down. */
typedef struct mi_stat_count_s {
  int64_t total;   /**< sum of all that was added */
  int64_t peak;    /**< largest value of `current` */
  int64_t current; /**< what is there now */
} mi_stat_count_t;

/** A quantity that only grows. */
typedef struct mi_stat_counter_s {
  int64_t total; /**< sum of all that was added */
} mi_stat_counter_t;

/** The fields in their order: a program that wants to walk them defines MI_STAT_COUNT(name) and
 *  MI_STAT_COUNTER(name) and expands this. Sizes are in bytes. */
#define MI_STAT_FIELDS() \
  MI_STAT_COUNT(pages)                       /* pages in use */ \
  MI_STAT_COUNT(reserved)                    /* address space */ \
  MI_STAT_COUNT(committed)                   /* backed by memory */ \
  MI_STAT_COUNTER(reset)                     /* given back, still committed */ \
  MI_STAT_COUNTER(purged)                    /* given back */ \
  MI_STAT_COUNT(page_committed)              /* committed inside pages */ \
  MI_STAT_COUNT(pages_abandoned)             /* pages that no thread owns */ \
  MI_STAT_COUNT(threads) \
  MI_STAT_COUNT(allocated)                   /* handed out, in block sizes */ \
  MI_STAT_COUNTER(malloc_count)              /* calls that allocated */ \
  MI_STAT_COUNTER(free_count)                /* calls that freed */ \
  MI_STAT_COUNTER(freed)                     /* freed, in block sizes */ \
  MI_STAT_COUNTER(malloc_requested)          /* 0: what was asked for is not kept */ \
  MI_STAT_COUNTER(mmap_calls) \
  MI_STAT_COUNTER(commit_calls) \
  MI_STAT_COUNTER(reset_calls) \
  MI_STAT_COUNTER(purge_calls) \
  MI_STAT_COUNTER(arena_count) \
  MI_STAT_COUNTER(malloc_guarded_count)      /* blocks with a guard page */ \
  MI_STAT_COUNTER(arena_rollback_count)      /* claims of slices that were undone */ \
  MI_STAT_COUNTER(arena_purges) \
  MI_STAT_COUNTER(pages_extended)            /* times a page got more blocks */ \
  MI_STAT_COUNTER(pages_retire) \
  MI_STAT_COUNTER(page_searches)             /* pages looked at */ \
  MI_STAT_COUNTER(page_searches_count)       /* searches */ \
  MI_STAT_COUNT(segments)                    /* this and the next three: version 2 */ \
  MI_STAT_COUNT(segments_abandoned) \
  MI_STAT_COUNT(segments_cache) \
  MI_STAT_COUNT(_segments_reserved) \
  MI_STAT_COUNT(heaps) \
  MI_STAT_COUNT(theaps) \
  MI_STAT_COUNT(pages_os_abandoned)          /* pages outside of arenas */ \
  MI_STAT_COUNT(pages_os_allocated) \
  MI_STAT_COUNTER(pages_reclaim_on_alloc) \
  MI_STAT_COUNTER(pages_reclaim_on_free) \
  MI_STAT_COUNTER(pages_reabandon_full) \
  MI_STAT_COUNTER(pages_unabandon_busy_wait) \
  MI_STAT_COUNTER(pages_unown_cas_retry) \
  MI_STAT_COUNTER(heaps_delete_wait) \
  MI_STAT_COUNTER(pages_stat_updates) \
  MI_STAT_COUNTER(pages_stat_update_count) \
  MI_STAT_COUNTER(profile_samples) \
  MI_STAT_COUNT(malloc_normal)               /* bytes in blocks up to large */ \
  MI_STAT_COUNT(malloc_huge)                 /* bytes in huge blocks */ \
  MI_STAT_COUNTER(malloc_normal_count) \
  MI_STAT_COUNTER(malloc_huge_count)

/** What a chunk of an arena holds, by the size of its pages. */
typedef enum mi_chunkbin_e {
  MI_CBIN_SMALL,
  MI_CBIN_OTHER,
  MI_CBIN_MEDIUM,
  MI_CBIN_LARGE,
  MI_CBIN_HUGE,
  MI_CBIN_NONE,
  MI_CBIN_COUNT
} mi_chunkbin_t;

/** Number of the bin of huge blocks, which is the last one. */
#define MI_BIN_HUGE (73U)

/** @cond */
#define MI_STAT_COUNT(name) mi_stat_count_t name;
#define MI_STAT_COUNTER(name) mi_stat_counter_t name;
/** @endcond */

/** All that is counted, in the order of MI_STAT_FIELDS. */
typedef struct mi_stats_s {
  size_t size;    /**< sizeof(mi_stats_t) of the caller */
  size_t version; /**< MI_STAT_VERSION of the caller */
  mi_decl_align(8) MI_STAT_FIELDS()
  mi_stat_count_t _stat_reserved[4];
  mi_stat_counter_t _stat_counter_reserved[4];
  mi_stat_count_t malloc_bins[MI_BIN_HUGE + 1]; /**< blocks of each size class (of the larger ones,
                                                   two share a bin) */
  mi_stat_count_t page_bins[MI_BIN_HUGE + 1];   /**< pages of each size class */
  mi_stat_count_t chunk_bins[MI_CBIN_COUNT];    /**< 0: arenas have no chunks */
} mi_stats_t;

#undef MI_STAT_COUNT
#undef MI_STAT_COUNTER

#ifdef __cplusplus
extern "C" {
#endif

/** Sets size and version, and leaves the numbers. */
static inline void mi_stats_header_init(mi_stats_t* stats) {
  stats->version = MI_STAT_VERSION;
  stats->size = sizeof(mi_stats_t);
}

/** Makes a mi_stats_t ready for the functions below: zero, with size and version set. */
static inline void mi_stats_init(mi_stats_t* stats) {
  memset(stats, 0, sizeof(mi_stats_t));
  mi_stats_header_init(stats);
}

/** Defines a variable that is ready for use. */
#define mi_stats_t_decl(name) \
  mi_stats_t name; \
  mi_stats_init(&name);
/** @} */

/** @addtogroup statistics
 * `_get` fill *stats, which mi_stats_init has prepared, and return false, without effect, if its
 * size or version is not known. `_get_json` write at most buf_size bytes, with the final zero, to
 * `buf` and return it, or NULL if it is too small; with buf == NULL (or buf_size == 0) they return
 * a fresh block for mi_free, or NULL, errno ENOMEM. `_print_out` print for a human; out == NULL is
 * stderr. Any thread may call them at any time, unless a comment says otherwise.
 * @{ */

/** The calling thread's sub-process with all its heaps. */
mi_decl_export bool mi_stats_get(mi_stats_t* stats) mi_attr_noexcept;
/** mi_stats_get as JSON. */
mi_decl_export char* mi_stats_get_json(size_t buf_size, char* buf) mi_attr_noexcept;
mi_decl_export void mi_stats_print_out(mi_output_fun* out, void* arg) mi_attr_noexcept;
/** JSON of numbers that the caller has. */
mi_decl_export char* mi_stats_as_json(mi_stats_t* stats, size_t buf_size,
                                      char* buf) mi_attr_noexcept;
/** Largest block size in bytes of a bin of malloc_bins and page_bins; 0 for MI_BIN_HUGE, and where
 *  there is no bin. */
mi_decl_export size_t mi_stats_get_bin_size(size_t bin) mi_attr_noexcept;

/** One heap. */
mi_decl_export bool mi_heap_stats_get(mi_heap_t* heap, mi_stats_t* stats) mi_attr_noexcept;
/** mi_heap_stats_get as JSON. */
mi_decl_export char* mi_heap_stats_get_json(mi_heap_t* heap, size_t buf_size,
                                            char* buf) mi_attr_noexcept;
/** Prints one heap. */
mi_decl_export void mi_heap_stats_print_out(mi_heap_t* heap, mi_output_fun* out,
                                            void* arg) mi_attr_noexcept;
/** Moves the heap's totals to its sub-process; what is in use stays counted in the heap. */
mi_decl_export void mi_heap_stats_merge_to_subproc(mi_heap_t* heap);

/** One sub-process with all its heaps. */
mi_decl_export bool mi_subproc_stats_get(mi_subproc_id_t subproc_id,
                                         mi_stats_t* stats) mi_attr_noexcept;
/** One sub-process, without what its heaps still keep. */
mi_decl_export bool mi_subproc_stats_get_exclusive(mi_subproc_id_t subproc_id,
                                                   mi_stats_t* stats) mi_attr_noexcept;
/** mi_subproc_stats_get as JSON. */
mi_decl_export char* mi_subproc_stats_get_json(mi_subproc_id_t subproc_id, size_t buf_size,
                                               char* buf) mi_attr_noexcept;
/** Prints one sub-process with all its heaps as one. */
mi_decl_export void mi_subproc_stats_print_out(mi_subproc_id_t subproc_id, mi_output_fun* out,
                                               void* arg) mi_attr_noexcept;
/** Prints one sub-process heap by heap. */
mi_decl_export void mi_subproc_heap_stats_print_out(mi_subproc_id_t subproc_id, mi_output_fun* out,
                                                    void* arg) mi_attr_noexcept;

/** One thread's part of a heap; only its own thread may call it. */
mi_decl_export bool mi_theap_stats_get(mi_theap_t* theap, mi_stats_t* stats) mi_attr_noexcept;
/** Adds the theap's numbers to those of its heap; only its own thread. */
mi_decl_export void mi_theap_stats_merge_to_heap(mi_theap_t* theap) mi_attr_noexcept;
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* MIMALLOC_STATS_H */
