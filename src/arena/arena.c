/* arena.c - making arenas, and taking and giving back their slices.  See arena.h. */
#include "arena/arena.h"

#include <string.h>

#include "arena/arena_bits.h"
#include "base/assert.h"
#include "diag/message.h"
#include "diag/options.h"

enum {
  ARENA_MIN_SLICES = 16,                       /* the last resort where address space is scarce */
  ARENA_DOUBLE_EVERY = (MIM_IS_64BIT ? 8 : 2), /* so many arenas later, they are twice as large */
  ARENA_DOUBLINGS_MAX = (MIM_IS_64BIT ? 8 : 3),
  ARENA_KEPT_FRACTION = 8, /* of what is reserved: the next arena, where memory is kept */
  ADDRESS_SPACE_IS_SCARCE = 1024 * MIM_KIB * MIM_KIB,
  HUGE_PAGES_FROM_SLICE = 32 * MIM_KIB * MIM_KIB / MIM_SLICE_SIZE, /* doc/decisions/0006 */
};

mim_arenas_t mim_arenas_main;

static mim_lock_t growth_lock = MIM_LOCK_INIT(MIM_RANK_ARENAS);

void mim_arenas_lock(void) {
  mim_lock_acquire(&growth_lock);
  mim_arenas_lock_purge();
}

void mim_arenas_unlock(void) {
  mim_arenas_unlock_purge();
  mim_lock_release(&growth_lock);
}

/* ---- whole OS pages ---- */

size_t mim_arena_min_alignment(void) { return mim_max(MIM_SLICE_SIZE, mim_os_config()->page_size); }

/* Where OS pages are larger than slices, slices are claimed in such runs. */
static size_t slices_unit(void) { return mim_arena_min_alignment() / MIM_SLICE_SIZE; }

size_t mim_slices_for(size_t size) {
  return mim_align_up(mim_divide_up(size, MIM_SLICE_SIZE), slices_unit());
}

/* ---- the free bits ---- */

