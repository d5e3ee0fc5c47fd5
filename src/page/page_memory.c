/* page_memory.c - the life of a page as memory: slices, metadata, page map. */
#include "arena/metadata.h"
#include "base/assert.h"
#include "page/page_guarded.h"
#include "page/page_inline.h"

static void page_init(mim_page_t* page, const mim_page_source_t* source, const mim_slices_t* slices,
                      unsigned bin, size_t block_size) {
  *page = (mim_page_t){
    .reserved = (uint16_t)(bin == MIM_BIN_HUGE ? 1 : slices->count * MIM_SLICE_SIZE / block_size),
    .block_size = block_size,
    .start = slices->base,
    .bin = (uint8_t)bin,
    .is_memory_zero = slices->is_zero,
    .xthread = MIM_XTHREAD_OWNED,
    .slice_first = (uint32_t)slices->first,
    .slice_count = (uint32_t)slices->count,
    .arena = slices->arena,
    .heap = source->heap,
    .key = source->key,
  };
}

/* ---- pages with memory of their own ---- */

static mim_lock_t big_lock = MIM_LOCK_INIT(MIM_RANK_BIG_PAGES);
static mim_page_big_t* big_first;

void mim_page_lock_big(void) { mim_lock_acquire(&big_lock); }
void mim_page_unlock_big(void) { mim_lock_release(&big_lock); }

static mim_page_t* big_new(const mim_os_memory_t* memory) {
  mim_page_big_t* const big = mim_metadata_new(sizeof(mim_page_big_t));
  if (big == NULL) { return NULL; }
  big->memory = *memory;
  mim_lock_acquire(&big_lock);
  big->next = big_first;
  if (big_first != NULL) { big_first->prev = big; }
  big_first = big;
  mim_lock_release(&big_lock);
  return &big->page;
}

static void big_free(mim_page_t* page) {
  mim_page_big_t* const big = (mim_page_big_t*)(void*)page;
  mim_lock_acquire(&big_lock);
  if (big->next != NULL) { big->next->prev = big->prev; }
  if (big->prev != NULL) {
    big->prev->next = big->next;
  } else {
    big_first = big->next;
  }
  mim_lock_release(&big_lock);
  mim_metadata_free(big, sizeof(*big));
}

void mim_page_destroy_big(void) {
  mim_lock_acquire(&big_lock);
  for (const mim_page_big_t* big = big_first; big != NULL; big = big->next) {
    mim_os_release(&big->memory, big->memory.size);
  }
  big_first = NULL;
  mim_lock_release(&big_lock);
}

/* Number `index` from the newest on; NULL: there are fewer. */
static mim_page_t* big_at(size_t index) {
  mim_lock_acquire(&big_lock);
  mim_page_big_t* big = big_first;
  for (; big != NULL && index > 0; index--) { big = big->next; }
  mim_lock_release(&big_lock);
  return big == NULL ? NULL : &big->page;
}

/* Not under the lock: `visit` may allocate. */
bool mim_page_visit_big(mim_page_visit_fun_t* visit, void* arg) {
  mim_page_t* page;
  for (size_t i = 0; (page = big_at(i)) != NULL; i++) {
    if (!visit(page, arg)) { return false; }
  }
  return true;
}

static mim_page_t* metadata_for(const mim_slices_t* slices) {
  if (slices->arena == NULL) { return big_new(&slices->memory); }
  return mim_arena_page_metadata(slices->arena, slices->first);
}

/* A huge page is found by its first slice only: the pointer to its block lies there, because the
 * slices themselves are aligned as the block must be; unless it points inside the block. */
static size_t mapped_slices(const mim_page_t* page) {
  const bool is_first_only = mim_page_is_huge(page) && !mim_page_has_flag(page, MIM_PAGE_INTERIOR);
  return is_first_only ? 1 : page->slice_count;
}

static void metadata_release(mim_page_t* page) {
  if (page->arena == NULL) { big_free(page); }
}

static mim_slices_t slices_of(const mim_page_t* page) {
  mim_slices_t slices = {
    .arena = page->arena,
    .base = page->start,
    .first = page->slice_first,
    .count = page->slice_count,
  };
  if (page->arena == NULL) { slices.memory = ((const mim_page_big_t*)(const void*)page)->memory; }
  return slices;
}

