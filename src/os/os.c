/* os.c - see os.h. */
#include "os/os.h"

#include <errno.h>

#include "base/assert.h"
#include "base/bits.h"
#include "diag/message.h"
#include "diag/options.h"

mim_os_counters_t mim_os_counters;

/* 0: not asked yet.  All threads get the same answer. */
static _Atomic(unsigned) os_numa_count;

static mim_prim_config_t os_config = {.page_size = 4096, .reserve_align = 4096};

void mim_os_init(void) {
  mim_prim_memory_config(&os_config);
  atomic_store_explicit(&os_numa_count, 0, memory_order_relaxed);
}

const mim_prim_config_t* mim_os_config(void) { return &os_config; }

static void os_count_reserved(ptrdiff_t size) {
  mim_counter_add(&mim_os_counters.reserved, size);
  mim_counter_add(&mim_os_counters.reserve_calls, 1);
}

static void os_release_range(uint8_t* base, size_t size) {
  if (size == 0) { return; }
  const int error = mim_prim_release(base, size);
  if (error != 0) {
    mim_warn("the OS did not take back %zu bytes at %p (error %d)", size, (void*)base, error);
  }
}

/* ---- NUMA nodes ---- */

unsigned mim_os_numa_count(void) {
  unsigned count = atomic_load_explicit(&os_numa_count, memory_order_relaxed);
  if (count == 0) {
    count = mim_prim_numa_count();
    atomic_store_explicit(&os_numa_count, count, memory_order_relaxed);
  }
  const long most = mim_option_get(MIM_OPTION_use_numa_nodes);
  return most > 0 && (unsigned long)most < count ? (unsigned)most : count;
}

static mim_prim_wish_t wish_for(size_t alignment, int numa_node) {
  const unsigned count = numa_node < 0 ? 1 : mim_os_numa_count();
  return (mim_prim_wish_t){alignment, count == 1 ? -1 : (int)((unsigned)numa_node % count), 0};
}

static void tell_numa_error(const void* base, size_t size, const mim_prim_wish_t* wish) {
  if (wish->numa_error == 0) { return; }
  mim_verbose(2, "the OS did not bind %zu bytes at %p to NUMA node %d (error %d)", size, base,
              wish->numa_node, wish->numa_error);
}

/* ---- reserving ---- */

/* Reserves more than is needed and lets go of what lies around the aligned part. */
static int os_reserve_around(size_t size, size_t alignment, int numa_node,
                             mim_os_memory_t* memory) {
  mim_prim_wish_t wish = wish_for(os_config.reserve_align, numa_node);
  void* whole;
  if (size > SIZE_MAX - alignment) { return -1; }
  const size_t whole_size = size + alignment;
  const int error = mim_prim_reserve(whole_size, &wish, false, &whole);
  if (error != 0) { return error; }
  tell_numa_error(whole, whole_size, &wish);
  uint8_t* const base = (uint8_t*)mim_align_up((uintptr_t)whole, alignment);
  *memory = (mim_os_memory_t){base, size, whole, whole_size};
  if (os_config.can_release_part) {
    const size_t before = (size_t)(base - (uint8_t*)whole);
    os_release_range(whole, before);
    os_release_range(base + size, whole_size - size - before);
    memory->whole_base = base;
    memory->whole_size = size;
  }
  return 0;
}

static int os_reserve_aligned(size_t size, size_t alignment, int numa_node,
                              mim_os_memory_t* memory) {
  mim_prim_wish_t wish = wish_for(alignment, numa_node);
  void* base;
  const int error = mim_prim_reserve(size, &wish, false, &base);
  if (error != 0) { return error; }
  if (mim_is_aligned(base, alignment)) {
    tell_numa_error(base, size, &wish);
    *memory = (mim_os_memory_t){base, size, base, size};
    return 0;
  }
  os_release_range(base, size);
  return os_reserve_around(size, alignment, numa_node, memory);
}

bool mim_os_reserve_near(size_t size, size_t alignment, int numa_node, bool is_quiet,
                         mim_os_memory_t* memory) {
  mim_assert(mim_is_power_of_two(alignment));
  size = mim_align_up(size, mim_max(os_config.page_size, os_config.reserve_align));
  const int error = os_reserve_aligned(size, alignment, numa_node, memory);
  if (error != 0) {
    if (!is_quiet) {
      mim_error(12, false, "the OS has no %zu bytes of address space left (error %d)", size, error);
    }
    return false;
  }
  os_count_reserved((ptrdiff_t)memory->whole_size);
  return true;
}

