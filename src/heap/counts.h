/* counts.h - what was handed out, came back, and happened: for the statistics.
 *
 * A thread counts in its thread heap, where nobody else writes, and adds that to its heap now and
 * then (mim_theap_merge).  Blocks of pages without owner come back to whoever claims the page: they
 * are counted in the heap at once, as `unseen`.  So a number lags behind by what other threads have
 * not counted yet: at most what the pages at hand hold. */
#ifndef MIM_HEAP_COUNTS_H
#define MIM_HEAP_COUNTS_H

#include "base/size_class.h"
#include "os/counter.h"

enum {
  MIM_COUNT_MALLOCS = 0,                  /* blocks handed out, by bin */
  MIM_COUNT_FREES = MIM_BIN_COUNT,        /* blocks that came back, by bin */
  MIM_COUNT_SEARCHES = 2 * MIM_BIN_COUNT, /* for a page with a free block */
  MIM_COUNT_GIVEN_BACK,                   /* empty pages, to their arena */
  MIM_COUNT_ABANDONED,                    /* full pages given up */
  MIM_COUNT_TAKEN,                        /* pages without owner taken to allocate from */
  MIM_COUNT_TAKEN_BY_FREE,                /* and by who freed a block of them */
  MIM_COUNTS
};

/* A bit for each bin. */
typedef struct mim_bin_bits {
  uint64_t words[2];
} mim_bin_bits_t;

_Static_assert(MIM_BIN_COUNT <= 128, "a bit for each");

/* The first bin from `bin` on that has a bit; MIM_BIN_COUNT if there is none. */
MIM_INLINE unsigned mim_next_bin(const mim_bin_bits_t* bits, unsigned bin) {
  for (; bin < MIM_BIN_COUNT; bin = (bin / 64 + 1) * 64) {
    const uint64_t rest = bits->words[bin / 64] >> (bin % 64);
    if (rest != 0) { return bin + mim_lowest_bit(rest); }
  }
  return MIM_BIN_COUNT;
}

/* What a thread has counted since it last merged: only it writes, any thread reads. */
typedef struct mim_counts {
  _Atomic(size_t) at[MIM_COUNTS];
} mim_counts_t;

MIM_INLINE size_t mim_count_get(const mim_counts_t* counts, unsigned which) {
  return atomic_load_explicit(&counts->at[which], memory_order_relaxed);
}

/* Not one atomic operation: only the owner writes. */
MIM_INLINE void mim_count(mim_counts_t* counts, unsigned which, size_t amount) {
  atomic_store_explicit(&counts->at[which], mim_count_get(counts, which) + amount,
                        memory_order_relaxed);
}

/* What a heap did; or several heaps, or a thread. */
typedef struct mim_stats {
  uint64_t counts[MIM_COUNTS];
  mim_quantity_t blocks[MIM_BIN_COUNT]; /* total: handed out */
  mim_quantity_t pages[MIM_BIN_COUNT];
  mim_quantity_t normal, huge, allocated; /* bytes in blocks; allocated: both */
  int64_t huge_frees, huge_freed;         /* huge blocks that came back, and their bytes */
  mim_quantity_t guarded;                 /* blocks with a guard page */
  int64_t abandoned_now;                  /* pages that wait for an owner */
} mim_stats_t;

/* Where a heap keeps it. */
typedef struct mim_tally {
  /* under heap->theaps_lock */
  uint64_t counts[MIM_COUNTS];
  int64_t live[MIM_BIN_COUNT], live_peak[MIM_BIN_COUNT];
  int64_t huge_blocks_before, huge_bytes_before; /* in use when the totals started */
  /* any thread */
  _Atomic(size_t) unseen[MIM_BIN_COUNT]; /* blocks that came back to pages without owner */
  mim_counter_t pages[MIM_BIN_COUNT];
  mim_counter_t normal, huge, allocated;
  mim_counter_t guarded; /* blocks with a guard page */
} mim_tally_t;

/* Any thread: a page comes or goes (change: 1 or -1); a huge block comes, goes, or is resized. */
void mim_tally_page(mim_tally_t* tally, unsigned bin, ptrdiff_t change);
void mim_tally_huge(mim_tally_t* tally, ptrdiff_t bytes);
void mim_tally_unseen(mim_tally_t* tally, unsigned bin, size_t frees);

/* Under the lock.  merge: takes over what a thread counted, in the bins that it has a bit for;
 * fold: what another tally holds, of which `from` keeps what is in use unless moves_live; reset:
 * what is in use stays counted. */
void mim_tally_merge(mim_tally_t* tally, mim_counts_t* counts, const mim_bin_bits_t* bins);
void mim_tally_fold(mim_tally_t* to, mim_tally_t* from, bool moves_live);
void mim_tally_reset(mim_tally_t* tally);

/* Adds to *stats.  Peaks of a sum are not known: at least the largest one, and what is there. */
void mim_stats_add_tally(mim_stats_t* stats, mim_tally_t* tally);
void mim_stats_add_counts(mim_stats_t* stats, const mim_counts_t* counts);

#endif
