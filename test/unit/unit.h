/* unit.h - what several unit programs share: child processes, random numbers, captured messages. */
#ifndef MIM_TEST_UNIT_UNIT_H
#define MIM_TEST_UNIT_UNIT_H

#include <stdint.h>

#include "test/emulated.h"
#include "test/test.h"

typedef void child_fun_t(void* arg);

#if defined(_WIN32)
#include "test/unit/unit_windows.h"
#else
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs `fun` in a process of its own, where it finds the allocator as it was here; its exit status
 * as waitpid gives it.  A child that shall die makes no noise and no core file. */
__attribute__((unused)) static int child_status(child_fun_t* fun, void* arg, bool is_quiet) {
  fflush(stdout);
  fflush(stderr);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    if (is_quiet) {
      const struct rlimit none = {0, 0};
      setrlimit(RLIMIT_CORE, &none);
      if (freopen("/dev/null", "w", stderr) == NULL) { _exit(3); }
    }
    fun(arg);
    _exit(0);
  }
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  return status;
}

/* Where there are no processes the program itself is fresh, once, if it runs one test only: which
 * is what test/platforms/wasm/run.mjs does with a program that ends as skipped. */
__attribute__((unused)) static void run_in_child(child_fun_t* fun, void* arg) {
  static bool was_here;
  if (TEST_HAS_PROCESSES) {
    CHECK_EQ(child_status(fun, arg, false), 0);
    return;
  }
  if (!test_is_alone) { SKIP("this test has to run alone"); }
  if (was_here) { SKIP("this test begins anew several times: " TEST_NO_PROCESSES); }
  was_here = true;
  fun(arg);
}

__attribute__((unused)) static void check_aborts(child_fun_t* fun, void* arg) {
  const int status = child_status(fun, arg, true);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGABRT);
}

/* A sanitizer turns the signal into an exit code. */
__attribute__((unused)) static void check_faults(child_fun_t* fun, void* arg) {
  const int status = child_status(fun, arg, true);
  CHECK(WIFSIGNALED(status) ? WTERMSIG(status) == SIGSEGV : WEXITSTATUS(status) != 0);
}
#endif

/* Marsaglia's xorshift: the same numbers in every run. */
__attribute__((unused)) static uint64_t random_next(uint64_t* seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

__attribute__((unused)) static size_t random_below(uint64_t* seed, size_t bound) {
  return (size_t)(random_next(seed) >> 8) % bound;
}

__attribute__((unused)) static bool is_filled(const void* p, unsigned char value, size_t size) {
  const unsigned char* const bytes = p;
  return size == 0 || (bytes[0] == value && memcmp(bytes, bytes + 1, size - 1) == 0);
}

#endif
