/* block.h - the two words of a free block.
 *
 *   next   the next block of the list
 *   seal   in checked builds: a secret of the page and the block's own address.  A block that is
 *          freed while it is sealed is freed twice; one that is allocated with a broken seal was
 *          written to after it was freed.
 *
 * In checked builds `next` is encoded with the page's key, so that a stray write cannot make up a
 * list.  Every function here compiles to a plain load or store in the other builds.
 */
#ifndef MIM_PAGE_BLOCK_H
#define MIM_PAGE_BLOCK_H

#include "page/page.h"

MIM_COLD MIM_NORETURN void mim_page_report_corruption(const mim_page_t* page, const void* block);
MIM_COLD MIM_NORETURN void mim_page_report_double_free(const mim_page_t* page, const void* block);

MIM_INLINE bool mim_page_has_block(const mim_page_t* page, const mim_block_t* block) {
  const size_t offset = (size_t)((const uint8_t*)block - page->start);
  return offset < (size_t)page->capacity * page->block_size &&
         ((uintptr_t)block & (MIM_GRANULE - 1)) == 0;
}

MIM_INLINE mim_block_t* mim_block_next(const mim_page_t* page, const mim_block_t* block) {
  if (!MIM_CHECKED) { return (mim_block_t*)block->next; }
  mim_block_t* const next = (mim_block_t*)(block->next ^ page->key);
  if (mim_unlikely(next != NULL && !mim_page_has_block(page, next))) {
    mim_page_report_corruption(page, block);
  }
  return next;
}

MIM_INLINE void mim_block_set_next(const mim_page_t* page, mim_block_t* block, mim_block_t* next) {
  block->next = MIM_CHECKED ? (uintptr_t)next ^ page->key : (uintptr_t)next;
}

MIM_INLINE uintptr_t mim_block_seal_of(const mim_page_t* page, const mim_block_t* block) {
  return (page->key + (uintptr_t)block) ^ (page->key >> 7);
}

MIM_INLINE void mim_block_seal(const mim_page_t* page, mim_block_t* block) {
  if (!MIM_CHECKED) { return; }
  const uintptr_t seal = mim_block_seal_of(page, block);
  if (mim_unlikely(block->seal == seal)) { mim_page_report_double_free(page, block); }
  block->seal = seal;
}

MIM_INLINE void mim_block_unseal(const mim_page_t* page, mim_block_t* block) {
  if (!MIM_CHECKED) { return; }
  if (mim_unlikely(block->seal != mim_block_seal_of(page, block))) {
    mim_page_report_corruption(page, block);
  }
  block->seal = 0;
}

#endif
