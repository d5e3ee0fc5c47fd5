/* counts.c - see counts.h. */
#include "heap/counts.h"

static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* ---- a heap's tally ---- */

void mim_tally_page(mim_tally_t* tally, unsigned bin, ptrdiff_t change) {
  mim_counter_add(&tally->pages[bin], change);
}

void mim_tally_huge(mim_tally_t* tally, ptrdiff_t bytes) {
  mim_counter_add(&tally->huge, bytes);
  mim_counter_add(&tally->allocated, bytes);
}

void mim_tally_unseen(mim_tally_t* tally, unsigned bin, size_t frees) {
  if (frees == 0) { return; }
  atomic_fetch_add_explicit(&tally->unseen[bin], frees, memory_order_relaxed);
}

static size_t take(_Atomic(size_t)* count) {
  if (atomic_load_explicit(count, memory_order_relaxed) == 0) { return 0; }
  return atomic_exchange_explicit(count, 0, memory_order_relaxed);
}

/* Bytes by which the blocks in use of a bin change. */
static ptrdiff_t tally_bin(mim_tally_t* tally, unsigned bin, size_t mallocs, size_t frees) {
  const ptrdiff_t change = (ptrdiff_t)(mallocs - frees);
  tally->counts[MIM_COUNT_MALLOCS + bin] += mallocs;
  tally->counts[MIM_COUNT_FREES + bin] += frees;
  tally->live[bin] += change;
  tally->live_peak[bin] = larger(tally->live_peak[bin], tally->live[bin]);
  return change * (ptrdiff_t)mim_bin_block_size(bin);
}

static void add_bytes(mim_tally_t* tally, ptrdiff_t bytes) {
  if (bytes == 0) { return; }
  mim_counter_add(&tally->normal, bytes);
  mim_counter_add(&tally->allocated, bytes);
}

void mim_tally_merge(mim_tally_t* tally, mim_counts_t* counts, const mim_bin_bits_t* bins) {
  ptrdiff_t bytes = 0;
  for (unsigned bin = mim_next_bin(bins, 1); bin < MIM_BIN_COUNT;
       bin = mim_next_bin(bins, bin + 1)) {
    const size_t mallocs = take(&counts->at[MIM_COUNT_MALLOCS + bin]);
    const size_t frees = take(&counts->at[MIM_COUNT_FREES + bin]) + take(&tally->unseen[bin]);
    if (mallocs + frees > 0) { bytes += tally_bin(tally, bin, mallocs, frees); }
  }
  for (unsigned i = MIM_COUNT_SEARCHES; i < MIM_COUNTS; i++) {
    tally->counts[i] += take(&counts->at[i]);
  }
  add_bytes(tally, bytes);
}

/* What came back so far is the total, and what was there before, without what is there. */
static void before_fold(int64_t* to, int64_t* from, int64_t kept) {
  *to += *from - kept;
  *from = kept;
}

void mim_tally_fold(mim_tally_t* to, mim_tally_t* from, bool moves_live) {
  for (unsigned i = 0; i < MIM_COUNTS; i++) {
    to->counts[i] += from->counts[i];
    from->counts[i] = 0;
  }
  int64_t huge_blocks = 0;
  for (unsigned bin = 1; bin < MIM_BIN_COUNT; bin++) {
    huge_blocks =
      mim_counter_fold(&to->pages[bin], &from->pages[bin], moves_live); /* the last bin's */
    if (!moves_live) { continue; }
    to->live[bin] += from->live[bin];
    from->live[bin] = 0;
    mim_tally_unseen(to, bin, take(&from->unseen[bin]));
  }
  mim_counter_fold(&to->normal, &from->normal, moves_live);
  before_fold(&to->huge_blocks_before, &from->huge_blocks_before, huge_blocks);
  before_fold(&to->huge_bytes_before, &from->huge_bytes_before,
              mim_counter_fold(&to->huge, &from->huge, moves_live));
  mim_counter_fold(&to->allocated, &from->allocated, moves_live);
  mim_counter_fold(&to->guarded, &from->guarded, moves_live);
}

