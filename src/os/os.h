/* os.h - memory from the OS: alignment, accounting, and one message when it has none.
 *
 * Nothing above this layer calls prim/ for memory.  Every function may be called from any thread.
 * A failing call leaves everything as it was. */
#ifndef MIM_OS_OS_H
#define MIM_OS_OS_H

#include "os/counter.h"
#include "prim/prim.h"

/* A reservation.  [base, base + size) is what was asked for; an OS that cannot release a part
 * keeps what alignment cost us around it. */
typedef struct mim_os_memory {
  uint8_t* base;
  size_t size;
  uint8_t* whole_base;
  size_t whole_size;
} mim_os_memory_t;

typedef struct mim_os_counters {
  mim_counter_t reserved, committed;         /* bytes */
  mim_counter_t purged;                      /* bytes; only total counts */
  mim_counter_t reserve_calls, commit_calls; /* only total counts */
  mim_counter_t purge_calls;
} mim_os_counters_t;

extern mim_os_counters_t mim_os_counters;

void mim_os_init(void);
const mim_prim_config_t* mim_os_config(void);

/* Not committed.  alignment: a power of two.  numa_node is a wish, if there are several nodes; -1:
 * any.  False if there is no such memory; is_quiet: the caller has another way, so nobody is
 * told. */
bool mim_os_reserve_near(size_t size, size_t alignment, int numa_node, bool is_quiet,
                         mim_os_memory_t* memory);
bool mim_os_reserve(size_t size, size_t alignment, bool is_quiet, mim_os_memory_t* memory);
void mim_os_release(const mim_os_memory_t* memory, size_t committed);

bool mim_os_commit(void* base, size_t size);

/* Gives memory back but keeps the addresses.  On success the range counts as not committed and
 * will hold zeros when it is committed again, unless *is_reset: then it stays committed and
 * whatever it holds is garbage. */
bool mim_os_purge(void* base, size_t size, bool allow_decommit, bool* is_reset);

bool mim_os_protect(void* base, size_t size, bool is_accessible);
void mim_os_advise_huge(void* base, size_t size, bool wanted);
void mim_os_populate(void* base, size_t size);

/* NUMA nodes in use: at least 1, and no more than the option allows. */
unsigned mim_os_numa_count(void);

/* Up to `count` OS pages of mim_os_config()->gigantic_size, committed, side by side; as many as can
 * be had within timeout_ms (0: however long it takes).  Returns how many; if some are missing,
 * *error says why, as ENOMEM or ETIMEDOUT. */
size_t mim_os_reserve_gigantic(size_t count, int numa_node, size_t timeout_ms,
                               mim_os_memory_t* memory, int* error);

/* See mim_prim_move; false, without effect, where the OS cannot. */
bool mim_os_move(void* from, void* to, size_t size);

#endif
