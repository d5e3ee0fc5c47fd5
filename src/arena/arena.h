/* arena.h - large ranges of address space, handed out in slices.
 *
 *   arena   | head, bitmaps | metadata of pages, by slice | slice | slice | slice | ...
 *
 * Four bits tell the state of a slice:
 *
 *   free       nobody has it: whoever clears the bit owns the slice until he sets it again
 *   committed  it may be touched           dirty  it has been: it may hold other things than zeros
 *   purge      it is free and waits to be given back to the OS
 *
 * Only the owner of a slice changes its other bits (but `purge`, see purge.c), so `free` alone
 * orders them: cleared with acquire, set with release.  The words of 64 slices lie side by side.
 *
 * Slices are taken first fit from the lowest address of the oldest arena, so that memory stays
 * dense and the same warm slices are used again.  An arena is never taken out of its list.
 */
#ifndef MIM_ARENA_ARENA_H
#define MIM_ARENA_ARENA_H

#include <stdatomic.h>

#include "arena/page_map.h"
#include "os/os.h"
#include "prim/lock.h"

/* A word of the bitmaps has the size of a pointer: no 64-bit atomic on a 32-bit machine. */
typedef size_t mim_slice_word_t;
enum { MIM_GROUP_SLICES = 8 * sizeof(mim_slice_word_t) };

typedef struct mim_slice_group {
  _Atomic(mim_slice_word_t) free, committed, dirty, purge;
} mim_slice_group_t;

typedef struct mim_arenas mim_arenas_t;

/* Commits (or decommits) a part of an arena whose memory somebody else manages.  *is_zero, unless
 * NULL, gets whether it holds zeros now.  False if it cannot. */
typedef bool mim_arena_commit_fun_t(bool commit, void* start, size_t size, bool* is_zero,
                                    void* arg);

/* What is special about the memory of an arena. */
typedef struct mim_arena_traits {
  bool is_committed;              /* already, all of it */
  bool is_dirty;                  /* it may hold other things than zeros */
  bool is_pinned;                 /* it cannot be given back to the OS */
  bool is_foreign;                /* it came from the program, and is never released */
  bool is_exclusive;              /* serves only who names the arena */
  int numa_node;                  /* -1: any */
  mim_arena_commit_fun_t* commit; /* or NULL: commit as the OS does */
  void* commit_arg;
} mim_arena_traits_t;

typedef struct mim_arena {
  _Atomic(struct mim_arena*) next;
  mim_arenas_t* arenas;
  mim_os_memory_t memory;
  uint8_t* base; /* of slice 0 */
  size_t slice_count;
  size_t head_slices; /* the first slices hold this and the metadata of pages */
  size_t huge_from;   /* slices from here on may lie in transparent huge pages */
  uint8_t* page_metadata;
  mim_arena_traits_t traits;
  _Atomic(size_t) free_count;       /* a hint: how many slices are free */
  _Atomic(size_t) first_free_group; /* a hint: lower groups have no free slice */
  _Atomic(bool) has_purge;          /* some slice waits to be purged */
  MIM_ALIGNED(64) mim_slice_group_t groups[];
} mim_arena_t;

/* The arenas of the process, or of a sub-process: all zero, to start with. */
struct mim_arenas {
  _Atomic(mim_arena_t*) first;
  mim_arena_t* last; /* under the lock of growth */
  _Atomic(size_t) count;
  _Atomic(size_t) purge_due_ms; /* 0: nothing waits; wraps around on a 32-bit machine */
};

/* A run of slices, or, where arena is NULL, memory straight from the OS. */
typedef struct mim_slices {
  mim_arena_t* arena;
  uint8_t* base;
  size_t first, count;
  bool is_zero;
  mim_os_memory_t memory;
} mim_slices_t;

extern mim_arenas_t mim_arenas_main;

/* Where memory is to come from. */
typedef struct mim_place {
  mim_arena_t* only; /* from this arena, or nothing; NULL: any arena */
  int numa_node;     /* best from this node; -1: any */
} mim_place_t;

