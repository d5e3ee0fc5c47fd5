/* free_inline.h - the free fast path, all of it.
 *
 * The owner's id and the page's flags share a word, so one comparison answers three questions: is
 * it ours at all, is it my page, does it hold no interior pointers? */
#ifndef MIM_ALLOC_FREE_INLINE_H
#define MIM_ALLOC_FREE_INLINE_H

#include <string.h>

#include "heap/theap.h"
#include "page/page_inline.h"

void mim_free_generic(void* p, mim_page_t* page);
MIM_COLD void mim_free_check(const mim_page_t* page, const void* p);

/* False: nothing was done, since *page, which may be `none`, is not the calling thread's. */
MIM_INLINE bool mim_free_own(void* p, mim_page_t** page) {
  void* found;
  *page = mim_page_none();
  if (mim_unlikely(!mim_page_map_find(p, &found))) { return false; }
  *page = found;
  if (mim_unlikely(!mim_is_this_thread(mim_page_owner(*page)))) { return false; }
  if (MIM_CHECKED) { mim_free_check(*page, p); }
  if (mim_unlikely(mim_page_push(*page, p) == MIM_PAGE_MARK)) { mim_theap_on_mark(*page); }
  return true;
}

MIM_INLINE void mim_free_inline(void* p) {
  mim_page_t* page;
  if (mim_unlikely(!mim_free_own(p, &page))) { mim_free_generic(p, page); }
}

#endif
