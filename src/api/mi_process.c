/* mi_process.c - mi_*: process, threads, callbacks, collecting.  Contracts: include/mimalloc.h. */
#include "alloc/alloc.h"
#include "api/process.h"
#include "api/redirect.h"
#include "diag/message.h"
#include "heap/theap.h"
#include "mimalloc.h"
#include "os/os.h"

MIM_EXPORT int mi_version(void) { return MIM_VERSION; }
MIM_EXPORT void mi_process_init(void) { mim_process_start(); }
MIM_EXPORT void mi_process_done(void) { mim_process_end(); }
MIM_EXPORT void mi_thread_init(void) { (void)mim_theap_get(); }
MIM_EXPORT void mi_thread_done(void) { mim_thread_done(false); }

/* A pool's threads live long: nothing is different for them here. */
MIM_EXPORT void mi_thread_set_in_threadpool(void) {}

MIM_EXPORT bool mi_is_redirected(void) { return mim_is_redirected(); }

MIM_EXPORT void mi_collect(bool force) {
  mim_theap_t* const theap = mim_theap_self;
  if (theap->kind == MIM_THEAP_LIVE) {
    mim_theap_collect(theap, force);
  } else {
    mim_heap_init();
    mim_arenas_purge(&mim_arenas_main, force);
  }
}

MIM_EXPORT void mi_collect_reduce(size_t target_thread_owned) {
  (void)target_thread_owned;
  mi_collect(true);
}

MIM_EXPORT void mi_arenas_purge(void) { mim_arenas_purge(mim_subproc_current()->arenas, true); }

MIM_EXPORT void mi_register_output(mi_output_fun* out, void* arg) { mim_output_register(out, arg); }
MIM_EXPORT void mi_register_error(mi_error_fun* fun, void* arg) { mim_error_register(fun, arg); }

MIM_EXPORT void mi_register_deferred_free(mi_deferred_free_fun* fun, void* arg) {
  mim_deferred_free_register(fun, arg);
}

MIM_EXPORT bool mi_is_in_heap_region(const void* p) {
  return mim_arenas_contain(mim_subproc_current()->arenas, p) || mim_page_of(p) != mim_page_none();
}

MIM_EXPORT bool mi_check_owned(const void* p) { return mim_page_of(p) != mim_page_none(); }
MIM_EXPORT bool mi_any_heap_contains(const void* p) { return mi_check_owned(p); }

/* ---- process info ---- */

static void tell(size_t* where, size_t value) {
  if (where != NULL) { *where = value; }
}

MIM_EXPORT void mi_process_info(size_t* elapsed_msecs, size_t* user_msecs, size_t* system_msecs,
                                size_t* current_rss, size_t* peak_rss, size_t* current_commit,
                                size_t* peak_commit, size_t* page_faults) {
  mim_prim_process_info_t info;
  mim_prim_process_info(&info);
  tell(elapsed_msecs, (size_t)mim_process_elapsed_ms());
  tell(user_msecs, (size_t)(info.user_us / 1000));
  tell(system_msecs, (size_t)(info.system_us / 1000));
  tell(current_rss, info.current_rss);
  tell(peak_rss, info.peak_rss);
  tell(current_commit, mim_counter_current(&mim_os_counters.committed));
  tell(peak_commit, (size_t)mim_counter_read(&mim_os_counters.committed).peak);
  tell(page_faults, info.page_faults);
}

MIM_EXPORT void mi_process_info_print_out(mi_output_fun* out, void* arg) {
  mim_prim_process_info_t info;
  mim_prim_process_info(&info);
  const unsigned long long elapsed = mim_process_elapsed_ms();
  mim_print_to(out, arg,
               "process: elapsed %llu.%03llu s, user %llu.%03llu s, system %llu.%03llu s\n",
               elapsed / 1000, elapsed % 1000, (unsigned long long)info.user_us / 1000000,
               (unsigned long long)info.user_us / 1000 % 1000,
               (unsigned long long)info.system_us / 1000000,
               (unsigned long long)info.system_us / 1000 % 1000);
  mim_print_to(out, arg, "process: rss %zu KiB, peak %zu KiB, major page faults %zu\n",
               info.current_rss / MIM_KIB, info.peak_rss / MIM_KIB, info.page_faults);
}

MIM_EXPORT void mi_process_info_print(void) { mi_process_info_print_out(NULL, NULL); }
