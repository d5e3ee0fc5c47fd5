/* launch.c - starts one program and measures it: wall time, CPU time, peak RSS, page faults.

   Why a program of its own: Linux carries the peak RSS of the address space that calls exec over
   into the new program, so a child of a Python process can never show less than Python's own
   peak. This launcher is static and touches about 1 MB, which is the floor. Being static it also
   ignores LD_PRELOAD, which only the child shall see.

   usage: bench-launch RESULT [--pid FILE] [--preload LIB] PROGRAM [ARGUMENT...]
   RESULT gets one JSON object. wait4 counts the children that the program itself waited for, so
   a compiler driver includes its compiler; the peak RSS is that of the largest process.
   The exit code is 0 when the program could be started, whatever its own exit code. */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

_Noreturn static void launch_fail(const char* what, const char* name) {
  fprintf(stderr, "bench-launch: cannot %s '%s': %s\n", what, name, strerror(errno));
  exit(127);
}

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double seconds(struct timeval time) {
  return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

static pid_t start_program(char** argv) {
  pid_t pid = 0;
  errno = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
  if (errno != 0) { launch_fail("run", argv[0]); }
  return pid;
}

static void write_pid(const char* path, pid_t pid) {
  FILE* const file = fopen(path, "w");
  if (file == NULL) { launch_fail("write", path); }
  fprintf(file, "%ld\n", (long)pid);
  fclose(file);
}

static void write_result(const char* path, double wall, int status, const struct rusage* usage) {
  FILE* const file = fopen(path, "w");
  if (file == NULL) { launch_fail("write", path); }
  fprintf(file,
          "{\"wall\": %.6f, \"user\": %.6f, \"sys\": %.6f, \"rss_kib\": %ld, "
          "\"minor_faults\": %ld, \"major_faults\": %ld, \"exit\": %d, \"signal\": %d}\n",
          wall, seconds(usage->ru_utime), seconds(usage->ru_stime), usage->ru_maxrss,
          usage->ru_minflt, usage->ru_majflt, WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  fclose(file);
}

int main(int argc, char** argv) {
  int next = 2;
  const char* pid_path = NULL;
  while (next + 1 < argc) {
    if (strcmp(argv[next], "--pid") == 0) {
      pid_path = argv[next + 1];
    } else if (strcmp(argv[next], "--preload") == 0) {
      setenv("LD_PRELOAD", argv[next + 1], 1);
    } else {
      break;
    }
    next += 2;
  }
  if (next >= argc) {
    fprintf(stderr, "usage: bench-launch RESULT [--pid FILE] [--preload LIB] PROGRAM [ARG...]\n");
    return 2;
  }
  const double start = now_seconds();
  const pid_t pid = start_program(argv + next);
  if (pid_path != NULL) { write_pid(pid_path, pid); }
  int status = 0;
  struct rusage usage;
  while (wait4(pid, &status, 0, &usage) < 0) {
    if (errno != EINTR) { launch_fail("wait for", argv[next]); }
  }
  write_result(argv[1], now_seconds() - start, status, &usage);
  return 0;
}
