/* mi_malloc.c - mi_*: standard, small, and sized forms.  Contracts: include/mimalloc.h. */
#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "alloc/malloc_inline.h"
#include "base/assert.h"
#include "mimalloc.h"

MIM_HOT MIM_EXPORT void* mi_malloc(size_t size) { return mim_malloc(size); }
MIM_HOT MIM_EXPORT void* mi_zalloc(size_t size) { return mim_zalloc(size); }
MIM_EXPORT void* mi_calloc(size_t count, size_t size) { return mim_calloc(count, size); }
MIM_EXPORT void* mi_mallocn(size_t count, size_t size) { return mim_mallocn(count, size); }
MIM_HOT MIM_EXPORT void mi_free(void* p) { mim_free_inline(p); }

MIM_EXPORT void* mi_malloc_small(size_t size) {
  mim_assert(size <= MI_SMALL_SIZE_MAX);
  return mim_malloc_small(mim_theap_self, size, false);
}

MIM_EXPORT void* mi_zalloc_small(size_t size) {
  mim_assert(size <= MI_SMALL_SIZE_MAX);
  return mim_malloc_small(mim_theap_self, size, true);
}

MIM_EXPORT void* mi_wmalloc_small(size_t wsize) { return mi_malloc_small(wsize * sizeof(size_t)); }
MIM_EXPORT void* mi_wzalloc_small(size_t wsize) { return mi_zalloc_small(wsize * sizeof(size_t)); }

MIM_EXPORT void* mi_realloc(void* p, size_t size) { return mim_realloc(p, size, false); }
MIM_EXPORT void* mi_rezalloc(void* p, size_t size) { return mim_realloc(p, size, true); }

MIM_EXPORT void* mi_reallocn(void* p, size_t count, size_t size) {
  return mim_reallocn(p, count, size, false);
}

MIM_EXPORT void* mi_recalloc(void* p, size_t count, size_t size) {
  return mim_reallocn(p, count, size, true);
}

MIM_EXPORT void* mi_reallocf(void* p, size_t size) {
  void* const fresh = mim_realloc(p, size, false);
  if (fresh == NULL) { mim_free(p); }
  return fresh;
}

MIM_EXPORT void* mi_expand(void* p, size_t size) { return mim_expand(p, size); }
MIM_EXPORT size_t mi_usable_size(const void* p) { return mim_usable_size(p); }
MIM_EXPORT size_t mi_good_size(size_t size) { return mim_good_size(size); }
MIM_EXPORT char* mi_strdup(const char* s) { return mim_strdup(s); }
MIM_EXPORT char* mi_strndup(const char* s, size_t n) { return mim_strndup(s, n); }

MIM_EXPORT size_t mi_thread_id_of(const void* p) {
  return mim_page_owner(mim_page_of(p)) & ~(uintptr_t)MIM_PAGE_FLAGS;
}

/* ---- free with what the caller knows; checked builds check that it is so ---- */

static void check_size(const void* p, size_t size) {
  if (MIM_CHECKED && p != NULL) { mim_check(size <= mim_usable_size(p)); }
}

MIM_EXPORT void mi_free_size(void* p, size_t size) {
  check_size(p, size);
  mim_free_inline(p);
}

MIM_EXPORT void mi_free_aligned(void* p, size_t alignment) {
  if (MIM_CHECKED) { mim_check(mim_is_aligned(p, alignment)); }
  mim_free_inline(p);
}

MIM_EXPORT void mi_free_size_aligned(void* p, size_t size, size_t alignment) {
  check_size(p, size);
  mi_free_aligned(p, alignment);
}

MIM_EXPORT void mi_free_small(void* p) { mim_free_inline(p); }
MIM_EXPORT void mi_free_small_nonnull(void* p) { mim_free_inline(p); }
MIM_EXPORT void mi_free_small_local(void* p) { mim_free_inline(p); }
MIM_EXPORT void mi_free_small_local_nonnull(void* p) { mim_free_inline(p); }

/* ---- forms that tell the size of the block ---- */

static void* tell_size(void* p, size_t* block_size) {
  if (block_size != NULL) { *block_size = (p == NULL ? 0 : mim_usable_size(p)); }
  return p;
}

MIM_EXPORT void* mi_umalloc(size_t size, size_t* block_size) {
  return tell_size(mim_malloc(size), block_size);
}

MIM_EXPORT void* mi_ucalloc(size_t count, size_t size, size_t* block_size) {
  return tell_size(mim_calloc(count, size), block_size);
}

MIM_EXPORT void* mi_umalloc_small(size_t size, size_t* block_size) {
  return tell_size(mi_malloc_small(size), block_size);
}

MIM_EXPORT void* mi_uzalloc_small(size_t size, size_t* block_size) {
  return tell_size(mi_zalloc_small(size), block_size);
}

MIM_EXPORT void* mi_umalloc_aligned(size_t size, size_t alignment, size_t* block_size) {
  return tell_size(mim_malloc_aligned(size, alignment, 0, false), block_size);
}

MIM_EXPORT void* mi_uzalloc_aligned(size_t size, size_t alignment, size_t* block_size) {
  return tell_size(mim_malloc_aligned(size, alignment, 0, true), block_size);
}

MIM_EXPORT void* mi_urealloc(void* p, size_t size, size_t* before, size_t* after) {
  tell_size(p, before);
  return tell_size(mim_realloc(p, size, false), after);
}

MIM_EXPORT void mi_ufree(void* p, size_t* block_size) {
  tell_size(p, block_size);
  mim_free_inline(p);
}