void mim_tally_reset(mim_tally_t* tally) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    const size_t frees = take(&tally->unseen[bin]);
    if (frees > 0) { add_bytes(tally, tally_bin(tally, bin, 0, frees)); }
  }
  for (unsigned i = 0; i < MIM_COUNTS; i++) { tally->counts[i] = 0; }
  for (unsigned bin = 1; bin < MIM_BIN_COUNT; bin++) {
    tally->live_peak[bin] = tally->live[bin];
    mim_counter_reset(&tally->pages[bin]);
  }
  tally->huge_blocks_before = mim_counter_read(&tally->pages[MIM_BIN_HUGE]).current;
  tally->huge_bytes_before = mim_counter_read(&tally->huge).current;
  mim_counter_reset(&tally->normal);
  mim_counter_reset(&tally->huge);
  mim_counter_reset(&tally->allocated);
  mim_counter_reset(&tally->guarded);
}

/* ---- sums ---- */

static void quantity_add(mim_quantity_t* sum, mim_quantity_t more) {
  sum->current += more.current;
  sum->total += more.total;
  sum->peak = larger(larger(sum->peak, more.peak), sum->current);
}

/* Blocks were handed out, and came back. */
static void stats_add_blocks(mim_stats_t* stats, unsigned bin, size_t mallocs, size_t frees) {
  const int64_t size = (int64_t)mim_bin_block_size(bin);
  const int64_t change = (int64_t)mallocs - (int64_t)frees;
  quantity_add(&stats->blocks[bin], (mim_quantity_t){change, 0, (int64_t)mallocs});
  quantity_add(&stats->normal, (mim_quantity_t){change * size, 0, 0});
  quantity_add(&stats->allocated, (mim_quantity_t){change * size, 0, 0});
  stats->counts[MIM_COUNT_MALLOCS + bin] += mallocs;
  stats->counts[MIM_COUNT_FREES + bin] += frees;
}

void mim_stats_add_counts(mim_stats_t* stats, const mim_counts_t* counts) {
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    stats_add_blocks(stats, bin, mim_count_get(counts, MIM_COUNT_MALLOCS + bin),
                     mim_count_get(counts, MIM_COUNT_FREES + bin));
  }
  for (unsigned i = MIM_COUNT_SEARCHES; i < MIM_COUNTS; i++) {
    stats->counts[i] += mim_count_get(counts, i);
  }
}

void mim_stats_add_tally(mim_stats_t* stats, mim_tally_t* tally) {
  for (unsigned i = 0; i < MIM_COUNTS; i++) { stats->counts[i] += tally->counts[i]; }
  for (unsigned bin = 1; bin < MIM_BIN_COUNT; bin++) {
    const int64_t mallocs = (int64_t)tally->counts[MIM_COUNT_MALLOCS + bin];
    quantity_add(&stats->blocks[bin],
                 (mim_quantity_t){tally->live[bin], tally->live_peak[bin], mallocs});
    quantity_add(&stats->pages[bin], mim_counter_read(&tally->pages[bin]));
  }
  const mim_quantity_t blocks = mim_counter_read(&tally->pages[MIM_BIN_HUGE]);
  const mim_quantity_t bytes = mim_counter_read(&tally->huge);
  stats->huge_frees += tally->huge_blocks_before + blocks.total - blocks.current;
  stats->huge_freed += tally->huge_bytes_before + bytes.total - bytes.current;
  quantity_add(&stats->normal, mim_counter_read(&tally->normal));
  quantity_add(&stats->huge, mim_counter_read(&tally->huge));
  quantity_add(&stats->allocated, mim_counter_read(&tally->allocated));
  quantity_add(&stats->guarded, mim_counter_read(&tally->guarded));
  for (unsigned bin = 1; bin <= MIM_BIN_LAST; bin++) {
    stats_add_blocks(stats, bin, 0,
                     atomic_load_explicit(&tally->unseen[bin], memory_order_relaxed));
  }
}
