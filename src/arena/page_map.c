/* page_map.c - see page_map.h. */
#include "arena/page_map.h"

#include "base/assert.h"
#include "base/bits.h"
#include "os/os.h"
#include "prim/lock.h"

mim_page_map_t mim_page_map;

static mim_lock_t page_map_lock = MIM_LOCK_INIT(MIM_RANK_PAGE_MAP);

void mim_page_map_lock(void) { mim_lock_acquire(&page_map_lock); }
void mim_page_map_unlock(void) { mim_lock_release(&page_map_lock); }

static uintptr_t word_of(const void* page_metadata) {
  return (uintptr_t)page_metadata - (uintptr_t)mim_page_map.none;
}

#if MIM_IS_64BIT

typedef _Atomic(mim_page_map_word_t*) page_map_root_t;

static mim_page_map_word_t* page_map_new_table(page_map_root_t* entry) {
  const size_t size = sizeof(mim_page_map_word_t) << MIM_PAGE_MAP_TABLE_BITS;
  mim_lock_acquire(&page_map_lock);
  mim_page_map_word_t* table = atomic_load_explicit(entry, memory_order_relaxed);
  if (table == NULL) {
    mim_os_memory_t memory;
    const size_t alignment = mim_os_config()->page_size;
    if (mim_os_reserve(size, alignment, false, &memory)) {
      if (mim_os_commit(memory.base, memory.size)) {
        table = (mim_page_map_word_t*)(void*)memory.base;
        /* Release: whoever sees the table sees its zeros; partner: the relaxed load of a reader
         * depends on the address, and of page_map_table acquires. */
        atomic_store_explicit(entry, table, memory_order_release);
      } else {
        mim_os_release(&memory, 0);
      }
    }
  }
  mim_lock_release(&page_map_lock);
  return table;
}

static mim_page_map_word_t* page_map_table(uintptr_t slice, bool make) {
  const size_t root_index = slice >> MIM_PAGE_MAP_TABLE_BITS;
  if (root_index > MIM_PAGE_MAP_ROOT_MASK) { return NULL; }
  page_map_root_t* const entry = &mim_page_map.root[root_index];
  mim_page_map_word_t* const table = atomic_load_explicit(entry, memory_order_acquire);
  return table != NULL || !make ? table : page_map_new_table(entry);
}

void mim_page_map_destroy(void) {
  const size_t size = sizeof(mim_page_map_word_t) << MIM_PAGE_MAP_TABLE_BITS;
  for (size_t i = 0; i <= MIM_PAGE_MAP_ROOT_MASK; i++) {
    mim_page_map_word_t* const table =
      atomic_exchange_explicit(&mim_page_map.root[i], NULL, memory_order_relaxed);
    if (table == NULL) { continue; }
    uint8_t* const base = (uint8_t*)(void*)table;
    mim_os_release(&(mim_os_memory_t){base, size, base, size}, size);
  }
}

static mim_page_map_word_t* page_map_word(uintptr_t slice, bool make) {
  mim_page_map_word_t* const table = page_map_table(slice, make);
  return table == NULL ? NULL : &table[slice & MIM_PAGE_MAP_TABLE_MASK];
}

#else

/* Only words that were written: the others stay pages of zeros that nobody has touched. */
void mim_page_map_destroy(void) {
  for (size_t i = 0; i <= MIM_PAGE_MAP_ROOT_MASK; i++) {
    mim_page_map_word_t* const word = &mim_page_map.root[i];
    if (atomic_load_explicit(word, memory_order_relaxed) != 0) {
      atomic_store_explicit(word, 0, memory_order_relaxed);
    }
  }
}

static mim_page_map_word_t* page_map_word(uintptr_t slice, bool make) {
  (void)make;
  return &mim_page_map.root[slice & MIM_PAGE_MAP_ROOT_MASK];
}

#endif

bool mim_page_map_set(const void* base, size_t slice_count, void* page_metadata) {
  const uintptr_t first = (uintptr_t)base >> MIM_SLICE_SHIFT;
  mim_assert(mim_is_aligned(base, MIM_SLICE_SIZE) && slice_count > 0);
  for (size_t i = 0; i < slice_count; i++) {
    mim_page_map_word_t* const word = page_map_word(first + i, true);
    if (word == NULL) {
      if (i > 0) { mim_page_map_clear(base, i); }
      return false;
    }
    atomic_store_explicit(word, word_of(page_metadata), memory_order_relaxed);
  }
  return true;
}

void mim_page_map_clear(const void* base, size_t slice_count) {
  const uintptr_t first = (uintptr_t)base >> MIM_SLICE_SHIFT;
  for (size_t i = 0; i < slice_count; i++) {
    mim_page_map_word_t* const word = page_map_word(first + i, false);
    mim_assert(word != NULL);
    atomic_store_explicit(word, 0, memory_order_relaxed);
  }
}

void mim_page_map_forget(const void* base, size_t slice_count) {
  const uintptr_t first = (uintptr_t)base >> MIM_SLICE_SHIFT;
  for (size_t i = 0; i < slice_count; i++) {
    mim_page_map_word_t* const word = page_map_word(first + i, false);
    if (word != NULL) { atomic_store_explicit(word, 0, memory_order_relaxed); }
  }
}
