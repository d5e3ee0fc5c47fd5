/* test_crash.c - a test program that faults says where, and ends by the same signal as ever. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/test.h"

static char text[1 << 16];

/* Runs `fault` in a process of its own; returns its status, and in `text` what it said. */
static int status_after(void (*fault)(void)) {
  int ends[2];
  size_t length = 0;
  ssize_t got;
  CHECK_EQ(pipe(ends), 0);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    dup2(ends[1], STDERR_FILENO);
    fault();
    _exit(0);
  }
  close(ends[1]);
  while ((got = read(ends[0], text + length, sizeof(text) - 1 - length)) > 0) {
    length += (size_t)got;
  }
  text[length] = 0;
  close(ends[0]);
  int status = 0;
  CHECK_EQ(waitpid(child, &status, 0), child);
  return status;
}

static char* volatile nowhere = (char*)(uintptr_t)0x18;
static void touch(void) { *nowhere = 1; }
static void send(void) { raise(SIGBUS); }

TEST(a_fault_is_told_with_its_place) {
  uintmax_t address, instruction;
  int number, code;
  const int status = status_after(touch);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGSEGV);
  CHECK_EQ(sscanf(text, "signal %d (code %d) at address 0x%jx, instruction 0x%jx", &number, &code,
                  &address, &instruction),
           4);
  CHECK_EQ(number, SIGSEGV);
#if !defined(__s390x__) /* it knows the page only */
  CHECK_EQ(address, 0x18);
#endif
#if defined(__x86_64__) || defined(__aarch64__)
  const uintmax_t start = (uintptr_t)&touch;
  CHECK(instruction >= start && instruction < start + 64);
#endif
  CHECK(strstr(text, "/test_crash\n") != NULL); /* the map */
}

TEST(a_signal_that_was_sent_is_told_too) {
  const int status = status_after(send);
  CHECK(WIFSIGNALED(status));
  CHECK_EQ(WTERMSIG(status), SIGBUS);
  int number;
  CHECK_EQ(sscanf(text, "signal %d", &number), 1);
  CHECK_EQ(number, SIGBUS);
}

TEST_MAIN()
