/* process.c - the library's part in the start and the end of the process.
 *
 * The first allocation may come long before the constructor, and the last long after the
 * destructor: neither is needed to allocate. */
#include "api/process.h"

#include "alloc/alloc.h"
#include "diag/message.h"
#include "diag/options.h"
#include "heap/theap.h"
#include "mimalloc.h"

/* The OS clears the pages: so long for each. */
enum { HUGE_PAGE_TIMEOUT_MS = 500 };

static uint64_t process_start_ms;

uint64_t mim_process_elapsed_ms(void) { return mim_prim_clock_ms() - process_start_ms; }

static void process_reserve_huge(void) {
  const long pages = mim_option_get(MIM_OPTION_reserve_huge_os_pages);
  const long node = mim_option_get(MIM_OPTION_reserve_huge_os_pages_at);
  if (pages <= 0) { return; }
  const size_t timeout_ms = (size_t)pages * HUGE_PAGE_TIMEOUT_MS;
  if (node >= 0) {
    mi_reserve_huge_os_pages_at((size_t)pages, (int)node, timeout_ms);
  } else {
    mi_reserve_huge_os_pages_interleave((size_t)pages, 0, timeout_ms);
  }
}

static void process_reserve(void) {
  process_reserve_huge();
  const size_t size = mim_option_get_size(MIM_OPTION_reserve_os_memory);
  const mim_arena_traits_t traits = {.numa_node = -1};
  if (size > 0 && mim_arenas_reserve(&mim_arenas_main, size, &traits) == NULL) {
    mim_warn("reserve_os_memory: there are no %zu bytes to reserve", size);
  }
}

/* It began with the first allocation, if the environment was there by then; with stacks from now
 * on. */
static void process_profile(void) {
  mim_watch_start_from_options();
  if (mim_option_profile_file() != NULL) { mim_profile_prepare(); }
}

void mim_process_start(void) {
  static _Atomic(bool) is_started;
  if (atomic_exchange_explicit(&is_started, true, memory_order_acq_rel)) { return; }
  process_start_ms = mim_prim_clock_ms();
  mim_heap_init();
  mim_options_load(); /* again: the first allocation may have come before the environment */
  mim_prim_at_fork(&mim_heap_before_fork, &mim_heap_after_fork_in_parent,
                   &mim_heap_after_fork_in_child);
  mim_verbose(1, "mimalloc %d.%d.%d", MIM_VERSION / 10000, MIM_VERSION / 100 % 100,
              MIM_VERSION % 100);
  process_reserve();
  process_profile();
  mim_watch_changed(); /* options of the environment that came after the first allocation */
}

void mim_process_end(void) {
  static _Atomic(bool) is_ended;
  if (atomic_exchange_explicit(&is_ended, true, memory_order_acq_rel)) { return; }
  mim_watch_end_from_options();
  if (mim_option_is_enabled(MIM_OPTION_show_stats) || mim_option_get(MIM_OPTION_verbose) > 0) {
    mi_stats_print_out(NULL, NULL);
  }
  if (mim_option_is_enabled(MIM_OPTION_destroy_on_exit)) { mim_heap_destroy_all(); }
}

MIM_CONSTRUCTOR void process_constructor(void) { mim_process_start(); }
MIM_DESTRUCTOR(process_destructor) { mim_process_end(); }
