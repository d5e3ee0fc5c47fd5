/* page_map.h - from an address to the page that holds it, for every address there is.
 *
 *   address   |  bits 47..32  |  bits 31..16  |  15..0  |
 *                   |                |
 *                 root  ---------> table (a word for each slice of 4 GiB; made when first needed)
 *
 * A word is the distance from `none` to the page's metadata; so zero, in a table that nobody
 * wrote, is the page `none`, which nobody owns and which has no blocks.  Looking up therefore
 * needs no test for a missing page.  On 32-bit machines the root is the only table.
 *
 * Words are written by the thread that makes or frees the page, before the first block is handed
 * out and after the last came back: a program that passes a pointer between threads orders them,
 * so relaxed accesses suffice.
 */
#ifndef MIM_ARENA_PAGE_MAP_H
#define MIM_ARENA_PAGE_MAP_H

#include <stdatomic.h>

#include "base/config.h"

enum {
  MIM_PAGE_METADATA_SIZE = 128, /* two cache lines: see page/page.h */
  MIM_PAGE_MAP_TABLE_BITS = 16,
  MIM_PAGE_MAP_ROOT_BITS = MIM_ADDRESS_BITS - MIM_SLICE_SHIFT - (MIM_IS_64BIT ? 16 : 0),
  MIM_PAGE_MAP_TABLE_MASK = (1 << MIM_PAGE_MAP_TABLE_BITS) - 1,
  MIM_PAGE_MAP_ROOT_MASK = (1 << MIM_PAGE_MAP_ROOT_BITS) - 1
};

typedef _Atomic(uintptr_t) mim_page_map_word_t;

typedef struct mim_page_map {
  MIM_ALIGNED(128) uint8_t none[MIM_PAGE_METADATA_SIZE];
#if MIM_IS_64BIT
  _Atomic(mim_page_map_word_t*) root[1 << MIM_PAGE_MAP_ROOT_BITS];
#else
  mim_page_map_word_t root[1 << MIM_PAGE_MAP_ROOT_BITS];
#endif
} mim_page_map_t;

_Static_assert(offsetof(mim_page_map_t, root) == MIM_PAGE_METADATA_SIZE, "root follows none");

extern mim_page_map_t mim_page_map;

/* The metadata of the page that holds p, or mim_page_map.none; false if the map has no table for
 * such an address at all. */
MIM_INLINE bool mim_page_map_find(const void* p, void** page) {
  const uintptr_t address = (uintptr_t)p;
#if MIM_IS_64BIT
  /* Seen from the root, each address below is one addressing mode; gcc finds it only so. */
  _Atomic(mim_page_map_word_t*)* root = mim_page_map.root;
  mim_opaque(root);
  const size_t root_index = (address >> (MIM_SLICE_SHIFT + 16)) & MIM_PAGE_MAP_ROOT_MASK;
  mim_page_map_word_t* const table = atomic_load_explicit(&root[root_index], memory_order_relaxed);
  if (mim_unlikely(table == NULL)) { return false; }
  const size_t index = (address >> MIM_SLICE_SHIFT) & MIM_PAGE_MAP_TABLE_MASK;
  *page = (uint8_t*)root - MIM_PAGE_METADATA_SIZE +
          atomic_load_explicit(&table[index], memory_order_relaxed);
#else
  *page = mim_page_map.none + atomic_load_explicit(&mim_page_map.root[address >> MIM_SLICE_SHIFT],
                                                   memory_order_relaxed);
#endif
  return true;
}

MIM_INLINE void* mim_page_map_at(const void* p) {
  void* page;
  return mim_page_map_find(p, &page) ? page : mim_page_map.none;
}

/* Maps the slices of [base, base + slice_count slices) to a page; false if there is no memory for
 * the table, then nothing has changed. */
bool mim_page_map_set(const void* base, size_t slice_count, void* page_metadata);
void mim_page_map_clear(const void* base, size_t slice_count);

/* The same for a range of which only a part may have been set. */
void mim_page_map_forget(const void* base, size_t slice_count);

/* Releases the tables: then no address is ours. Other threads must not look up meanwhile. */
void mim_page_map_destroy(void);

void mim_page_map_lock(void);
void mim_page_map_unlock(void);

#endif
