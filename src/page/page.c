/* page.c - a page's lists, and the protocol of pages without an owner.  See page.h. */
#include <errno.h>
#include <stdlib.h>

#include "diag/message.h"
#include "page/page_inline.h"

/* ---- reports ---- */

void mim_page_report_corruption(const mim_page_t* page, const void* block) {
  mim_error(EFAULT, true, "corrupted free list in the page of block %p (block size %zu)", block,
            page->block_size);
  abort();
}

void mim_page_report_double_free(const mim_page_t* page, const void* block) {
  mim_error(EAGAIN, true, "double free of block %p (size %zu)", block, page->block_size);
  abort();
}

/* ---- the word `xthread` ---- */

static uint32_t head_of(const mim_page_t* page, const mim_block_t* block) {
  const size_t offset = (size_t)((const uint8_t*)block - page->start);
  return (uint32_t)((offset >> MIM_GRANULE_SHIFT) + 1) << MIM_XTHREAD_HEAD_SHIFT;
}

static mim_block_t* block_of(const mim_page_t* page, uint32_t word) {
  const uint32_t head = (word >> MIM_XTHREAD_HEAD_SHIFT) & MIM_XTHREAD_HEAD_MAX;
  if (head == 0) { return NULL; }
  return (mim_block_t*)(void*)(page->start + ((size_t)(head - 1) << MIM_GRANULE_SHIFT));
}

static uint32_t count_of(uint32_t word) { return word >> MIM_XTHREAD_COUNT_SHIFT; }

static uint32_t head_bits(uint32_t word) {
  return word & ((uint32_t)MIM_XTHREAD_HEAD_MAX << MIM_XTHREAD_HEAD_SHIFT);
}

/* The word of a page with an owner, after `count` more blocks were pushed. */
static uint32_t owned_after_push(const mim_page_t* page, uint32_t word, uint32_t head,
                                 uint32_t count) {
  if (mim_unlikely(count_of(word) + count > page->reserved)) {
    mim_page_report_double_free(page, block_of(page, head));
  }
  return head | MIM_XTHREAD_OWNED | ((count_of(word) + count) << MIM_XTHREAD_COUNT_SHIFT);
}

/* The word of a page without owner, after `count` more blocks were pushed. */
static uint32_t ownerless_after_push(const mim_page_t* page, uint32_t word, uint32_t head,
                                     uint32_t count, bool takes) {
  if (mim_unlikely(count_of(word) < count)) {
    mim_page_report_double_free(page, block_of(page, head));
  }
  const uint32_t live = count_of(word) - count;
  const uint32_t listed = word & MIM_XTHREAD_LISTED;
  const bool makes_room = listed == 0 && live <= mim_page_most_live(page);
  if (takes || makes_room || live == 0) { return head | MIM_XTHREAD_OWNED; }
  return head | listed | (live << MIM_XTHREAD_COUNT_SHIFT);
}

/* The word was `old`, without owner, and the calling thread has set OWNED: it knows the blocks that
 * are still live, and all others of the remote list it has seen. */
static mim_page_event_t page_claimed(mim_page_t* page, uint32_t old, uint32_t live) {
  page->remote_seen = (uint16_t)(page->remote_seen + page->used - live);
  page->used = live;
  return (old & MIM_XTHREAD_LISTED) != 0 ? MIM_PAGE_CLAIMED_LISTED : MIM_PAGE_CLAIMED;
}

/* Release: our writes to the blocks are visible to whoever hands them out.  Acquire: if we claim
 * the page we go on to read what its last owner wrote; partner: the release in
 * mim_page_try_disown. */
MIM_HOT mim_page_event_t mim_page_push_remote(mim_page_t* page, mim_block_t* first,
                                              mim_block_t* last, uint32_t count, bool takes) {
  const uint32_t head = head_of(page, first);
  uint32_t old = atomic_load_explicit(&page->xthread, memory_order_relaxed);
  uint32_t new;
  do {
    mim_block_set_next(page, last, block_of(page, old));
    new = (old & MIM_XTHREAD_OWNED) != 0 ? owned_after_push(page, old, head, count)
                                         : ownerless_after_push(page, old, head, count, takes);
  } while (!atomic_compare_exchange_weak_explicit(&page->xthread, &old, new, memory_order_acq_rel,
                                                  memory_order_relaxed));
  const bool is_claimed = (old & MIM_XTHREAD_OWNED) == 0 && (new& MIM_XTHREAD_OWNED) != 0;
  return is_claimed ? page_claimed(page, old, count_of(old) - count) : MIM_PAGE_NOTHING;
}

