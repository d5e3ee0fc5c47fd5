/* child.h - runs this test program again as a child, with another environment, and reads what it
 * writes. The program lists its parts and calls child_main from main.
 */
#ifndef MIM_TEST_API_CHILD_H
#define MIM_TEST_API_CHILD_H

#include <stdarg.h>

typedef struct child {
  int status; /* of waitpid, or the exit code on Windows */
  char out[65536];
  char err[65536];
} child_t;

#if defined(_WIN32)
#include "test/api/child_windows.h"
#else
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test/again.h"

extern char** environ;

static inline void write_text(const char* text) {
  if (write(STDOUT_FILENO, text, strlen(text)) < 0) { _exit(3); }
}

static inline void read_back(int file, char* text, size_t size) {
  size_t used = 0;
  ssize_t got;
  lseek(file, 0, SEEK_SET);
  while (used < size - 1 && (got = read(file, text + used, size - 1 - used)) > 0) {
    used += (size_t)got;
  }
  text[used] = 0;
  close(file);
}

static inline int open_scratch(void) {
  char name[] = "/tmp/mim_test_XXXXXX";
  const int file = mkstemp(name);
  CHECK(file >= 0);
  unlink(name);
  return file;
}

/* `variables` are NAME=value, separated by one blank; the rest of the environment stays, without
 * any option of this library. */
static inline void set_environment(const char* variables) {
  static char copy[4096];
  static char* list[1024];
  size_t count = 0;
  for (char** e = environ; *e != NULL && count < 900; e++) {
    if (strncasecmp(*e, "MIMALLOC_", 9) != 0 && strncasecmp(*e, "MI_", 3) != 0) {
      list[count++] = *e;
    }
  }
  CHECK(strlen(variables) < sizeof(copy));
  strcpy(copy, variables);
  for (char* at = strtok(copy, " "); at != NULL; at = strtok(NULL, " ")) { list[count++] = at; }
  list[count] = NULL;
  environ = list;
}

/* Runs `prepare` (or nothing) in the child before the program starts anew. */
static inline child_t* run_child_after(void (*prepare)(void), const char* part,
                                       const char* variables) {
  static child_t child;
  const int out = open_scratch(), err = open_scratch();
  const pid_t pid = fork();
  CHECK(pid >= 0);
  if (pid == 0) {
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    set_environment(variables);
    if (prepare != NULL) { prepare(); }
    const again_t again = again_command((const char*[]){"child", "--child", part, NULL});
    execv(again.path, again.arguments);
    _exit(127);
  }
  CHECK(waitpid(pid, &child.status, 0) == pid);
  read_back(out, child.out, sizeof(child.out));
  read_back(err, child.err, sizeof(child.err));
  return &child;
}

static inline child_t* run_child(const char* part, const char* variables) {
  return run_child_after(NULL, part, variables);
}

static inline bool child_succeeded(const child_t* child) {
  if (WIFEXITED(child->status) && WEXITSTATUS(child->status) == 0) { return true; }
  fprintf(stderr, "the child ended with status 0x%x and wrote:\n%s%s\n", (unsigned)child->status,
          child->out, child->err);
  return false;
}
#endif

/* snprintf allocates nothing for these formats, and write needs no buffer. */
__attribute__((format(printf, 1, 2))) static inline void write_format(const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  write_text(text);
}

typedef struct child_part {
  const char* name;
  void (*run)(void);
} child_part_t;

/* main of a program with parts: `--child PART` runs a part, anything else the tests. */
static inline int child_main(int argc, char** argv, const child_part_t* parts) {
  if (argc < 3 || strcmp(argv[1], "--child") != 0) {
    return test_run_all(argc > 1 ? argv[1] : NULL);
  }
  for (; parts->name != NULL; parts++) {
    if (strcmp(parts->name, argv[2]) == 0) {
      parts->run();
      return 0;
    }
  }
  return 126;
}

#endif
