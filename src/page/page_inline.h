/* page_inline.h - the block operations that malloc and free inline. */
#ifndef MIM_PAGE_PAGE_INLINE_H
#define MIM_PAGE_PAGE_INLINE_H

#include "base/assert.h"
#include "page/block.h"

/* The block that p points into: an aligned allocation may point inside its block, and then its
 * page carries MIM_PAGE_INTERIOR. */
MIM_INLINE mim_block_t* mim_page_block_at(const mim_page_t* page, void* p) {
  const size_t offset = (size_t)((uint8_t*)p - page->start);
  return (mim_block_t*)((uint8_t*)p - offset % page->block_size);
}

/* NULL if `free` is empty. */
MIM_INLINE mim_block_t* mim_page_pop(mim_page_t* page) {
  mim_block_t* const block = page->free;
  if (mim_unlikely(block == NULL)) { return NULL; }
  mim_assert(mim_page_live(page) < page->capacity);
  page->free = mim_block_next(page, block);
  page->used++;
  mim_block_unseal(page, block);
  return block;
}

MIM_INLINE mim_page_event_t mim_page_push(mim_page_t* page, mim_block_t* block) {
  mim_block_seal(page, block);
  mim_block_set_next(page, block, page->local_free);
  page->local_free = block;
  return mim_unlikely(--page->used == 0) ? MIM_PAGE_MARK : MIM_PAGE_NOTHING;
}

MIM_INLINE uintptr_t mim_page_owner(const mim_page_t* page) {
  return atomic_load_explicit(&page->owner, memory_order_relaxed);
}

MIM_INLINE bool mim_page_has_flag(const mim_page_t* page, uintptr_t flag) {
  return (mim_page_owner(page) & flag) != 0;
}

/* Owner only: nobody else writes the word while the page is owned. */
MIM_INLINE void mim_page_set_flag(mim_page_t* page, uintptr_t flag, bool is_set) {
  const uintptr_t owner = mim_page_owner(page);
  atomic_store_explicit(&page->owner, is_set ? owner | flag : owner & ~flag, memory_order_relaxed);
}

MIM_INLINE bool mim_page_is_huge(const mim_page_t* page) { return page->bin == MIM_BIN_HUGE; }

#endif
