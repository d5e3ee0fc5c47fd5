/* page.h - a page: a run of slices cut into blocks of one size.
 *
 *        owner thread                                   any other thread
 *   malloc: pop  <- free                          free: push -> xthread_free
 *   free:   push -> local_free
 *
 *   free          blocks ready to hand out                         owner only
 *   local_free    blocks the owner freed since `free` ran dry      owner only
 *   xthread       blocks freed by others, and who may act          atomic
 *
 * mim_page_refill moves local_free, or else the remote frees, into free; at last it cuts further
 * blocks out of the page.  Two lists for the owner give every page a moment in which it must take
 * the slow path: where deferred work is paid for.
 *
 * A page is OWNED by one thread, or by none.  Pages without an owner are the full pages that a
 * thread gave up, and those of threads that ended.  The word `xthread` says which, and makes every
 * decision of a remote free from that word alone:
 *
 *   | count: 14 | first remote block: 16 | LISTED | OWNED |
 *
 *   OWNED          count: remote frees that the owner has not seen yet; a remote free only pushes
 *   not OWNED      count: live blocks; each push counts them down.  Whoever brings it to 0 sets
 *                  OWNED with the same operation, and frees the page.  If the page is not LISTED
 *                  (in the set of pages with free blocks: heap/abandoned.c), whoever makes enough
 *                  room claims it too.
 *
 * So nobody needs to walk the list of remote frees: it stays with the page, whoever owns that,
 * until a refill makes it the list that malloc pops from.
 *
 * `used` counts the blocks handed out (with remote frees that the owner has not seen yet) down to a
 * mark: a local free only looks whether it became 0.  The state of the page says where the mark is:
 *
 *   QUEUED  used == live blocks              0: the page is empty
 *   HELD    used == live blocks + 1          never 0: the first page of a queue is kept, so that a
 *                                            block that comes and goes does not empty it each time
 *   FULL    used == live blocks - full_most  0: enough blocks are free to look at the page again
 *
 * The metadata lies apart from the blocks, in the head of the arena.
 */
#ifndef MIM_PAGE_PAGE_H
#define MIM_PAGE_PAGE_H

#include <stdatomic.h>

#include "arena/arena.h"
#include "base/size_class.h"

/* A free block.  The program wrote other types to this memory: may_alias keeps the order. */
typedef struct MIM_MAY_ALIAS mim_block {
  uintptr_t next; /* see page/block.h */
  uintptr_t seal; /* checked builds only */
} mim_block_t;

typedef struct mim_theap mim_theap_t; /* of the layer above: pages only carry the pointers */
typedef struct mim_heap mim_heap_t;

typedef struct mim_page {
  /* the owner's cache line */
  mim_block_t* free;
  mim_block_t* local_free;
  _Atomic(uintptr_t) owner; /* thread id of the owner or 0, | MIM_PAGE_FLAGS */
  uint32_t used;
  uint16_t capacity; /* blocks cut so far */
  uint16_t reserved; /* blocks that fit */
  size_t block_size;
  uint8_t* start; /* of the first block */
  uint8_t bin;
  bool is_free_zero;    /* the blocks in `free` hold zeros behind their links */
  bool is_memory_zero;  /* blocks that are not cut yet hold zeros */
  uint8_t state;        /* mim_page_state_t */
  bool was_idle;        /* had no live block when its thread heap was last tidied */
  uint8_t shard;        /* of the set that the page is in: heap/abandoned.c */
  uint16_t installed;   /* blocks that the last refill put into `free`: see mim_page_count */
  uint16_t counted;     /* live blocks when they were last counted */
  uint16_t remote_seen; /* blocks of the remote list that `used` does not count any more */
  uint16_t full_most;   /* FULL: blocks that are live at the mark */
  uint16_t inset;       /* GUARDED: what was handed out starts so far behind `start` */
  /* what others read and write, and what is needed rarely */
  _Atomic(uint32_t) xthread;
  uint32_t slice_first, slice_count;
  _Atomic(uint32_t) sampled; /* live blocks that are in a profile: profile/samples.c */
  mim_arena_t* arena;        /* NULL: memory from the OS, see mim_page_big_t */
  struct mim_page* next;     /* in its queue or set, which belongs to heap/ */
  struct mim_page* prev;
  _Atomic(mim_theap_t*) theap; /* of the owner, or of the last one */
  _Atomic(mim_heap_t*) heap;   /* the owner or claimer may move the page to another */
  uintptr_t key;               /* of the encoding of free blocks; checked builds only */
} mim_page_t;

