/* patch.h - writes what was planned: islands near the code, and the first bytes of functions. */
#ifndef MIM_WIN_REDIRECT_PATCH_H
#define MIM_WIN_REDIRECT_PATCH_H

#include "redirect/plan.h"

/* Memory for `count` islands that all code from `start` to `end` reaches; 0: there is none. */
uint64_t patch_islands_new(uint64_t start, uint64_t end, redirect_machine_t machine, size_t count);

/* To be called when all islands are written: nobody can change them any more. */
bool patch_islands_seal(uint64_t islands, size_t count);
void patch_islands_delete(uint64_t islands);

void patch_write_island(uint64_t island, const redirect_plan_t* plan);

/* No other thread runs it meanwhile. False: its memory cannot be changed. */
bool patch_write(const redirect_plan_t* plan);

#endif
