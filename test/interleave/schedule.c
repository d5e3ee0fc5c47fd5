/* schedule.c - see schedule.h.  A coroutine is started once by makecontext and then entered and
 * left by _longjmp, which, unlike swapcontext, makes no system call. */
#include "test/interleave/schedule.h"

#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>
#include <unistd.h>

enum { STACK_SIZE = 256 * 1024, DEPTH_MAX = 4096, WATCHED_MAX = 16 };

typedef struct choice {
  unsigned char taken, count; /* of the alternatives: 0 lets the current thread go on */
  unsigned char thread;       /* who that was */
} choice_t;

static const interleave_case_t* current_case;
static jmp_buf scheduler_point, thread_point[INTERLEAVE_THREADS_MAX];
static ucontext_t scheduler_context, thread_context[INTERLEAVE_THREADS_MAX];
static bool is_started[INTERLEAVE_THREADS_MAX], is_done[INTERLEAVE_THREADS_MAX];
static const volatile bool* waits_for[INTERLEAVE_THREADS_MAX]; /* NULL: for nothing */
static int self = -1, thread_count;

static choice_t choices[DEPTH_MAX];
static size_t depth, replayed; /* choices made in this run, and how many of them were given */

static struct {
  uintptr_t base;
  size_t size;
} watched[WATCHED_MAX];
static size_t watched_count;

int interleave_self(void) { return self; }

void interleave_watch(const volatile void* base, size_t size) {
  if (watched_count == WATCHED_MAX) { abort(); }
  watched[watched_count].base = (uintptr_t)base;
  watched[watched_count++].size = size;
}

static bool is_watched(const volatile void* address) {
  for (size_t i = 0; i < watched_count; i++) {
    if ((uintptr_t)address - watched[i].base < watched[i].size) { return true; }
  }
  return false;
}

/* ---- coroutines ---- */

static void leave_thread(void) {
  if (_setjmp(thread_point[self]) == 0) { _longjmp(scheduler_point, 1); }
}

/* For ever: a job a run. */
static void thread_body(void) {
  for (;;) {
    leave_thread();
    current_case->threads[self]();
    is_done[self] = true;
  }
}

static void thread_start(int thread) {
  static char stacks[INTERLEAVE_THREADS_MAX][STACK_SIZE];
  ucontext_t* const context = &thread_context[thread];
  is_started[thread] = true;
  self = thread;
  getcontext(context);
  context->uc_stack.ss_sp = stacks[thread];
  context->uc_stack.ss_size = STACK_SIZE;
  makecontext(context, thread_body, 0);
  if (_setjmp(scheduler_point) == 0) { swapcontext(&scheduler_context, context); }
  self = -1;
}

static void thread_continue(int thread) {
  self = thread;
  if (_setjmp(scheduler_point) == 0) { _longjmp(thread_point[thread], 1); }
  self = -1;
}

void interleave_point(const volatile void* address) {
  if (self >= 0 && is_watched(address)) { leave_thread(); }
}

/* Leaving comes first: whoever else wants the lock may be the one who gets it. */
void interleave_wait(const volatile bool* is_taken) {
  waits_for[self] = is_taken;
  leave_thread();
  waits_for[self] = NULL;
}

static bool can_run(int thread) {
  return !is_done[thread] && (waits_for[thread] == NULL || !*waits_for[thread]);
}

/* ---- choices ---- */

static void print_schedule(int signal_number) {
  char text[DEPTH_MAX + 1];
  size_t length = 0;
  for (size_t i = 0; i < depth; i++) { text[length++] = (char)('0' + choices[i].thread); }
  dprintf(STDERR_FILENO, "%s: the schedule was %.*s (a thread a step)\n", current_case->name,
          (int)length, text);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

/* Who may run now, the current one first. */
static int alternatives(int current, int preemptions_left, int* threads) {
  int count = 0;
  if (current >= 0 && can_run(current)) {
    threads[count++] = current;
    if (preemptions_left == 0) { return count; }
  }
  for (int t = 0; t < thread_count; t++) {
    if (t != current && can_run(t)) { threads[count++] = t; }
  }
  return count;
}

static int choose(int current, int* preemptions_left) {
  int threads[INTERLEAVE_THREADS_MAX];
  const int count = alternatives(current, *preemptions_left, threads);
  if (count == 0) { return -1; } /* all are done, or wait for each other */
  if (depth == DEPTH_MAX) {
    fprintf(stderr, "%s: a run of more than %d steps: some loop does not end\n", current_case->name,
            DEPTH_MAX);
    abort();
  }
  choice_t* const choice = &choices[depth];
  if (depth >= replayed) { choice->taken = 0; }
  choice->count = (unsigned char)count;
  choice->thread = (unsigned char)threads[choice->taken];
  depth++;
  if (threads[0] == current && choice->taken > 0 && *preemptions_left > 0) { --*preemptions_left; }
  return choice->thread;
}

static void run_once(void) {
  int preemptions_left = current_case->preemptions, current = -1;
  watched_count = 0;
  depth = 0;
  current_case->setup();
  /* What a thread does before its first point concerns nobody else: its place needs no choice. */
  for (int t = 0; t < thread_count; t++) {
    is_done[t] = false;
    thread_continue(t);
  }
  while ((current = choose(current, &preemptions_left)) >= 0) { thread_continue(current); }
  for (int t = 0; t < thread_count; t++) {
    if (!is_done[t]) {
      fprintf(stderr, "%s: thread %d waits for ever\n", current_case->name, t);
      abort();
    }
  }
  current_case->check();
}

/* The next schedule: false if there is none. */
static bool backtrack(void) {
  while (depth > 0 && choices[depth - 1].taken + 1 == choices[depth - 1].count) { depth--; }
  if (depth == 0) { return false; }
  choices[depth - 1].taken++;
  replayed = depth;
  return true;
}

long interleave_explore(const interleave_case_t* c) {
  long schedules = 0;
  current_case = c;
  thread_count = 0;
  while (thread_count < INTERLEAVE_THREADS_MAX && c->threads[thread_count] != NULL) {
    if (!is_started[thread_count]) { thread_start(thread_count); }
    thread_count++;
  }
  replayed = depth = 0;
  signal(SIGABRT, print_schedule);
  do {
    run_once();
    schedules++;
  } while (backtrack());
  signal(SIGABRT, SIG_DFL);
  printf("    %s: %ld schedules\n", c->name, schedules);
  return schedules;
}
