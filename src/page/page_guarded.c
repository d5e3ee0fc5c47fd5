/* page_guarded.c - guarded blocks: what lies behind them has no access, and after a free nothing of
 * them has for a while.
 *
 *   slices   | block, to its end rounded up to OS pages | no access ...     |
 *   freed    | no access ...                                                |
 *
 * The freed ones wait in a ring, the oldest of which leaves it when there are too many of them, or
 * they are too large together. */
#include "arena/arena.h"
#include "base/assert.h"
#include "diag/message.h"
#include "os/os.h"
#include "page/page_guarded.h"
#include "prim/lock.h"

enum { RING_MAX = 64 };
#define RING_SIZE_MAX (16 * MIM_MIB)

static mim_lock_t ring_lock = MIM_LOCK_INIT(MIM_RANK_GUARDED);
static mim_slices_t ring[RING_MAX];
static size_t ring_first, ring_count, ring_size;

void mim_page_lock_guarded(void) { mim_lock_acquire(&ring_lock); }
void mim_page_unlock_guarded(void) { mim_lock_release(&ring_lock); }

static size_t extent_of(const mim_slices_t* slices) {
  return slices->arena == NULL ? slices->memory.size : slices->count * MIM_SLICE_SIZE;
}

/* Memory of the program may not be changed behind its back, and 1 GiB pages cannot be parted. */
static bool can_guard(const mim_slices_t* slices) {
  const mim_arena_t* const arena = slices->arena;
  return arena == NULL || !(arena->traits.is_pinned || arena->traits.is_foreign);
}

bool mim_page_guard(const mim_slices_t* slices, size_t open) {
  mim_assert(open < extent_of(slices));
  return can_guard(slices) && mim_os_protect(slices->base + open, extent_of(slices) - open, false);
}

/* Memory that the OS does not open again is lost: nobody must get it. */
static void slices_open(const mim_slices_t* slices) {
  if (mim_os_protect(slices->base, extent_of(slices), true)) {
    mim_slices_release(slices);
  } else {
    mim_warn("the OS does not give back access to %zu bytes behind a guarded block: they are lost",
             extent_of(slices));
  }
}

/* Under the lock; false: the ring is empty. */
static bool ring_take(mim_slices_t* oldest) {
  if (ring_count == 0) { return false; }
  *oldest = ring[ring_first];
  ring_first = (ring_first + 1) % RING_MAX;
  ring_count--;
  ring_size -= extent_of(oldest);
  return true;
}

/* True: `oldest` had to leave. */
static bool ring_make_room(size_t size, mim_slices_t* oldest) {
  mim_lock_acquire(&ring_lock);
  const bool is_full = ring_count == RING_MAX || ring_size + size > RING_SIZE_MAX;
  const bool has_left = is_full && ring_take(oldest);
  mim_lock_release(&ring_lock);
  return has_left;
}

/* False: another thread has taken the room. */
static bool ring_try_put(const mim_slices_t* slices) {
  mim_lock_acquire(&ring_lock);
  const bool has_room = ring_count < RING_MAX;
  if (has_room) {
    ring[(ring_first + ring_count) % RING_MAX] = *slices;
    ring_count++;
    ring_size += extent_of(slices);
  }
  mim_lock_release(&ring_lock);
  return has_room;
}

void mim_page_release_guarded(const mim_slices_t* slices) {
  const size_t size = extent_of(slices);
  if (slices->arena == NULL || size > RING_SIZE_MAX || !mim_os_protect(slices->base, size, false)) {
    slices_open(slices);
    return;
  }
  for (mim_slices_t oldest; ring_make_room(size, &oldest);) { slices_open(&oldest); }
  if (!ring_try_put(slices)) { slices_open(slices); }
}

void mim_page_flush_guarded(void) {
  for (;;) {
    mim_slices_t oldest;
    mim_lock_acquire(&ring_lock);
    const bool is_any = ring_take(&oldest);
    mim_lock_release(&ring_lock);
    if (!is_any) { return; }
    slices_open(&oldest);
  }
}

void mim_page_forget_guarded(void) {
  mim_lock_acquire(&ring_lock);
  ring_count = 0;
  ring_size = 0;
  mim_lock_release(&ring_lock);
}
