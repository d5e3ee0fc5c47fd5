/* remote_inline.h - the quick half of a remote free: a chain for the block's page is waiting. */
#ifndef MIM_HEAP_REMOTE_INLINE_H
#define MIM_HEAP_REMOTE_INLINE_H

#include "heap/theap.h"
#include "page/block.h"

MIM_INLINE mim_remote_chain_t* mim_remote_chain_of(mim_theap_t* theap, const mim_page_t* page) {
  return &theap->remote[(uintptr_t)page / MIM_PAGE_METADATA_SIZE % MIM_REMOTE_SLOTS];
}

MIM_INLINE void mim_remote_append(mim_remote_chain_t* chain, mim_block_t* block) {
  mim_block_set_next(chain->page, block, chain->first);
  chain->first = block;
  chain->count++;
}

/* False, without effect, if no chain waits for this page, or this block brings it to its limit. */
MIM_INLINE bool mim_remote_try_append(mim_theap_t* theap, mim_page_t* page, mim_block_t* block) {
  mim_remote_chain_t* const chain = mim_remote_chain_of(theap, page);
  if (chain->page != page || chain->count + 1 >= chain->limit) { return false; }
  mim_block_seal(page, block);
  mim_remote_append(chain, block);
  return true;
}

#endif
