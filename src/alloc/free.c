/* free.c - free behind its fast path: pages with flags, pages of other threads, pointers that are
 * not ours. */
#include "alloc/free_inline.h"

#include <errno.h>
#include <stdlib.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "diag/message.h"
#include "heap/remote_inline.h"

MIM_HOT void mim_free(void* p) { mim_free_inline(p); }

void mim_report_invalid(const char* act, const void* p, bool is_ours) {
  if (mim_heap_is_destroyed()) { return; }
  if (is_ours) {
    mim_error(EINVAL, true, "%s of unaligned pointer %p: no block starts there", act, p);
  } else {
    mim_error(EINVAL, true, "%s of invalid pointer %p: it was not allocated here", act, p);
  }
  if (MIM_CHECKED) { abort(); }
}

/* Checked builds: p is the start of a block that was handed out, and not sealed as free; then
 * what it holds is overwritten. */
void mim_free_check(const mim_page_t* page, const void* p) {
  const size_t offset = (size_t)((const uint8_t*)p - page->start);
  if (offset % page->block_size != 0 || offset / page->block_size >= page->reserved) {
    mim_report_invalid("free", p, true);
  }
  mim_block_t* const block = (mim_block_t*)p;
  if (block->seal == mim_block_seal_of(page, block)) { mim_page_report_double_free(page, p); }
  if (MIM_DEBUG_FILL) {
    const size_t size = mim_min(page->block_size, MIM_MEDIUM_BLOCK_MAX);
    const size_t from = mim_max(mim_page_heap(page)->fill_preserve, sizeof(*block));
    if (from < size) { memset((uint8_t*)block + from, MIM_FILL_FREED, size - from); }
  }
}

/* A page with flags.  Only the owner can take the flag away: nobody else marks its blocks. */
static mim_block_t* block_of_flagged(mim_page_t* page, void* p, uintptr_t owner) {
  mim_block_t* const block =
    (owner & MIM_PAGE_INTERIOR) != 0 ? mim_page_block_at(page, p) : (mim_block_t*)p;
  if ((owner & MIM_PAGE_SAMPLED) == 0) { return block; }
  mim_sample_end(page, block);
  if (!mim_page_has_samples(page) && mim_is_this_thread(owner & ~(uintptr_t)MIM_PAGE_FLAGS)) {
    mim_page_set_flag(page, MIM_PAGE_SAMPLED, false);
  }
  return block;
}

static mim_block_t* block_to_free(mim_page_t* page, void* p) {
  const uintptr_t owner = mim_page_owner(page);
  mim_block_t* const block =
    mim_unlikely((owner & MIM_PAGE_FLAGS) != 0) ? block_of_flagged(page, p, owner) : p;
  if (MIM_CHECKED) { mim_free_check(page, block); }
  return block;
}

/* A thread that only frees needs its thread heap too: it collects what goes to other threads. */
MIM_HOT static MIM_NOINLINE void free_remote(mim_page_t* page, mim_block_t* block) {
  mim_theap_t* const theap = mim_theap_get();
  mim_theap_free_remote(theap != NULL ? theap : &mim_theap_none, page, block);
}

MIM_HOT MIM_NOINLINE void mim_free_generic(void* p, mim_page_t* page) {
  if (mim_unlikely(page == mim_page_none())) {
    if (p != NULL) { mim_report_invalid("free", p, false); }
    return;
  }
  mim_block_t* const block = block_to_free(page, p);
  if (mim_is_this_thread(mim_page_owner(page) & ~(uintptr_t)MIM_PAGE_FLAGS)) {
    if (mim_page_push(page, block) == MIM_PAGE_MARK) { mim_theap_on_mark(page); }
  } else if (!mim_remote_try_append(mim_theap_self, page, block)) {
    free_remote(page, block);
  }
}

size_t mim_usable_size(const void* p) {
  const mim_page_t* const page = mim_page_of(p);
  if (page == mim_page_none()) { return 0; }
  if (!mim_page_has_flag(page, MIM_PAGE_INTERIOR)) { return page->block_size; }
  const size_t offset = (size_t)((const uint8_t*)p - page->start);
  return page->block_size - offset % page->block_size;
}