_Static_assert(sizeof(mim_page_t) <= MIM_PAGE_METADATA_SIZE, "two cache lines");
_Static_assert(!MIM_IS_64BIT || offsetof(mim_page_t, xthread) == 64, "its own cache line");

/* A page with memory of its own from the OS; a list holds them all. */
typedef struct mim_page_big {
  mim_page_t page;
  mim_os_memory_t memory;
  struct mim_page_big* next;
  struct mim_page_big* prev;
} mim_page_big_t;

/* Flags of a page, beside the id of its owner: any of them makes a free miss its fast path. */
enum {
  MIM_PAGE_INTERIOR = 1, /* pointers into its blocks were handed out     */
  MIM_PAGE_SAMPLED = 2,  /* a block of it is in a profile, or was        */
  MIM_PAGE_GUARDED = 4,  /* what lies behind its block has no access     */
  MIM_PAGE_FLAGS = 7
};

typedef enum mim_page_state { MIM_PAGE_QUEUED, MIM_PAGE_HELD, MIM_PAGE_FULL } mim_page_state_t;

enum {
  MIM_XTHREAD_OWNED = 1,
  MIM_XTHREAD_LISTED = 2,
  MIM_XTHREAD_HEAD_SHIFT = 2,
  MIM_XTHREAD_COUNT_SHIFT = 18,
  MIM_XTHREAD_HEAD_MAX = (1 << 16) - 1,
  MIM_XTHREAD_COUNT_MAX = (1 << 14) - 1,

  /* Only pages of the smallest blocks hold so many: those have the fewest slices. */
  MIM_PAGE_BLOCKS_MAX = MIM_PAGE_SLICES_MIN * MIM_SLICE_SIZE / MIM_GRANULE
};

_Static_assert(MIM_PAGE_BLOCKS_MAX <= MIM_XTHREAD_COUNT_MAX, "blocks of a page");
_Static_assert(MIM_PAGE_SLICES_MAX* MIM_SLICE_SIZE / MIM_GRANULE < MIM_XTHREAD_HEAD_MAX, "offsets");

/* What a free did to its page.  A page does not know its heap: it reports, and heap/ acts. */
typedef enum mim_page_event {
  MIM_PAGE_NOTHING,
  MIM_PAGE_MARK,          /* a local free brought `used` to 0: empty, or no longer full */
  MIM_PAGE_CLAIMED,       /* it had no owner: the calling thread owns it now            */
  MIM_PAGE_CLAIMED_LISTED /* likewise, and it is still in the set of its heap           */
} mim_page_event_t;

/* The page that holds p, or mim_page_none(). */
MIM_INLINE mim_page_t* mim_page_of(const void* p) { return (mim_page_t*)mim_page_map_at(p); }

MIM_INLINE mim_heap_t* mim_page_heap(const mim_page_t* page) {
  return atomic_load_explicit(&page->heap, memory_order_relaxed);
}

/* The page of an address that is not ours, and of a bin without a page: nobody's, always empty. */
MIM_INLINE mim_page_t* mim_page_none(void) { return (mim_page_t*)(void*)mim_page_map.none; }

/* ---- making and ending pages (page_memory.c) ---- */

/* Where the memory of a page comes from, and whose it is to be. */
typedef struct mim_page_source {
  mim_arenas_t* arenas;
  mim_place_t place;
  mim_heap_t* heap;
  uintptr_t key;
} mim_page_source_t;

/* A fresh page for blocks of `bin`, owned by the caller, without blocks yet; NULL: no memory. */
mim_page_t* mim_page_new(const mim_page_source_t* source, unsigned bin);

/* A page of one block of `size` bytes, which it then has, at a multiple of `alignment`. */
mim_page_t* mim_page_new_huge(const mim_page_source_t* source, size_t size, size_t alignment);

/* A page of one block of at least `size` bytes, INTERIOR and GUARDED: the block ends where the OS
 * refuses access.  NULL, too, where it cannot. */
mim_page_t* mim_page_new_guarded(const mim_page_source_t* source, size_t size, size_t alignment);

/* The caller owns the page; nothing of it is in use.  Gives its slices back. */
void mim_page_dispose(mim_page_t* page);

/* Owner: pointers into its blocks will be handed out; false: no memory to note it. */
bool mim_page_set_interior(mim_page_t* page);

/* Grows or shrinks the block of a huge page where it lies; false, without effect, if it cannot. */
bool mim_page_resize_huge(mim_page_t* page, size_t size);