bool mim_os_reserve(size_t size, size_t alignment, bool is_quiet, mim_os_memory_t* memory) {
  return mim_os_reserve_near(size, alignment, -1, is_quiet, memory);
}

void mim_os_release(const mim_os_memory_t* memory, size_t committed) {
  os_release_range(memory->whole_base, memory->whole_size);
  mim_counter_add(&mim_os_counters.reserved, -(ptrdiff_t)memory->whole_size);
  mim_counter_add(&mim_os_counters.committed, -(ptrdiff_t)committed);
}

bool mim_os_commit(void* base, size_t size) {
  const int error = mim_prim_commit(base, size);
  if (error != 0) {
    mim_error(12, false, "the OS cannot commit %zu bytes at %p (error %d)", size, base, error);
    return false;
  }
  mim_counter_add(&mim_os_counters.committed, (ptrdiff_t)size);
  mim_counter_add(&mim_os_counters.commit_calls, 1);
  return true;
}

bool mim_os_purge(void* base, size_t size, bool allow_decommit, bool* is_reset) {
  const bool decommits = allow_decommit && mim_option_is_enabled(MIM_OPTION_purge_decommits);
  bool needs_commit = false;
  const int error =
    mim_prim_purge(base, size, decommits ? MIM_PURGE_DECOMMIT : MIM_PURGE_RESET, &needs_commit);
  if (error != 0) { /* locked memory, for one: it simply stays ours */
    mim_verbose(2, "the OS did not purge %zu bytes at %p (error %d)", size, base, error);
    return false;
  }
  *is_reset = !decommits;
  if (decommits) { mim_counter_add(&mim_os_counters.committed, -(ptrdiff_t)size); }
  mim_counter_add(&mim_os_counters.purged, (ptrdiff_t)size);
  mim_counter_add(&mim_os_counters.purge_calls, 1);
  return true;
}

bool mim_os_protect(void* base, size_t size, bool is_accessible) {
  return mim_prim_protect(base, size, is_accessible) == 0;
}

void mim_os_advise_huge(void* base, size_t size, bool wanted) {
  const int error = mim_prim_advise_huge(base, size, wanted);
  if (error != 0) { mim_verbose(2, "the OS has no transparent huge pages (error %d)", error); }
}

void mim_os_populate(void* base, size_t size) {
  (void)mim_prim_populate(base, size); /* older kernels cannot: then the first touch does it */
}

bool mim_os_move(void* from, void* to, size_t size) {
  return os_config.can_move && mim_prim_move(from, to, size) == 0;
}

/* ---- gigantic OS pages ---- */

/* Addresses for the pages.  They are free again when this returns: another thread may take some,
 * and then mapping fails. */
static uint8_t* find_gigantic_range(size_t size, size_t alignment) {
  mim_os_memory_t memory;
  if (os_reserve_aligned(size, alignment, -1, &memory) != 0) { return NULL; }
  os_release_range(memory.whole_base, memory.whole_size);
  return memory.base;
}

static bool map_one_gigantic(void* base, size_t size, int numa_node) {
  mim_prim_wish_t wish = wish_for(size, numa_node);
  const int error = mim_prim_map_gigantic(base, size, &wish);
  if (error != 0) {
    mim_verbose(1, "the OS has no further huge page of %zu bytes (error %d)", size, error);
    return false;
  }
  os_count_reserved((ptrdiff_t)size);
  mim_counter_add(&mim_os_counters.committed, (ptrdiff_t)size);
  tell_numa_error(base, size, &wish);
  mim_os_populate(base, size);
  return true;
}

size_t mim_os_reserve_gigantic(size_t count, int numa_node, size_t timeout_ms,
                               mim_os_memory_t* memory, int* error) {
  const size_t size = os_config.gigantic_size;
  const uint64_t start = mim_prim_clock_ms();
  *error = ENOMEM;
  if (size == 0 || count == 0 || count > SIZE_MAX / size) { return 0; }
  uint8_t* const base = find_gigantic_range(count * size, size);
  size_t got = 0;
  while (base != NULL && got < count && map_one_gigantic(base + got * size, size, numa_node)) {
    got++;
    if (timeout_ms != 0 && got < count && mim_prim_clock_ms() - start > timeout_ms) {
      *error = ETIMEDOUT;
      break;
    }
  }
  *memory = (mim_os_memory_t){base, got * size, base, got * size};
  return got;
}
