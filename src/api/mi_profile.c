/* mi_profile.c - mi_profile and its kin.  Contracts: include/mimalloc-profile.h.  A mi_profiler_t
 * is a mim_profiler_t. */
#include <errno.h>

#include "api/handle.h"
#include "api/process.h"
#include "base/text.h"
#include "diag/message.h"
#include "diag/options.h"
#include "mimalloc-profile.h"
#include "prim/prim.h"

static mim_profiler_t* profiler_from(mi_profiler_t* handle) {
  return (mim_profiler_t*)(void*)handle;
}

/* ---- the life of a profiler ---- */

static mim_profiler_t* profiler_new(size_t sample_rate, const char* name,
                                    const mim_profile_intervals_t* intervals) {
  const size_t rate =
    sample_rate != 0 ? sample_rate : mim_option_get_size(MIM_OPTION_profile_sample_rate);
  mim_heap_init();
  return mim_profile_prepare() ? mim_profiler_new(rate, name, intervals) : NULL;
}

MIM_EXPORT mi_profiler_t* mi_pprof_profiler_new(size_t sample_rate, const char* base_file_name,
                                                size_t alloc_interval_size,
                                                size_t inuse_interval_size,
                                                size_t time_interval_secs) {
  char name[64];
  mim_text_t text = mim_text_in(name, sizeof(name));
  mim_text_format(&text, "mimalloc.%u", mim_prim_process_id());
  const mim_profile_intervals_t intervals = {alloc_interval_size, inuse_interval_size,
                                             time_interval_secs};
  mim_profiler_t* const profiler =
    profiler_new(sample_rate, base_file_name != NULL ? base_file_name : name, &intervals);
  if (profiler == NULL) { errno = ENOMEM; }
  return (mi_profiler_t*)(void*)profiler;
}

MIM_EXPORT void mi_pprof_profiler_delete(mi_profiler_t* handle) {
  if (handle == NULL || mim_profiler_delete(profiler_from(handle))) { return; }
  mim_error(EINVAL, true,
            "mi_pprof_profiler_delete of a profiler that is in use: stop it, and detach it "
            "(attach NULL) first; ignored");
}

/* ---- what it profiles ---- */

MIM_EXPORT bool mi_profile(mi_profiler_t* profiler) {
  mim_heap_init();
  mim_profile_subproc(mim_subproc_current(), profiler_from(profiler));
  return true;
}

MIM_EXPORT bool mi_subproc_profile(mi_subproc_id_t id, mi_profiler_t* profiler) {
  mim_subproc_t* const subproc = mim_subproc_from(id);
  if (subproc == NULL) { return false; }
  mim_profile_subproc(subproc, profiler_from(profiler));
  return true;
}

MIM_EXPORT bool mi_heap_profile(mi_heap_t* heap, mi_profiler_t* profiler) {
  return heap != NULL && mim_profile_heap(mim_heap_from(heap), profiler_from(profiler));
}

MIM_EXPORT void mi_heap_profile_disable(mi_heap_t* heap) {
  if (heap != NULL) { mim_profile_exclude(mim_heap_from(heap)); }
}

/* ---- running ---- */

static bool run(mi_profiler_t* profiler, bool is_running) {
  if (profiler == NULL) { return false; }
  mim_profiler_run(profiler_from(profiler), is_running);
  mim_watch_changed();
  return true;
}

MIM_EXPORT bool mi_profiler_start(mi_profiler_t* profiler) { return run(profiler, true); }
MIM_EXPORT bool mi_profiler_stop(mi_profiler_t* profiler) { return run(profiler, false); }

MIM_EXPORT bool mi_profiler_snapshot(mi_profiler_t* profiler) {
  return profiler != NULL && mim_profiler_snapshot(profiler_from(profiler), false);
}
