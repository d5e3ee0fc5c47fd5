/* lacking.h - what WebAssembly programs cannot do, as functions of the same names that end the test
 * as skipped. Included before each test program (test/platforms/wasm.cmake). */
#ifndef MIM_TEST_WASM_LACKING_H
#define MIM_TEST_WASM_LACKING_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

__attribute__((unused, noreturn)) static void test_lacks(const char* what) {
  printf("SKIPPED: %s\n", what);
  fflush(stdout);
  exit(77);
}

#define TEST_LACKS_PROCESSES "WebAssembly has no processes"

__attribute__((unused)) static pid_t test_fork(void) { test_lacks(TEST_LACKS_PROCESSES); }
#define fork test_fork

#if defined(__wasi__)
#include "wasi/lacking.h"
#else
#include <spawn.h>

__attribute__((unused)) static int test_spawn(pid_t* child, const char* path, const void* actions,
                                              const void* attributes, char* const* arguments,
                                              char* const* names) {
  (void)child, (void)path, (void)actions, (void)attributes, (void)arguments, (void)names;
  test_lacks(TEST_LACKS_PROCESSES);
}
#define posix_spawn test_spawn
#endif

#endif
