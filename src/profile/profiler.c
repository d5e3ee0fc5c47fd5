/* profiler.c - profilers come and go.  See profile.h. */
#include "arena/metadata.h"
#include "base/assert.h"
#include "diag/message.h"
#include "prim/lock.h"
#include "prim/prim.h"
#include "profile/profile.h"

#define RATE_MAX ((size_t)1 << 31)

static mim_lock_t profile_lock = MIM_LOCK_INIT(MIM_RANK_PROFILE);
_Atomic(size_t) mim_profile_version = 1; /* thread heaps start with 0 */

void mim_profile_lock(void) { mim_lock_acquire(&profile_lock); }
void mim_profile_unlock(void) { mim_lock_release(&profile_lock); }

/* Release: who sees the change sees what it was; partner: the acquire in mim_watch_update. */
void mim_profile_changed(void) {
  atomic_fetch_add_explicit(&mim_profile_version, 1, memory_order_release);
}

void mim_profile_forget(void) {
  mim_profile_changed();
  mim_samples_forget();
}

static size_t length_of(const char* text) {
  size_t length = 0;
  while (text[length] != 0) { length++; }
  return length;
}

static bool can_profile(const char* name) {
  if (length_of(name) >= MIM_PROFILE_NAME_MAX) {
    mim_warn("the name of a profile is too long: give it at most %d bytes",
             MIM_PROFILE_NAME_MAX - 1);
    return false;
  }
  return mim_samples_init();
}

bool mim_profile_prepare(void) {
  if (mim_prim_stack_prepare()) { return true; }
  mim_warn("heap profiles need an unwinder: link the program with libgcc_eh or libunwind");
  return false;
}

mim_profiler_t* mim_profiler_new(size_t sample_rate, const char* name,
                                 const mim_profile_intervals_t* intervals) {
  if (!can_profile(name)) { return NULL; }
  mim_profiler_t* const profiler = mim_metadata_new(sizeof(mim_profiler_t));
  if (profiler == NULL) { return NULL; }
  profiler->sample_rate = mim_min(mim_max(sample_rate, 1), RATE_MAX);
  profiler->alloc_interval = intervals->alloc_size;
  profiler->inuse_interval = intervals->inuse_size;
  profiler->time_interval_ms = (uint64_t)intervals->time_s * 1000;
  profiler->process_id = mim_prim_process_id();
  profiler->seen_ms = mim_prim_clock_ms();
  for (size_t i = 0; name[i] != 0; i++) { profiler->name[i] = name[i]; }
  return profiler;
}

/* Under the lock; its samples are gone. */
static void stacks_free(mim_profiler_t* profiler) {
  for (size_t i = 0; i < MIM_PROFILE_STACK_BUCKETS; i++) {
    for (mim_profile_stack_t *stack = profiler->stacks[i], *next; stack != NULL; stack = next) {
      next = stack->next;
      mim_metadata_free(stack, sizeof(*stack) + stack->depth * sizeof(stack->frames[0]));
    }
  }
}

/* Under the lock, which it gives away meanwhile. */
static void wait_for_writers(const mim_profiler_t* profiler) {
  while (profiler->writers > 0) {
    mim_profile_unlock();
    mim_prim_yield();
    mim_profile_lock();
  }
}

bool mim_profiler_delete(mim_profiler_t* profiler) {
  mim_profile_lock();
  wait_for_writers(profiler);
  const bool is_running = atomic_load_explicit(&profiler->is_running, memory_order_relaxed);
  const bool can_end = !is_running && profiler->attached == 0;
  if (can_end) {
    mim_samples_forget_profiler(profiler);
    stacks_free(profiler);
  }
  mim_profile_unlock();
  if (can_end) { mim_metadata_free(profiler, sizeof(*profiler)); }
  return can_end;
}

void mim_profiler_run(mim_profiler_t* profiler, bool is_running) {
  atomic_store_explicit(&profiler->is_running, is_running, memory_order_relaxed);
  mim_profile_changed();
}

void mim_profiler_attach(mim_profiler_t* profiler, int count) {
  mim_profile_lock();
  profiler->attached = (size_t)((ptrdiff_t)profiler->attached + count);
  mim_profile_unlock();
  mim_profile_changed();
}
