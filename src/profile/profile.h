/* profile.h - sampled heap profiles: which blocks were sampled, where they were allocated, and the
 * files that tell it.
 *
 *   profiler --< stack (each once, with sums) --< sample (a live block)
 *   table of samples: by the address of the block
 *
 * A sample stands for many blocks that were not taken: who reads the file multiplies, since it says
 * how often samples are taken (mean distance in bytes).  The heap decides what is sampled; here is
 * what becomes of it.  One lock guards all of it.
 *
 * A page counts its live samples, and is flagged MIM_PAGE_SAMPLED: so the frees of its blocks come
 * to mim_sample_end, and those of all other pages do not.
 */
#ifndef MIM_PROFILE_PROFILE_H
#define MIM_PROFILE_PROFILE_H

#include "page/page.h"

enum { MIM_PROFILE_NAME_MAX = 2048, MIM_PROFILE_STACK_BUCKETS = 256, MIM_PROFILE_DEPTH = 48 };

typedef struct mim_profile_sums {
  uint64_t live_count, live_bytes;   /* in use now    */
  uint64_t total_count, total_bytes; /* since the start */
} mim_profile_sums_t;

typedef struct mim_profile_stack {
  struct mim_profile_stack* next; /* in its bucket */
  mim_profile_sums_t sums;
  uint32_t hash, depth;
  uintptr_t frames[]; /* innermost first */
} mim_profile_stack_t;

typedef struct mim_profiler {
  size_t sample_rate; /* mean distance of samples, in bytes */
  /* a snapshot after so much; 0: never */
  size_t alloc_interval, inuse_interval;
  uint64_t time_interval_ms;
  _Atomic(bool) is_running;
  /* all below: under the lock */
  size_t attached;                              /* heaps that name it, and the process */
  uint64_t allocated, inuse;                    /* estimates, in bytes */
  uint64_t seen_allocated, seen_inuse, seen_ms; /* at the last snapshot */
  unsigned snapshots;
  unsigned writers;    /* threads that write one because an interval has passed */
  unsigned process_id; /* who made it: a forked child writes to other files */
  mim_profile_sums_t sums;
  mim_profile_stack_t* stacks[MIM_PROFILE_STACK_BUCKETS];
  char name[MIM_PROFILE_NAME_MAX];
} mim_profiler_t;

/* ---- profilers (profiler.c) ---- */

typedef struct mim_profile_intervals {
  size_t alloc_size, inuse_size, time_s;
} mim_profile_intervals_t;

/* Before the first profile, but not before constructors run: it may allocate.  What is allocated
 * until then has no stack.  False: this system cannot walk stacks. */
bool mim_profile_prepare(void);

/* `name`: of the files; copied.  NULL: there is no memory, no way to walk a stack (then it is told
 * so), or the name is too long (likewise). */
mim_profiler_t* mim_profiler_new(size_t sample_rate, const char* name,
                                 const mim_profile_intervals_t* intervals);

/* It is stopped and nowhere attached; false, without effect, otherwise.  Waits for a snapshot that
 * is just written. */
bool mim_profiler_delete(mim_profiler_t* profiler);
void mim_profiler_run(mim_profiler_t* profiler, bool is_running);

/* Changes whenever any profiler starts, stops, is attached or detached: thread heaps look at it. */
extern _Atomic(size_t) mim_profile_version;
void mim_profile_changed(void);

/* `count` more (or fewer) places name it. */
void mim_profiler_attach(mim_profiler_t* profiler, int count);

void mim_profile_lock(void);
void mim_profile_unlock(void);

/* The process ends: all memory has gone back. */
void mim_profile_forget(void);

/* ---- samples (samples.c) ---- */

/* The room for samples; false: no memory. */
bool mim_samples_init(void);
void mim_samples_forget(void);

/* What the caller of malloc is, and the block that it gets. */
typedef struct mim_sample_source {
  size_t version; /* of mim_profile_version, by which `profiler` was chosen */
  mim_profiler_t* profiler;
  size_t step;  /* bytes allocated since the last sample */
  size_t point; /* the byte of the block that was met    */
  bool is_late; /* by a thread that has ended, under a lock: its stack is not walked */
} mim_sample_source_t;

/* The owner of the page, or who has just made a huge one: a block that nobody else knows is in the
 * profile from now on.  It walks the stack of its caller, and
 * may allocate then: no lock is held, unless is_late. */
void mim_sample_begin(const mim_sample_source_t* source, mim_page_t* page, const void* block,
                      size_t size);

/* A block of a page that is SAMPLED is freed; whoever does it, before he gives it back. */
void mim_sample_end(mim_page_t* page, const void* block);

/* Who holds a block of a SAMPLED page has changed its size where it lies. */
void mim_sample_resize(mim_page_t* page, const void* block, size_t size);

/* All blocks of a page are gone. */
void mim_samples_forget_page(mim_page_t* page);

/* Under the lock: all samples of a profiler. */
void mim_samples_forget_profiler(const mim_profiler_t* profiler);

MIM_INLINE bool mim_page_has_samples(const mim_page_t* page) {
  return atomic_load_explicit(&page->sampled, memory_order_acquire) != 0;
}

/* ---- snapshots (snapshot.c) ---- */

/* Writes what is there now to the next file of the profiler, or is_last: to the one with its plain
 * name.  False, and told: it could not be written; then no file has changed. */
bool mim_profiler_snapshot(mim_profiler_t* profiler, bool is_last);

/* Under the lock: has one of the intervals passed?  Then the caller is a writer: it writes, without
 * the lock. */
bool mim_profiler_becomes_due(mim_profiler_t* profiler);
void mim_profiler_write_due(mim_profiler_t* profiler);

#endif
