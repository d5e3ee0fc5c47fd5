/* crash.c - tells where a test program faulted: few machines that run the tests have a debugger,
 * and under an emulator a core is of little use.
 *
 * The address that was touched, the instruction, and the map of the address space, by which both
 * are found in a file; `addr2line -e FILE OFFSET` names the line. Nothing here allocates: the fault
 * may have come from inside the allocator. */
#define _GNU_SOURCE
#include "test/crash.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>

static uintptr_t instruction_of(const ucontext_t* context) {
#if defined(__x86_64__)
  return (uintptr_t)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__i386__)
  return (uintptr_t)context->uc_mcontext.gregs[REG_EIP];
#elif defined(__aarch64__)
  return (uintptr_t)context->uc_mcontext.pc;
#elif defined(__arm__)
  return (uintptr_t)context->uc_mcontext.arm_pc;
#elif defined(__s390x__)
  return (uintptr_t)context->uc_mcontext.psw.addr;
#else
  (void)context;
  return 0; /* unknown */
#endif
}

static void copy_to_stderr(const char* path) {
  char text[4096];
  ssize_t got;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) { return; }
  while ((got = read(file, text, sizeof(text))) > 0) {
    if (write(STDERR_FILENO, text, (size_t)got) != got) { break; }
  }
  close(file);
}

/* The signal ends the program as it would have without us: it is raised again, and delivered when
 * the handler returns. */
static void tell(int number, siginfo_t* info, void* context) {
  char text[160];
  const int length =
    snprintf(text, sizeof(text), "signal %d (code %d) at address 0x%jx, instruction 0x%jx, in:\n",
             number, info->si_code, (uintmax_t)(uintptr_t)info->si_addr,
             (uintmax_t)instruction_of(context));
  if (write(STDERR_FILENO, text, (size_t)length) == length) { copy_to_stderr("/proc/self/maps"); }
  raise(number);
}

void test_tell_crashes(void) {
  static const int numbers[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
  struct sigaction action = {.sa_sigaction = &tell, .sa_flags = SA_SIGINFO | SA_RESETHAND};
  for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
    sigaction(numbers[i], &action, NULL);
  }
}
