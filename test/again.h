/* again.h - how a test runs its own program once more: by the emulator that runs it now, if it was
 * built for another processor (MIM_TEST_EMULATOR: the words of that command, set by CMake).
 *
 *   const again_t again = again_command((const char*[]){"child", "--round", "7", NULL});
 *   execv(again.path, again.arguments);
 */
#ifndef MIM_TEST_AGAIN_H
#define MIM_TEST_AGAIN_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test/emulated.h"

#ifdef MIM_TEST_EMULATOR
static const char* const again_emulator[] = {MIM_TEST_EMULATOR};
enum { AGAIN_EMULATOR_WORDS = sizeof(again_emulator) / sizeof(again_emulator[0]) };
#endif

enum { AGAIN_WORDS_MAX = 24 };

typedef struct again {
  const char* path;
  char* arguments[AGAIN_WORDS_MAX];
} again_t;

/* Runs `program`; arguments[0] is only a name. */
static inline again_t again_command_of(const char* program, const char* const* arguments) {
  again_t again = {.path = program};
  size_t count = 0;
#ifdef MIM_TEST_EMULATOR
  again.path = again_emulator[0];
  while (count < AGAIN_EMULATOR_WORDS) {
    again.arguments[count] = (char*)again_emulator[count];
    count++;
  }
  again.arguments[count++] = (char*)program;
  arguments++;
#endif
  for (; *arguments != NULL; arguments++) {
    if (count == AGAIN_WORDS_MAX - 1) { abort(); }
    again.arguments[count++] = (char*)*arguments;
  }
  return again;
}

/* The emulator answers readlink with its program; the kernel would start the emulator. */
static inline again_t again_command(const char* const* arguments) {
  static char path[4096] = "/proc/self/exe";
  if (TEST_IS_EMULATED) {
    const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0) { abort(); }
    path[length] = 0;
  }
  return again_command_of(path, arguments);
}

#endif