/* So many slices hold `size` bytes: whole OS pages, where these are larger than a slice. */
size_t mim_slices_for(size_t size);

/* At least `count` slices at an address that is a multiple of `alignment` (a power of two, at least
 * a slice).  place: NULL is anywhere.  False if there is no memory. */
bool mim_slices_claim(mim_arenas_t* arenas, const mim_place_t* place, size_t count,
                      size_t alignment, mim_slices_t* slices);

/* The same for `size` bytes that may also come straight from the OS, and not in whole slices. */
bool mim_slices_claim_huge(mim_arenas_t* arenas, const mim_place_t* place, size_t size,
                           size_t alignment, mim_slices_t* slices);
void mim_slices_release(const mim_slices_t* slices);

/* Takes the `count` slices that follow at once; false, without effect, if one is in use.  Before
 * and after it and the next one, a run is as long as mim_slices_for says. */
bool mim_slices_extend(mim_slices_t* slices, size_t count);

/* Gives back the last `count` slices of a run. */
void mim_slices_shrink(mim_slices_t* slices, size_t count);

MIM_INLINE void* mim_arena_page_metadata(const mim_arena_t* arena, size_t slice) {
  return arena->page_metadata + slice * MIM_PAGE_METADATA_SIZE;
}

/* Makes an arena for at least `size` bytes now; NULL if there is no memory. */
mim_arena_t* mim_arenas_reserve(mim_arenas_t* arenas, size_t size,
                                const mim_arena_traits_t* traits);

/* Where an arena may start: at a slice, and at an OS page. */
size_t mim_arena_min_alignment(void);

/* Makes [base, base + size) an arena; NULL if it is too small, or cannot be committed. */
mim_arena_t* mim_arenas_add(mim_arenas_t* arenas, void* base, size_t size,
                            const mim_arena_traits_t* traits);

/* Makes an arena of as many of `pages` OS pages of mim_os_config()->gigantic_size as there are.
 * Returns how many, and *arena (or NULL); *error: see mim_os_reserve_gigantic. */
size_t mim_arenas_reserve_gigantic(mim_arenas_t* arenas, size_t pages, size_t timeout_ms,
                                   const mim_arena_traits_t* traits, mim_arena_t** arena,
                                   int* error);

/* The smallest range that can be an arena, in bytes. */
size_t mim_arena_min_size(void);

/* For purge.c: as the arena's traits say. */
bool mim_arena_purge_range(const mim_arena_t* arena, void* base, size_t size, bool* is_reset);

/* Releases all arenas: nobody may use any more. */
void mim_arenas_destroy(mim_arenas_t* arenas);

/* Whether p lies in an arena's slices (not in its head). */
bool mim_arenas_contain(const mim_arenas_t* arenas, const void* p);

/* Gives free slices back whose time has come; all of them if is_forced. */
void mim_arenas_purge(mim_arenas_t* arenas, bool is_forced);

/* One load and a test while nothing waits. */
MIM_INLINE bool mim_arenas_purge_waits(const mim_arenas_t* arenas) {
  return atomic_load_explicit(&arenas->purge_due_ms, memory_order_relaxed) != 0;
}

/* For purge.c: the owner's last two acts on slices [first, first + count): they become free, and
 * wait to be given back to the OS. */
void mim_arena_put_free_dirty(mim_arena_t* arena, size_t first, size_t count);

/* Sets the `free` bits: the last act of who owns the slices. */
void mim_arena_put_free(mim_arena_t* arena, size_t first, size_t count);
bool mim_arena_try_take(mim_arena_t* arena, size_t first, size_t count);

/* Growing and purging, of all sets of arenas: one lock each. */
void mim_arenas_lock(void);
void mim_arenas_unlock(void);
void mim_arenas_lock_purge(void);
void mim_arenas_unlock_purge(void);

#endif