static void page_see(mim_page_t* page, uint32_t word) {
  const uint32_t count = count_of(word);
  if (mim_unlikely(count > mim_page_live(page))) {
    mim_page_report_double_free(page, block_of(page, word));
  }
  page->used -= count;
  page->remote_seen = (uint16_t)(page->remote_seen + count);
}

/* Acquire: if no block is left the page ends; partner: the release in mim_page_push_remote. */
MIM_HOT void mim_page_collect(mim_page_t* page) {
  const uint32_t seen = atomic_load_explicit(&page->xthread, memory_order_relaxed);
  if (count_of(seen) == 0) { return; }
  const uint32_t count_bits = count_of(seen) << MIM_XTHREAD_COUNT_SHIFT;
  atomic_fetch_sub_explicit(&page->xthread, count_bits, memory_order_acquire);
  page_see(page, seen);
}

bool mim_page_try_disown(mim_page_t* page, bool is_listed) {
  mim_assert(page->state == MIM_PAGE_QUEUED);
  const uintptr_t owner = mim_page_owner(page);
  const uint32_t listed = is_listed ? MIM_XTHREAD_LISTED : 0u;
  atomic_store_explicit(&page->owner, owner & MIM_PAGE_FLAGS, memory_order_relaxed);
  uint32_t old = atomic_load_explicit(&page->xthread, memory_order_relaxed);
  for (;;) {
    mim_assert(page->used <= MIM_XTHREAD_COUNT_MAX && count_of(old) <= page->used);
    const uint32_t live = page->used - count_of(old);
    if (live == 0) { break; }
    /* Release: the next claimer sees all that we did to the page. */
    const uint32_t new = head_bits(old) | listed | (live << MIM_XTHREAD_COUNT_SHIFT);
    if (atomic_compare_exchange_weak_explicit(&page->xthread, &old, new, memory_order_release,
                                              memory_order_relaxed)) {
      return true;
    }
  }
  atomic_store_explicit(&page->owner, owner, memory_order_relaxed);
  mim_page_collect(page);
  return false;
}

mim_page_event_t mim_page_try_claim(mim_page_t* page) {
  uint32_t old = atomic_load_explicit(&page->xthread, memory_order_relaxed);
  while ((old & MIM_XTHREAD_OWNED) == 0) {
    if (atomic_compare_exchange_weak_explicit(&page->xthread, &old,
                                              head_bits(old) | MIM_XTHREAD_OWNED,
                                              memory_order_acquire, memory_order_relaxed)) {
      return page_claimed(page, old, count_of(old));
    }
  }
  return MIM_PAGE_NOTHING;
}

void mim_page_adopt(mim_page_t* page, uintptr_t thread_id, mim_theap_t* theap) {
  mim_page_collect(page);
  atomic_store_explicit(&page->theap, theap, memory_order_relaxed);
  atomic_store_explicit(&page->owner, thread_id | (mim_page_owner(page) & MIM_PAGE_FLAGS),
                        memory_order_relaxed);
}

uint32_t mim_page_live_now(const mim_page_t* page) {
  const uint32_t word = atomic_load_explicit(&page->xthread, memory_order_acquire);
  const bool is_owned = (word & MIM_XTHREAD_OWNED) != 0;
  return is_owned ? mim_page_live(page) - count_of(word) : count_of(word);
}

const mim_block_t* mim_page_remote_list(const mim_page_t* page) {
  return block_of(page, atomic_load_explicit(&page->xthread, memory_order_acquire));
}

/* ---- the owner's lists ---- */

/* So much is cut at a time: memory is first touched when it is needed. */
enum { EXTEND_SIZE = 4096 };

static void page_extend(mim_page_t* page) {
  const size_t size = page->block_size;
  const size_t most = mim_max(EXTEND_SIZE / size, 1);
  const size_t count = mim_min(most, (size_t)(page->reserved - page->capacity));
  uint8_t* const first = page->start + page->capacity * size;
  mim_block_t* next = NULL;
  for (size_t i = count; i > 0; i--) {
    mim_block_t* const block = (mim_block_t*)(void*)(first + (i - 1) * size);
    mim_block_set_next(page, block, next);
    if (MIM_CHECKED) { block->seal = mim_block_seal_of(page, block); }
    next = block;
  }
  page->free = next;
  page->capacity = (uint16_t)(page->capacity + count);
  page->installed = (uint16_t)count;
  page->is_free_zero = page->is_memory_zero;
}

