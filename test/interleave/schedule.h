/* schedule.h - runs a few threads in every order that their atomic operations can have.
 *
 * The threads are coroutines.  Each atomic operation on watched memory is a point where another
 * one may go on instead.  The first run always lets the current one go on; each further run
 * differs from the one before in its last choice that had an alternative left, until there is
 * none: a search in depth through all schedules.  A check that fails prints the schedule that led
 * to it. */
#ifndef MIM_TEST_INTERLEAVE_SCHEDULE_H
#define MIM_TEST_INTERLEAVE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

enum { INTERLEAVE_THREADS_MAX = 4 };

typedef struct interleave_case {
  const char* name;
  void (*setup)(void); /* before each run: memory as it was, and what is watched */
  void (*threads[INTERLEAVE_THREADS_MAX])(void);
  void (*check)(void); /* after each run */
  int preemptions;     /* how often a thread that could go on is interrupted, at most; -1: any */
} interleave_case_t;

/* How many schedules there were. */
long interleave_explore(const interleave_case_t* c);

/* In setup: operations on [base, base + size) are points. */
void interleave_watch(const volatile void* base, size_t size);

/* Which thread runs, counted from 0. */
int interleave_self(void);

/* The thread that runs goes on when *is_taken is false: a lock that takes part in the orders. */
void interleave_wait(const volatile bool* is_taken);

/* Called before each atomic operation. */
void interleave_point(const volatile void* address);

#endif