/* The slices become a page, or go back. */
static mim_page_t* page_of_slices(const mim_page_source_t* source, const mim_slices_t* slices,
                                  unsigned bin, size_t block_size) {
  mim_page_t* const page = metadata_for(slices);
  if (page == NULL) {
    mim_slices_release(slices);
    return NULL;
  }
  page_init(page, source, slices, bin, block_size);
  if (!mim_page_map_set(slices->base, mapped_slices(page), page)) {
    metadata_release(page);
    mim_slices_release(slices);
    return NULL;
  }
  return page;
}

mim_page_t* mim_page_new(const mim_page_source_t* source, unsigned bin) {
  mim_slices_t slices;
  if (!mim_slices_claim(source->arenas, &source->place, mim_bin_slices(bin), MIM_SLICE_SIZE,
                        &slices)) {
    return NULL;
  }
  return page_of_slices(source, &slices, bin, mim_bin_block_size(bin));
}

mim_page_t* mim_page_new_huge(const mim_page_source_t* source, size_t size, size_t alignment) {
  mim_assert(size <= MIM_SIZE_MAX);
  const size_t rounded = mim_align_up(size, MIM_HUGE_ROUND);
  mim_slices_t slices;
  if (!mim_slices_claim_huge(source->arenas, &source->place, rounded,
                             mim_max(alignment, MIM_SLICE_SIZE), &slices)) {
    return NULL;
  }
  return page_of_slices(source, &slices, MIM_BIN_HUGE, rounded);
}

void mim_page_dispose(mim_page_t* page) {
  mim_assert(mim_page_live(page) == 0);
  const mim_slices_t slices = slices_of(page);
  const bool is_guarded = mim_page_has_flag(page, MIM_PAGE_GUARDED);
  mim_page_map_clear(slices.base, mapped_slices(page));
  atomic_store_explicit(&page->owner, 0, memory_order_relaxed);
  metadata_release(page);
  if (is_guarded) {
    mim_page_release_guarded(&slices);
  } else {
    mim_slices_release(&slices);
  }
}

bool mim_page_set_interior(mim_page_t* page) {
  if (mim_page_has_flag(page, MIM_PAGE_INTERIOR)) { return true; }
  if (mim_page_is_huge(page) && !mim_page_map_set(page->start, page->slice_count, page)) {
    mim_page_map_set(page->start, 1, page); /* what was there before: no memory needed */
    return false;
  }
  mim_page_set_flag(page, MIM_PAGE_INTERIOR, true);
  return true;
}

mim_page_t* mim_page_new_guarded(const mim_page_source_t* source, size_t size, size_t alignment) {
  const size_t os_page = mim_os_config()->page_size;
  const size_t open = mim_align_up(mim_max(size, 1), os_page);
  mim_slices_t slices;
  if (!mim_slices_claim_huge(source->arenas, &source->place, open + os_page,
                             mim_max(alignment, MIM_SLICE_SIZE), &slices)) {
    return NULL;
  }
  mim_page_t* const page = page_of_slices(source, &slices, MIM_BIN_HUGE, open);
  if (page == NULL) { return NULL; }
  if (mim_page_set_interior(page) && mim_page_guard(&slices, open)) {
    mim_page_set_flag(page, MIM_PAGE_GUARDED, true);
    return page;
  }
  mim_page_dispose(page);
  return NULL;
}

bool mim_page_resize_huge(mim_page_t* page, size_t size) {
  mim_assert(mim_page_is_huge(page));
  if (mim_page_has_flag(page, MIM_PAGE_GUARDED)) { return false; }
  mim_slices_t slices = slices_of(page);
  const size_t count = mim_slices_for(size);
  if (count > UINT32_MAX || mapped_slices(page) > 1) { return false; }
  if (slices.arena == NULL) { return false; }
  if (count > slices.count) {
    if (!mim_slices_extend(&slices, count - slices.count)) { return false; }
  } else if (count < slices.count) {
    mim_slices_shrink(&slices, slices.count - count);
  }
  page->slice_count = (uint32_t)count;
  page->block_size = mim_align_up(size, MIM_HUGE_ROUND);
  return true;
}
