/* prim_sim.h - an operating system for tests: deterministic, strict, and able to fail.
 *
 * It stands in for the memory functions of prim/prim.h.  Every OS page of its address space is
 * free, reserved or committed:
 *
 *            reserve              commit
 *     free  -------->  reserved  -------->  committed       release: both back to free
 *                               <--------
 *                                decommit
 *
 * Only committed memory can be touched: anything else is mapped without access and faults.  Fresh
 * and decommitted memory is zero when it is committed, reset memory is garbage.  A call that the
 * protocol forbids ends the program with a message that names it.
 *
 * Memory comes from the lowest free addresses, starting one unit of reservation above a 4 GiB
 * boundary (256 MiB if it is small): so what wants more alignment than that unit has to ask
 * for it.
 */
#ifndef MIM_TEST_SIM_PRIM_SIM_H
#define MIM_TEST_SIM_PRIM_SIM_H

#include "base/config.h"
#include "prim/prim.h"
#include "test/emulated.h"

/* 32 GiB of address space, or 1 GiB: on a 32-bit machine, and under an emulator, for which each
 * page that is mapped is work. */
#define SIM_IS_LARGE (MIM_IS_64BIT && !TEST_IS_EMULATED)

typedef enum sim_kind {
  SIM_ANY, /* each of those below but SIM_RELEASE */
  SIM_RESERVE,
  SIM_COMMIT,
  SIM_PURGE,
  SIM_PROTECT,
  SIM_MOVE,
  SIM_GIGANTIC,
  SIM_NUMA, /* a wish, of what succeeds otherwise */
  SIM_RELEASE,
  SIM_KIND_COUNT
} sim_kind_t;

typedef struct sim_rules {
  mim_prim_config_t config; /* what the allocator is told, and what is enforced            */
  size_t commit_limit;      /* most bytes that can be committed at once; 0: no limit       */
  size_t gigantic_pages;    /* OS pages of gigantic_size that are set aside                */
  unsigned numa_nodes;      /* 0: one                                                      */
} sim_rules_t;

/* Like Linux with 4 KiB pages, and like Windows; on a machine with larger pages, with those. */
extern const sim_rules_t sim_linux;
extern const sim_rules_t sim_windows;

/* A fresh machine: everything from before is gone; no call fails, all counts are zero. */
void sim_start(const sim_rules_t* rules);

/* From now on the `first`-th call of a kind fails (1 is the next one), and every `every`-th behind
 * it: 0 none, 1 all.  sim_fail(SIM_ANY, 0, 0): no call fails any more. */
void sim_fail(sim_kind_t kind, long first, long every);

/* From now on no more than so many bytes can be committed at once; 0: no limit. */
void sim_limit_commit(size_t bytes);

/* From now on `fun` is called within each call: what another thread does meanwhile.  It must not
 * call the simulated OS; NULL: nothing. */
void sim_during_calls(void (*fun)(sim_kind_t kind));

size_t sim_reserved(void);       /* bytes, committed or not      */
size_t sim_committed(void);      /* bytes                        */
long sim_calls(sim_kind_t kind); /* since the start              */
long sim_failed_calls(void);     /* because of sim_fail or limits */

/* The node that the OS was told for the OS page of p: -1 none. */
int sim_node_of(const void* p);
void sim_run_on_node(unsigned node); /* from now on, every thread */

/* Whether all of [p, p + size) can be touched. */
bool sim_is_committed(const void* p, size_t size);

#endif