mim_page_counts_t mim_page_count(mim_page_t* page) {
  uint16_t left = 0;
  for (mim_block_t* block = page->free; block != NULL; block = mim_block_next(page, block)) {
    left++;
  }
  const uint32_t live = mim_page_live(page);
  const uint32_t mallocs = (uint32_t)(page->installed - left);
  const uint32_t frees = page->counted + mallocs - live;
  page->installed = left;
  page->counted = (uint16_t)live;
  return (mim_page_counts_t){mallocs, frees};
}

/* Acquire: partner of the release in mim_page_push_remote. */
static mim_block_t* page_take_remote(mim_page_t* page) {
  if (atomic_load_explicit(&page->xthread, memory_order_relaxed) == MIM_XTHREAD_OWNED) {
    return NULL;
  }
  const uint32_t old =
    atomic_exchange_explicit(&page->xthread, MIM_XTHREAD_OWNED, memory_order_acquire);
  page_see(page, old);
  page->remote_seen = 0;
  return block_of(page, old);
}

MIM_HOT bool mim_page_refill(mim_page_t* page) {
  mim_assert(page->free == NULL && page->installed == 0);
  mim_block_t* const local = page->local_free;
  page->free = local != NULL ? local : page_take_remote(page);
  if (page->free != NULL) {
    page->local_free = NULL;
    page->is_free_zero = false;
    page->installed = (uint16_t)(page->capacity - mim_page_live(page) - page->remote_seen);
    return true;
  }
  if (page->capacity == page->reserved) { return false; }
  page_extend(page);
  return true;
}

void mim_page_keep_free(mim_page_t* page, size_t count) {
  mim_block_t* last = NULL;
  mim_block_t* rest = page->free;
  size_t kept = 0;
  for (; rest != NULL && kept < count; kept++) {
    last = rest;
    rest = mim_block_next(page, rest);
  }
  page->installed = (uint16_t)kept;
  if (rest == NULL) { return; }
  if (last != NULL) {
    mim_block_set_next(page, last, NULL);
  } else {
    page->free = NULL;
  }
  mim_block_t* const before = page->local_free;
  page->local_free = rest;
  if (before == NULL) { return; }
  for (mim_block_t* next; (next = mim_block_next(page, rest)) != NULL;) { rest = next; }
  mim_block_set_next(page, rest, before);
}

void mim_page_set_state(mim_page_t* page, mim_page_state_t state) {
  mim_assert(state != MIM_PAGE_FULL);
  const uint32_t live = mim_page_live(page);
  page->state = (uint8_t)state;
  page->used = live + (state == MIM_PAGE_HELD);
}

void mim_page_set_full(mim_page_t* page, uint32_t most) {
  const uint32_t live = mim_page_live(page);
  mim_assert(live > most);
  page->state = MIM_PAGE_FULL;
  page->full_most = (uint16_t)most;
  page->used = live - most;
}

void mim_page_forget_blocks(mim_page_t* page) {
  atomic_store_explicit(&page->xthread, MIM_XTHREAD_OWNED, memory_order_relaxed);
  page->remote_seen = 0;
  page->installed = 0;
  page->free = NULL;
  page->local_free = NULL;
  page->state = MIM_PAGE_QUEUED;
  page->used = 0;
}

/* ---- full assertions ---- */

static size_t list_length(mim_page_t* page, const mim_block_t* block) {
  size_t length = 0;
  for (; block != NULL; block = mim_block_next(page, block)) {
    mim_check(mim_page_has_block(page, block));
    mim_check((size_t)((const uint8_t*)block - page->start) % page->block_size == 0);
    mim_check(++length <= page->capacity);
  }
  return length;
}

/* Others only push meanwhile: what was in the list when we looked stays in it. */
static void remote_check(mim_page_t* page) {
  const uint32_t word = atomic_load_explicit(&page->xthread, memory_order_acquire);
  mim_check((word & (MIM_XTHREAD_OWNED | MIM_XTHREAD_LISTED)) == MIM_XTHREAD_OWNED);
  mim_check(list_length(page, block_of(page, word)) == page->remote_seen + count_of(word));
}

bool mim_page_is_valid(mim_page_t* page) {
  mim_check(page->capacity <= page->reserved && page->reserved > 0);
  mim_check(mim_page_live(page) <= page->capacity);
  mim_check(mim_page_of(page->start) == page);
  const size_t idle = list_length(page, page->free) + list_length(page, page->local_free);
  mim_check(mim_page_live(page) + idle + page->remote_seen == page->capacity);
  remote_check(page);
  return true;
}
