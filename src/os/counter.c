/* counter.c - see counter.h. */
#include "os/counter.h"

/* On a 32-bit machine a word at least this large stands for a number below 0. */
#define NEGATIVE_FROM ((size_t)0 - 256 * MIM_MIB)

static int64_t widen(ptrdiff_t word) {
  if (MIM_IS_64BIT || (size_t)word >= NEGATIVE_FROM) { return word; }
  return (int64_t)(size_t)word;
}

static void total_add(mim_total_t* total, int64_t amount) {
  uint64_t rest = (uint64_t)amount;
  for (int i = 0; i < MIM_TOTAL_WORDS && rest != 0; i++) {
    const size_t part = (size_t)rest;
    const size_t before = atomic_fetch_add_explicit(&total->words[i], part, memory_order_relaxed);
    rest = (rest >> 32) + (before + part < before);
  }
}

static int64_t total_read(mim_total_t* total) {
  uint64_t value = 0;
  for (int i = MIM_TOTAL_WORDS - 1; i >= 0; i--) {
    value = value << 32 | atomic_load_explicit(&total->words[i], memory_order_relaxed);
  }
  return (int64_t)value;
}

void mim_counter_add(mim_counter_t* counter, ptrdiff_t amount) {
  const ptrdiff_t before =
    atomic_fetch_add_explicit(&counter->current, amount, memory_order_relaxed);
  const ptrdiff_t current = (ptrdiff_t)((size_t)before + (size_t)amount);
  if (amount > 0) { total_add(&counter->total, amount); }
  ptrdiff_t peak = atomic_load_explicit(&counter->peak, memory_order_relaxed);
  while (widen(current) > widen(peak) &&
         !atomic_compare_exchange_weak_explicit(&counter->peak, &peak, current,
                                                memory_order_relaxed, memory_order_relaxed)) {}
}

mim_quantity_t mim_counter_read(mim_counter_t* counter) {
  return (mim_quantity_t){
    .current = widen(atomic_load_explicit(&counter->current, memory_order_relaxed)),
    .peak = widen(atomic_load_explicit(&counter->peak, memory_order_relaxed)),
    .total = total_read(&counter->total),
  };
}

size_t mim_counter_current(mim_counter_t* counter) {
  const int64_t value = widen(atomic_load_explicit(&counter->current, memory_order_relaxed));
  return value < 0 ? 0 : (size_t)value;
}

void mim_counter_reset(mim_counter_t* counter) {
  const ptrdiff_t current = atomic_load_explicit(&counter->current, memory_order_relaxed);
  atomic_store_explicit(&counter->peak, current, memory_order_relaxed);
  total_add(&counter->total, -total_read(&counter->total));
}

int64_t mim_counter_fold(mim_counter_t* to, mim_counter_t* from, bool moves_current) {
  const ptrdiff_t current = atomic_load_explicit(&from->current, memory_order_relaxed);
  const int64_t total = total_read(&from->total);
  if (total == 0 && current == 0) { return 0; }
  total_add(&to->total, total);
  total_add(&from->total, -total);
  if (!moves_current) { return widen(current); }
  atomic_fetch_add_explicit(&to->current, current, memory_order_relaxed);
  atomic_fetch_sub_explicit(&from->current, current, memory_order_relaxed);
  return 0;
}
