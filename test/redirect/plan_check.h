/* plan_check.h - what has to hold for the plan of any function. */
#ifndef MIM_TEST_REDIRECT_PLAN_CHECK_H
#define MIM_TEST_REDIRECT_PLAN_CHECK_H

#include "redirect/plan.h"

/* Plans, and ends the process if the plan breaks a promise of plan.h. */
redirect_status_t plan_check(const redirect_function_t* function, uint64_t target, uint64_t island,
                             redirect_plan_t* plan);

#endif
