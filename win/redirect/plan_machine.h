/* plan_machine.h - the planners of the machines; what they share with plan.c only. */
#ifndef MIM_WIN_REDIRECT_PLAN_MACHINE_H
#define MIM_WIN_REDIRECT_PLAN_MACHINE_H

#include "redirect/plan.h"

/* The relay comes first in an island, the trampoline at this place. */
enum { REDIRECT_TRAMPOLINE = 32 };

redirect_status_t redirect_plan_x86(const redirect_function_t* function, uint64_t target,
                                    uint64_t island, redirect_plan_t* plan);
redirect_status_t redirect_plan_arm64(const redirect_function_t* function, uint64_t target,
                                      uint64_t island, redirect_plan_t* plan);

/* Bytes of the function that may be changed. */
static inline size_t redirect_room(const redirect_function_t* function) {
  const uint64_t room = function->end - function->address;
  return room < function->code_size ? (size_t)room : function->code_size;
}

#endif
