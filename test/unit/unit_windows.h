/* unit_windows.h - child processes without fork: the program runs again, with the name of the test
 * and the number of the child.  The test does all once more that it did before, but for its other
 * children, and so the child finds the allocator as it is here. */
#ifndef MIM_TEST_UNIT_UNIT_WINDOWS_H
#define MIM_TEST_UNIT_UNIT_WINDOWS_H

#include <process.h>
#include <stdbool.h>
#include <windows.h>

#define CHILD_VARIABLE "MIM_TEST_CHILD"

/* What abort() and a bad access leave, in wine and in Windows. */
enum { CHILD_ABORTED = 3 };
#define CHILD_FAST_FAILED ((int)0xC0000409)
#define CHILD_FAULTED ((int)0xC0000005)

/* This process's place among the children; 0: it is none. */
static int child_number(void) {
  const char* const text = getenv(CHILD_VARIABLE);
  return text == NULL ? 0 : atoi(text);
}

/* The number of the next child of the running test. */
static int child_next(void) {
  static const test_t* test;
  static int count;
  if (test != test_running) { count = 0; }
  test = test_running;
  return ++count;
}

static void child_be(child_fun_t* fun, void* arg, bool is_quiet) {
  if (is_quiet) {
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    if (freopen("NUL", "w", stderr) == NULL) { _exit(4); }
  }
  fun(arg);
  _exit(0);
}

/* The exit code of the child; *is_other: this process is another child, and nothing was run. */
static int child_status(child_fun_t* fun, void* arg, bool is_quiet, bool* is_other) {
  const int number = child_next();
  *is_other = child_number() != 0;
  if (child_number() == number) { child_be(fun, arg, is_quiet); }
  if (*is_other) { return 0; }
  char path[MAX_PATH], text[16];
  GetModuleFileNameA(NULL, path, sizeof(path));
  snprintf(text, sizeof(text), "%d", number);
  fflush(stdout);
  _putenv_s(CHILD_VARIABLE, text);
  const intptr_t status = _spawnl(_P_WAIT, path, "child", test_running->name, NULL);
  _putenv_s(CHILD_VARIABLE, "");
  return (int)status;
}

__attribute__((unused)) static void run_in_child(child_fun_t* fun, void* arg) {
  bool is_other;
  CHECK_EQ(child_status(fun, arg, false, &is_other), 0);
}

__attribute__((unused)) static void check_aborts(child_fun_t* fun, void* arg) {
  bool is_other;
  const int status = child_status(fun, arg, true, &is_other);
  CHECK(is_other || status == CHILD_ABORTED || status == CHILD_FAST_FAILED);
}

__attribute__((unused)) static void check_faults(child_fun_t* fun, void* arg) {
  bool is_other;
  const int status = child_status(fun, arg, true, &is_other);
  CHECK(is_other || status == CHILD_FAULTED);
}

#endif