/* Releases the memory of all pages that have their own: nobody may use any more. */
void mim_page_destroy_big(void);

/* ---- looking at pages (page_visit.c, page_memory.c): nobody else uses them meanwhile ---- */

typedef bool mim_page_visit_fun_t(mim_page_t* page, void* arg);
typedef bool mim_block_visit_fun_t(const mim_page_t* page, void* block, void* arg);

/* Until `visit` returns false; false then. */
bool mim_arena_visit_pages(const mim_arena_t* arena, mim_page_visit_fun_t* visit, void* arg);
bool mim_page_visit_big(mim_page_visit_fun_t* visit, void* arg);
bool mim_page_visit_blocks(mim_page_t* page, mim_block_visit_fun_t* visit, void* arg);

/* Blocks that are in use, whoever owns the page. */
uint32_t mim_page_live_now(const mim_page_t* page);

/* The blocks that other threads have freed. */
const mim_block_t* mim_page_remote_list(const mim_page_t* page);

/* ---- guarded blocks that were freed (page_guarded.c) ---- */

/* They stay out of reach for a while.  Gives them all back, now. */
void mim_page_flush_guarded(void);

/* The same without giving back: the memory is gone. */
void mim_page_forget_guarded(void);
void mim_page_lock_guarded(void);
void mim_page_unlock_guarded(void);

void mim_page_lock_big(void);
void mim_page_unlock_big(void);

/* ---- blocks (page.c; the fast ones: page_inline.h) ---- */

/* Owner; `free` is empty.  False if the page has no block to give.  The blocks handed out since the
 * last refill must have been counted. */
bool mim_page_refill(mim_page_t* page);

/* Owner: how many blocks were handed out and came back since the last call.  Exact, and paid for
 * by the slow path: a refill knows that all blocks of the one before it are gone. */
typedef struct mim_page_counts {
  uint32_t mallocs, frees;
} mim_page_counts_t;
mim_page_counts_t mim_page_count(mim_page_t* page);

/* Owner: leaves the first `count` blocks of `free` there; the rest goes to local_free, so that
 * malloc takes its slow path when these are used up.  The blocks handed out must have been
 * counted. */
void mim_page_keep_free(mim_page_t* page, size_t count);

/* Owner: sees the remote frees: `used` does not count their blocks any more. */
void mim_page_collect(mim_page_t* page);

/* Any thread but the owner: a chain of `count` blocks that is linked from `first` to `last`.
 * takes: claims the page, if it has no owner. */
mim_page_event_t mim_page_push_remote(mim_page_t* page, mim_block_t* first, mim_block_t* last,
                                      uint32_t count, bool takes);

/* Owner: gives the page up.  is_listed: the caller has put it into the set.  False, and still the
 * owner, if all its blocks have come back meanwhile. */
bool mim_page_try_disown(mim_page_t* page, bool is_listed);

/* Any thread: becomes the claimer of a page without owner. */
mim_page_event_t mim_page_try_claim(mim_page_t* page);

/* Any thread, as a hint: whether some thread owns the page. */
MIM_INLINE bool mim_page_is_owned(const mim_page_t* page) {
  return (atomic_load_explicit(&page->xthread, memory_order_relaxed) & MIM_XTHREAD_OWNED) != 0;
}

/* Claimer: is the owner from now on, has collected; the page is in no set. */
void mim_page_adopt(mim_page_t* page, uintptr_t thread_id, mim_theap_t* theap);

/* Owner: moves the mark. */
void mim_page_set_state(mim_page_t* page, mim_page_state_t state); /* QUEUED or HELD */
void mim_page_set_full(mim_page_t* page, uint32_t most); /* as soon as no more blocks are live */

/* A page is worth looking at again, by anybody, when no more of its blocks are live. */
MIM_INLINE uint32_t mim_page_most_live(const mim_page_t* page) {
  const uint32_t reserved = page->reserved;
  return reserved - (reserved < 16 ? 1 : reserved / 16);
}

/* Blocks that are in use, as far as the owner knows. */
MIM_INLINE uint32_t mim_page_live(const mim_page_t* page) {
  if (page->state == MIM_PAGE_FULL) { return page->used + page->full_most; }
  return page->used - (page->state == MIM_PAGE_HELD);
}

/* Owner, or nobody else can come: the page is as if all its blocks had come back. */
void mim_page_forget_blocks(mim_page_t* page);

bool mim_page_is_valid(mim_page_t* page); /* full assertions; owner */

#endif