/* Acquire: what the last owner did to the slices and their bits is ours to see. */
static bool part_try_take(mim_slice_part_t part) {
  mim_slice_word_t word = atomic_load_explicit(&part.group->free, memory_order_relaxed);
  while ((word & part.mask) == part.mask) {
    if (atomic_compare_exchange_weak_explicit(&part.group->free, &word, word & ~part.mask,
                                              memory_order_acquire, memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool mim_arena_try_take(mim_arena_t* arena, size_t first, size_t count) {
  size_t taken = 0;
  bool is_taken = true;
  MIM_FOR_EACH_PART(part, arena, first, count) {
    is_taken = is_taken && part_try_take(part);
    if (is_taken) { taken += part.slices; }
  }
  if (is_taken) {
    atomic_fetch_sub_explicit(&arena->free_count, count, memory_order_relaxed);
  } else if (taken > 0) {
    MIM_FOR_EACH_PART(part, arena, first, taken) {
      atomic_fetch_or_explicit(&part.group->free, part.mask, memory_order_release);
    }
  }
  return is_taken;
}

void mim_arena_put_free(mim_arena_t* arena, size_t first, size_t count) {
  MIM_FOR_EACH_PART(part, arena, first, count) {
    const mim_slice_word_t before =
      atomic_fetch_or_explicit(&part.group->free, part.mask, memory_order_release);
    mim_check((before & part.mask) == 0);
  }
  atomic_fetch_add_explicit(&arena->free_count, count, memory_order_relaxed);
  const size_t group = first / MIM_GROUP_SLICES;
  size_t hint = atomic_load_explicit(&arena->first_free_group, memory_order_relaxed);
  while (group < hint &&
         !atomic_compare_exchange_weak_explicit(&arena->first_free_group, &hint, group,
                                                memory_order_relaxed, memory_order_relaxed)) {}
}

/* ---- searching ---- */

typedef struct run {
  size_t first, length;
} run_t;

/* The first slice of the run where `count` slices can start at an aligned address; SIZE_MAX if
 * the run is too short. */
static size_t run_fits(const mim_arena_t* arena, run_t run, size_t count, size_t alignment) {
  const size_t base = (uintptr_t)arena->base >> MIM_SLICE_SHIFT;
  const size_t first = mim_align_up(base + run.first, alignment >> MIM_SLICE_SHIFT) - base;
  return first + count <= run.first + run.length ? first : SIZE_MAX;
}

/* Continues `run` through one group's free slices; true as soon as it is long enough. */
static bool group_find(const mim_arena_t* arena, size_t group, size_t count, size_t alignment,
                       run_t* run, size_t* found) {
  mim_slice_word_t word = atomic_load_explicit(&arena->groups[group].free, memory_order_relaxed);
  size_t at = group * MIM_GROUP_SLICES;
  const size_t end = at + MIM_GROUP_SLICES;
  while (word != 0) {
    const size_t gap = mim_lowest_bit(word);
    if (gap > 0) { *run = (run_t){at + gap, 0}; }
    at += gap;
    word >>= gap;
    const mim_slice_word_t inverse = ~word;
    const size_t ones = (inverse == 0 ? MIM_GROUP_SLICES : mim_lowest_bit(inverse));
    run->length += ones;
    *found = run_fits(arena, *run, count, alignment);
    if (*found != SIZE_MAX) { return true; }
    at += ones;
    word = (ones == MIM_GROUP_SLICES ? 0 : word >> ones);
    if (at < end) { *run = (run_t){at, 0}; }
  }
  if (at < end) { *run = (run_t){end, 0}; }
  return false;
}

static size_t arena_find(const mim_arena_t* arena, size_t from_group, size_t count,
                         size_t alignment) {
  const size_t groups = mim_divide_up(arena->slice_count, MIM_GROUP_SLICES);
  run_t run = {from_group * MIM_GROUP_SLICES, 0};
  size_t found;
  for (size_t group = from_group; group < groups; group++) {
    if (group_find(arena, group, count, alignment, &run, &found)) { return found; }
  }
  return SIZE_MAX;
}

/* Groups below the one where a single slice was found have none: the next search starts there.
 * A slice that comes back just now may be missed by that: a failing search looks at all groups. */
static void arena_raise_hint(mim_arena_t* arena, size_t hint, size_t found) {
  const size_t group = found / MIM_GROUP_SLICES;
  if (group <= hint) { return; }
  atomic_compare_exchange_strong_explicit(&arena->first_free_group, &hint, group,
                                          memory_order_relaxed, memory_order_relaxed);
}

static size_t arena_take(mim_arena_t* arena, size_t count, size_t alignment) {
  size_t from = atomic_load_explicit(&arena->first_free_group, memory_order_relaxed);
  while (atomic_load_explicit(&arena->free_count, memory_order_relaxed) >= count) {
    const size_t found = arena_find(arena, from, count, alignment);
    if (found == SIZE_MAX) {
      if (from == 0) { break; }
      from = 0;
      continue;
    }
    if (count == 1 && alignment == MIM_SLICE_SIZE) { arena_raise_hint(arena, from, found); }
    if (mim_arena_try_take(arena, found, count)) { return found; }
  }
  return SIZE_MAX;
}

/* ---- committing ---- */

static bool commit_as(const mim_arena_traits_t* traits, void* base, size_t size) {
  if (traits->commit == NULL) { return mim_os_commit(base, size); }
  if (!traits->commit(true, base, size, NULL, traits->commit_arg)) { return false; }
  mim_counter_add(&mim_os_counters.committed, (ptrdiff_t)size);
  return true;
}

bool mim_arena_purge_range(const mim_arena_t* arena, void* base, size_t size, bool* is_reset) {
  const mim_arena_traits_t* const traits = &arena->traits;
  *is_reset = false;
  if (traits->is_pinned) { return false; }
  if (traits->commit == NULL) { return mim_os_purge(base, size, true, is_reset); }
  if (!traits->commit(false, base, size, NULL, traits->commit_arg)) { return false; }
  mim_counter_add(&mim_os_counters.committed, -(ptrdiff_t)size);
  return true;
}

static bool arena_commit(mim_arena_t* arena, size_t first, size_t count) {
  size_t missing = 0;
  MIM_FOR_EACH_PART(part, arena, first, count) {
    const mim_slice_word_t word =
      atomic_load_explicit(&part.group->committed, memory_order_relaxed);
    missing += mim_count_bits(part.mask & ~word);
  }
  if (missing == 0) { return true; }
  /* Committing again what is committed does no harm; only what was missing counts. */
  if (!commit_as(&arena->traits, arena->base + first * MIM_SLICE_SIZE, count * MIM_SLICE_SIZE)) {
    return false;
  }
  mim_counter_add(&mim_os_counters.committed, -(ptrdiff_t)((count - missing) * MIM_SLICE_SIZE));
  MIM_FOR_EACH_PART(part, arena, first, count) {
    atomic_fetch_or_explicit(&part.group->committed, part.mask, memory_order_relaxed);
  }
  return true;
}

/* Marks the slices as used; true if none of them ever was before. */
static bool arena_mark_used(mim_arena_t* arena, size_t first, size_t count) {
  bool is_zero = true;
  MIM_FOR_EACH_PART(part, arena, first, count) {
    const mim_slice_word_t dirty =
      atomic_fetch_or_explicit(&part.group->dirty, part.mask, memory_order_relaxed);
    if ((dirty & part.mask) != 0) { is_zero = false; }
    if ((atomic_load_explicit(&part.group->purge, memory_order_relaxed) & part.mask) != 0) {
      atomic_fetch_and_explicit(&part.group->purge, ~part.mask, memory_order_relaxed);
    }
  }
  return is_zero;
}

static bool arena_claim(mim_arena_t* arena, size_t count, size_t alignment, mim_slices_t* slices) {
  const size_t first = arena_take(arena, count, alignment);
  if (first == SIZE_MAX) { return false; }
  if (!arena_commit(arena, first, count)) {
    mim_arena_put_free(arena, first, count);
    return false;
  }
  *slices = (mim_slices_t){
    .arena = arena,
    .base = arena->base + first * MIM_SLICE_SIZE,
    .first = first,
    .count = count,
    .is_zero = arena_mark_used(arena, first, count),
  };
  return true;
}

/* ---- making arenas ---- */

static size_t arena_head_size(size_t slice_count) {
  const size_t groups = mim_divide_up(slice_count, MIM_GROUP_SLICES);
  const size_t head = sizeof(mim_arena_t) + groups * sizeof(mim_slice_group_t);
  return mim_align_up(head, MIM_PAGE_METADATA_SIZE) + slice_count * MIM_PAGE_METADATA_SIZE;
}

static void arena_mark_free(mim_arena_t* arena) {
  const size_t usable = arena->slice_count - arena->head_slices;
  MIM_FOR_EACH_PART(part, arena, arena->head_slices, usable) {
    atomic_store_explicit(&part.group->free, part.mask, memory_order_relaxed);
  }
  atomic_store_explicit(&arena->free_count, usable, memory_order_relaxed);
}

/* Huge pages only where memory is in use for sure: behind the first megabytes of an arena, which
 * first fit fills before it goes there. */
static void arena_advise_huge(mim_arena_t* arena) {
  const long allowed = mim_option_get(MIM_OPTION_allow_thp);
  arena->huge_from = arena->slice_count;
  if (allowed == 0 || mim_os_config()->huge_page_size == 0) { return; }
  const bool wants_all = allowed >= 2 || mim_option_is_enabled(MIM_OPTION_allow_large_os_pages);
  const size_t from = (wants_all ? arena->head_slices : HUGE_PAGES_FROM_SLICE);
  if (from >= arena->slice_count) { return; }
  mim_os_advise_huge(arena->base + from * MIM_SLICE_SIZE,
                     (arena->slice_count - from) * MIM_SLICE_SIZE, true);
  arena->huge_from = from;
}

/* Memory that was given to us may hold anything; memory from the OS holds zeros. */
static void arena_mark_given(mim_arena_t* arena) {
  MIM_FOR_EACH_PART(part, arena, 0, arena->slice_count) {
    const mim_slice_word_t committed = arena->traits.is_committed ? part.mask : 0;
    const mim_slice_word_t dirty = arena->traits.is_dirty ? part.mask : 0;
    atomic_store_explicit(&part.group->committed, committed, memory_order_relaxed);
    atomic_store_explicit(&part.group->dirty, dirty, memory_order_relaxed);
  }
}

static mim_arena_t* arena_new(mim_arenas_t* arenas, const mim_os_memory_t* memory,
                              const mim_arena_traits_t* traits) {
  const size_t slice_count = mim_align_down(memory->size / MIM_SLICE_SIZE, slices_unit());
  const size_t head_size = arena_head_size(slice_count);
  const size_t head_slices = mim_slices_for(head_size);
  if (slice_count <= head_slices) { return NULL; }
  if (!traits->is_committed && !commit_as(traits, memory->base, head_slices * MIM_SLICE_SIZE)) {
    return NULL;
  }
  mim_arena_t* const arena = (mim_arena_t*)(void*)memory->base;
  if (traits->is_dirty || traits->commit != NULL) {
    memset(arena, 0, head_size - slice_count * MIM_PAGE_METADATA_SIZE);
  }
  arena->arenas = arenas;
  arena->memory = *memory;
  arena->base = memory->base;
  arena->slice_count = slice_count;
  arena->head_slices = head_slices;
  arena->traits = *traits;
  arena->page_metadata = memory->base + head_size - slice_count * MIM_PAGE_METADATA_SIZE;
  arena->huge_from = slice_count;
  if (!traits->is_foreign && !traits->is_pinned) { arena_advise_huge(arena); }
  if (traits->is_committed || traits->is_dirty) { arena_mark_given(arena); }
  arena_mark_free(arena);
  return arena;
}

/* Release: the arena is complete before it can be found; partner: the acquire in arenas_claim. */
static void arenas_append(mim_arenas_t* arenas, mim_arena_t* arena) {
  if (arenas->last == NULL) {
    atomic_store_explicit(&arenas->first, arena, memory_order_release);
  } else {
    atomic_store_explicit(&arenas->last->next, arena, memory_order_release);
  }
  arenas->last = arena;
  atomic_fetch_add_explicit(&arenas->count, 1, memory_order_release);
}

/* Where each byte reserved is a byte in use, arenas grow with what there is already. */
static size_t arenas_kept_size(void) {
  const size_t reserved = mim_counter_current(&mim_os_counters.reserved);
  return mim_max(reserved / ARENA_KEPT_FRACTION, MIM_MIB);
}

/* In slices: the size of the next arena, if the OS has so much. */
static size_t arenas_next_size(const mim_arenas_t* arenas) {
  const size_t count = atomic_load_explicit(&arenas->count, memory_order_relaxed);
  const size_t doublings = mim_min(count / ARENA_DOUBLE_EVERY, ARENA_DOUBLINGS_MAX);
  size_t size = mim_option_get_size(MIM_OPTION_arena_reserve);
  size = mim_min(size, SIZE_MAX >> doublings) << doublings;
  const size_t limit = mim_os_config()->address_limit;
  if (limit != 0) { size = mim_min(size, limit / 8); }
  if (mim_os_config()->keeps_memory) { size = mim_min(size, arenas_kept_size()); }
  return size / MIM_SLICE_SIZE;
}

/* In slices: the smallest arena that can serve `count` slices. */
static size_t arena_size_for(size_t count, size_t alignment) {
  const size_t around = count + (alignment > MIM_SLICE_SIZE ? alignment >> MIM_SLICE_SHIFT : 0);
  size_t total = around + ARENA_MIN_SLICES;
  size_t needed;
  while ((needed = around + mim_slices_for(arena_head_size(total))) > total) { total = needed; }
  return total;
}

/* Under the lock. */
static mim_arena_t* arenas_add(mim_arenas_t* arenas, const mim_os_memory_t* memory,
                               const mim_arena_traits_t* traits) {
  mim_arena_t* const arena = arena_new(arenas, memory, traits);
  if (arena != NULL) { arenas_append(arenas, arena); }
  return arena;
}

/* Under the lock: an arena of `size` slices from the OS.  A large one is aligned to huge pages. */
static mim_arena_t* arenas_reserve(mim_arenas_t* arenas, size_t size, bool is_quiet,
                                   const mim_arena_traits_t* traits) {
  mim_os_memory_t memory;
  const size_t huge = mim_os_config()->huge_page_size;
  const size_t alignment =
    size * MIM_SLICE_SIZE >= 16 * huge ? mim_max(huge, MIM_SLICE_SIZE) : MIM_SLICE_SIZE;
  if (!mim_os_reserve_near(size * MIM_SLICE_SIZE, alignment, traits->numa_node, is_quiet,
                           &memory)) {
    return NULL;
  }
  const bool can_commit = !traits->is_committed || mim_os_commit(memory.base, memory.size);
  mim_arena_t* const arena = can_commit ? arenas_add(arenas, &memory, traits) : NULL;
  if (arena == NULL) {
    mim_os_release(&memory, can_commit && traits->is_committed ? memory.size : 0);
  }
  return arena;
}

static mim_arena_t* arenas_grow(mim_arenas_t* arenas, int numa_node, size_t count,
                                size_t alignment) {
  const mim_arena_traits_t traits = {
    .is_committed = mim_option_get(MIM_OPTION_arena_eager_commit) == 1,
    .numa_node = numa_node,
  };
  const size_t least = arena_size_for(count, alignment);
  size_t size = mim_max(arenas_next_size(arenas), least);
  for (;;) {
    const bool is_last = (size == least);
    mim_arena_t* const arena = arenas_reserve(arenas, size, !is_last, &traits);
    if (arena != NULL || is_last) { return arena; }
    size = mim_max(size / 2, least);
  }
}

/* ---- taking and giving ---- */

static bool arena_serves(const mim_arena_t* arena, int numa_node) {
  return !arena->traits.is_exclusive && (numa_node < 0 || arena->traits.numa_node == numa_node);
}

static bool arenas_claim(mim_arenas_t* arenas, int numa_node, size_t count, size_t alignment,
                         mim_slices_t* slices) {
  mim_arena_t* arena = atomic_load_explicit(&arenas->first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    if (arena_serves(arena, numa_node) && arena_claim(arena, count, alignment, slices)) {
      return true;
    }
  }
  return false;
}

/* One thread grows; the others wait for it, and then look again. */
static bool arenas_claim_slow(mim_arenas_t* arenas, int numa_node, size_t count, size_t alignment,
                              mim_slices_t* slices) {
  if (mim_option_is_enabled(MIM_OPTION_disallow_os_alloc)) { return false; }
  mim_lock_acquire(&growth_lock);
  bool is_claimed = false;
  /* A purger holds the slices that it works on: with its lock they are all back. */
  mim_arenas_lock_purge();
  mim_arenas_unlock_purge();
  if (arenas_claim(arenas, numa_node, count, alignment, slices)) {
    is_claimed = true;
  } else {
    mim_arena_t* const arena = arenas_grow(arenas, numa_node, count, alignment);
    is_claimed = arena != NULL && arena_claim(arena, count, alignment, slices);
  }
  mim_lock_release(&growth_lock);
  return is_claimed;
}

static bool os_claim(int numa_node, size_t size, size_t alignment, mim_slices_t* slices) {
  mim_os_memory_t memory;
  if (mim_option_is_enabled(MIM_OPTION_disallow_os_alloc)) { return false; }
  if (!mim_os_reserve_near(size, alignment, numa_node, false, &memory)) { return false; }
  if (!mim_os_commit(memory.base, memory.size)) {
    mim_os_release(&memory, 0);
    return false;
  }
  *slices = (mim_slices_t){
    .base = memory.base,
    .count = mim_divide_up(size, MIM_SLICE_SIZE),
    .is_zero = true,
    .memory = memory,
  };
  return true;
}

/* Blocks that would fill half an arena (a small one, where memory is kept) get a mapping of their
 * own.  Where address space is scarce every huge block does: it costs a system call, but not a byte
 * more than the block needs. */
static bool is_for_os(size_t size, size_t alignment) {
  const size_t limit = mim_os_config()->address_limit;
  if (limit != 0 && limit < ADDRESS_SPACE_IS_SCARCE) { return true; }
  const bool keeps_memory = mim_os_config()->keeps_memory;
  const size_t reserve = keeps_memory ? 0 : mim_option_get_size(MIM_OPTION_arena_reserve);
  const size_t most =
    mim_min(mim_option_get_size(MIM_OPTION_arena_max_object_size), mim_max(reserve, MIM_MIB) / 2);
  return size > most || alignment > most || mim_option_is_enabled(MIM_OPTION_disallow_arena_alloc);
}

static const mim_place_t anywhere = {NULL, -1};

bool mim_slices_claim(mim_arenas_t* arenas, const mim_place_t* place, size_t count,
                      size_t alignment, mim_slices_t* slices) {
  mim_assert(count > 0 && alignment >= MIM_SLICE_SIZE && mim_is_power_of_two(alignment));
  if (place == NULL) { place = &anywhere; }
  count = mim_align_up(count, slices_unit());
  alignment = mim_max(alignment, mim_arena_min_alignment());
  if (place->only != NULL) { return arena_claim(place->only, count, alignment, slices); }
  return arenas_claim(arenas, place->numa_node, count, alignment, slices) ||
         arenas_claim_slow(arenas, place->numa_node, count, alignment, slices) ||
         (place->numa_node >= 0 && arenas_claim(arenas, -1, count, alignment, slices));
}

bool mim_slices_claim_huge(mim_arenas_t* arenas, const mim_place_t* place, size_t size,
                           size_t alignment, mim_slices_t* slices) {
  const size_t count = mim_divide_up(size, MIM_SLICE_SIZE);
  if (place == NULL) { place = &anywhere; }
  if (place->only != NULL) { return mim_slices_claim(arenas, place, count, alignment, slices); }
  return (!is_for_os(size, alignment) &&
          mim_slices_claim(arenas, place, count, alignment, slices)) ||
         os_claim(place->numa_node, size, alignment, slices);
}

void mim_slices_release(const mim_slices_t* slices) {
  if (slices->arena == NULL) {
    mim_os_release(&slices->memory, slices->memory.size);
    return;
  }
  mim_arena_put_free_dirty(slices->arena, slices->first, slices->count);
}

bool mim_slices_extend(mim_slices_t* slices, size_t count) {
  mim_arena_t* const arena = slices->arena;
  if (arena == NULL) { return false; }
  const size_t first = slices->first + slices->count;
  if (count > arena->slice_count - first || !mim_arena_try_take(arena, first, count)) {
    return false;
  }
  if (!arena_commit(arena, first, count)) {
    mim_arena_put_free(arena, first, count);
    return false;
  }
  slices->is_zero = arena_mark_used(arena, first, count);
  slices->count += count;
  return true;
}

void mim_slices_shrink(mim_slices_t* slices, size_t count) {
  mim_assert(slices->arena != NULL && count < slices->count);
  slices->count -= count;
  const size_t first = slices->first + slices->count;
  mim_arena_put_free_dirty(slices->arena, first, count);
}

/* ---- arenas that are asked for ---- */

size_t mim_arena_min_size(void) {
  return arena_size_for(slices_unit(), MIM_SLICE_SIZE) * MIM_SLICE_SIZE;
}

mim_arena_t* mim_arenas_add(mim_arenas_t* arenas, void* base, size_t size,
                            const mim_arena_traits_t* traits) {
  mim_assert(mim_is_aligned(base, mim_arena_min_alignment()));
  const size_t whole = mim_align_down(size, mim_arena_min_alignment());
  if (whole < mim_arena_min_size()) { return NULL; }
  const mim_os_memory_t memory = {base, whole, base, whole};
  mim_lock_acquire(&growth_lock);
  mim_arena_t* const arena = arenas_add(arenas, &memory, traits);
  mim_lock_release(&growth_lock);
  return arena;
}

mim_arena_t* mim_arenas_reserve(mim_arenas_t* arenas, size_t size,
                                const mim_arena_traits_t* traits) {
  if (size / MIM_SLICE_SIZE >= UINT32_MAX / 2) { return NULL; } /* more than pages can name */
  const size_t slices = arena_size_for(mim_slices_for(size), MIM_SLICE_SIZE);
  mim_lock_acquire(&growth_lock);
  mim_arena_t* const arena = arenas_reserve(arenas, slices, false, traits);
  mim_lock_release(&growth_lock);
  return arena;
}

size_t mim_arenas_reserve_gigantic(mim_arenas_t* arenas, size_t pages, size_t timeout_ms,
                                   const mim_arena_traits_t* traits, mim_arena_t** arena,
                                   int* error) {
  mim_os_memory_t memory;
  *arena = NULL;
  const size_t got = mim_os_reserve_gigantic(pages, traits->numa_node, timeout_ms, &memory, error);
  if (got == 0) { return 0; }
  mim_lock_acquire(&growth_lock);
  *arena = arenas_add(arenas, &memory, traits);
  mim_lock_release(&growth_lock);
  if (*arena != NULL) { return got; }
  mim_os_release(&memory, memory.size);
  return 0;
}

static size_t arena_committed(mim_arena_t* arena) {
  size_t slices = arena->head_slices;
  MIM_FOR_EACH_PART(part, arena, arena->head_slices, arena->slice_count - arena->head_slices) {
    slices += mim_count_bits(part.mask &
                             atomic_load_explicit(&part.group->committed, memory_order_relaxed));
  }
  return slices * MIM_SLICE_SIZE;
}

void mim_arenas_destroy(mim_arenas_t* arenas) {
  mim_arenas_lock();
  mim_arena_t* arena = atomic_exchange_explicit(&arenas->first, NULL, memory_order_acquire);
  arenas->last = NULL;
  while (arena != NULL) {
    mim_arena_t* const next = atomic_load_explicit(&arena->next, memory_order_acquire);
    const mim_os_memory_t memory = arena->memory;
    if (!arena->traits.is_foreign) { mim_os_release(&memory, arena_committed(arena)); }
    arena = next;
  }
  mim_arenas_unlock();
}

bool mim_arenas_contain(const mim_arenas_t* arenas, const void* p) {
  const mim_arena_t* arena = atomic_load_explicit(&arenas->first, memory_order_acquire);
  for (; arena != NULL; arena = atomic_load_explicit(&arena->next, memory_order_acquire)) {
    const size_t offset = (size_t)((uintptr_t)p - (uintptr_t)arena->base);
    if (offset < arena->slice_count * MIM_SLICE_SIZE) {
      return offset >= arena->head_slices * MIM_SLICE_SIZE;
    }
  }
  return false;
}
