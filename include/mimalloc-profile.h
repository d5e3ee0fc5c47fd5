/** @file mimalloc-profile.h
 * Sampled heap profiles, in a text format that pprof reads (experimental).
 *
 * A profiler samples allocations, one in about `sample_rate` bytes, and writes a snapshot to a file
 * when asked or at intervals. To use it: make one, attach it to a heap, a sub-process or the
 * process, start it; to end it: stop it, detach it (attach NULL), delete it. The same happens
 * without code through MIMALLOC_PROFILE=file and the options profile_* in the environment.
 *
 * A thread that runs already sees a profiler that starts or stops in one of its next slow paths;
 * the calling thread sees it at once.
 *
 * Unless said otherwise any thread may call these functions; bool results are false on failure,
 * which leaves everything as it was.
 */
#pragma once
#ifndef MIMALLOC_PROFILE_H
#define MIMALLOC_PROFILE_H

#include "mimalloc.h"

#ifdef __cplusplus
extern "C" {
#endif

/** @addtogroup profiling
 *  @{ */

/** A profiler: what it samples, and where the snapshots go. */
typedef struct mi_profiler_s mi_profiler_t;

/** Makes a profiler.
 *  @param sample_rate          average bytes between two samples; 0: option profile_sample_rate
 *  @param base_file_name       files are `<base_file_name>.<number>.heap`, in a forked child
 *                              `<base_file_name>.<process id>.<number>.heap`; up to 2047 bytes;
 *                              NULL takes `mimalloc.<process id>`
 *  @param alloc_interval_size  snapshot after so many more bytes were allocated, 0 never
 *  @param inuse_interval_size  snapshot after live memory grew by so many bytes, 0 never
 *  @param time_interval_secs   snapshot after so many seconds, 0 never
 *  @return NULL, with errno ENOMEM, if there is no memory, or no way to walk a stack. */
mi_decl_nodiscard mi_decl_export mi_profiler_t* mi_pprof_profiler_new(
    size_t sample_rate, const char* base_file_name, size_t alloc_interval_size,
    size_t inuse_interval_size, size_t time_interval_secs) mi_attr_noexcept;
/** Deletes a profiler; NULL does nothing. One that runs or is attached is not deleted: that is an
 *  error (mi_register_error). */
mi_decl_export void mi_pprof_profiler_delete(mi_profiler_t* profiler) mi_attr_noexcept;

/** Attaches a profiler to all heaps, present and future, of the calling thread's sub-process;
 *  NULL detaches. */
mi_decl_export bool mi_profile(mi_profiler_t* profiler) mi_attr_noexcept;
/** Attaches a profiler to all heaps, present and future, of one sub-process; NULL detaches. */
mi_decl_export bool mi_subproc_profile(mi_subproc_id_t subproc_id,
                                       mi_profiler_t* profiler) mi_attr_noexcept;
/** Attaches a profiler to one heap, which then is in no other profile; NULL detaches. */
mi_decl_export bool mi_heap_profile(mi_heap_t* heap, mi_profiler_t* profiler) mi_attr_noexcept;
/** Keeps a heap out of the profiles of its sub-process, also of later ones. */
mi_decl_export void mi_heap_profile_disable(mi_heap_t* heap) mi_attr_noexcept;

/** Starts sampling. */
mi_decl_export bool mi_profiler_start(mi_profiler_t* profiler) mi_attr_noexcept;
/** Stops sampling; what was sampled is kept. */
mi_decl_export bool mi_profiler_stop(mi_profiler_t* profiler) mi_attr_noexcept;
/** Writes a snapshot now; false, with a warning, if the file cannot be written. */
mi_decl_export bool mi_profiler_snapshot(mi_profiler_t* profiler) mi_attr_noexcept;
/** @} */

#ifdef __cplusplus
}
#endif

#endif /* MIMALLOC_PROFILE_H */
