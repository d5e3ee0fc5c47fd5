/* misplaced_control.c - does this machine stop the fault of wide_atomic.c? Then the other programs
 * with misplaced data show something by running to their end. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int64_t wide_atomic_add(int64_t amount);

static void end_well(int signal) {
  (void)signal;
  static const char text[] = "the misaligned 64-bit atomic was stopped by SIGBUS\n";
  _exit(write(STDOUT_FILENO, text, sizeof(text) - 1) < 0);
}

int main(void) {
#if defined(__ARM_ARCH) && __ARM_ARCH < 7
  puts("SKIPPED: this processor has no 64-bit atomic instructions");
  return 77;
#else
  signal(SIGBUS, end_well);
  printf("a misaligned 64-bit atomic went through: %lld\n", (long long)wide_atomic_add(1));
  return 1;
#endif
}
