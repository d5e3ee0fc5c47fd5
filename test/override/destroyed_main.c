/* destroyed_main.c - a program that ends with destroy_on_exit while others still use memory.

     override-destroyed                 runs itself with each way to end, and checks what it wrote
     override-destroyed --end WAY       ends so: plain, thread-ended or thread-waits

   Linked with the allocator first and destroyed_library.c behind it, so that the destructor of that
   library runs after the allocator's. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif
#include "test/again.h"
#include "test/override/destroyed.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { COUNT = 3000, CHILD_SECONDS = 20, OUTPUT_MAX = 4096 };

static sem_t is_waiting;

static void keep_blocks(void) {
  for (size_t i = 0; i < COUNT; i++) {
    char* const block = malloc(16 + i % 500);
    if (block == NULL) { exit(4); }
    block[0] = 1;
    if (i % 3 == 0) {
      free(block);
    } else {
      destroyed_keep(block);
    }
  }
}

static void* end_at_once(void* arg) {
  keep_blocks();
  return arg;
}

static void* wait_for_ever(void* arg) {
  keep_blocks();
  sem_post(&is_waiting);
  for (;;) { pause(); }
  return arg;
}

static int end_process(const char* way) {
  pthread_t thread;
  alarm(CHILD_SECONDS);
  sem_init(&is_waiting, 0, 0);
  if (strcmp(way, "plain") == 0) {
    keep_blocks();
  } else if (strcmp(way, "thread-ended") == 0) {
    if (pthread_create(&thread, NULL, end_at_once, NULL) != 0) { return 5; }
    pthread_join(thread, NULL);
  } else {
    if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0) { return 5; }
    sem_wait(&is_waiting);
  }
  return 0;
}

/* Both outputs of the child in `text`; its status as of waitpid. */
static int run_child(const char* way, char* text) {
  int ends[2], status = 0;
  if (pipe(ends) != 0) { exit(2); }
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    setenv("MIMALLOC_DESTROY_ON_EXIT", "1", 1);
    setenv("MIMALLOC_SHOW_ERRORS", "1", 1);
    const again_t again = again_command((const char*[]){"override-destroyed", "--end", way, NULL});
    execv(again.path, again.arguments);
    _exit(127);
  }
  close(ends[1]);
  size_t length = 0;
  for (ssize_t n; (n = read(ends[0], text + length, OUTPUT_MAX - 1 - length)) > 0;) {
    length += (size_t)n;
  }
  text[length] = 0;
  close(ends[0]);
  if (child < 0 || waitpid(child, &status, 0) != child) { exit(2); }
  return status;
}

int main(int argc, char** argv) {
  static const char* const ways[] = {"plain", "thread-ended", "thread-waits"};
  if (argc > 2 && strcmp(argv[1], "--end") == 0) { return end_process(argv[2]); }
  int failures = 0;
  for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
    char text[OUTPUT_MAX];
    const int status = run_child(ways[i], text);
    const int is_good = status == 0 && strcmp(text, DESTROYED_DONE) == 0;
    printf("  a_library_can_allocate_after_all_memory_went_back: %s\n", ways[i]);
    if (!is_good) {
      fprintf(stderr, "%s: the child ended with status 0x%x and wrote:\n%s", ways[i],
              (unsigned)status, text);
      failures++;
    }
  }
  fflush(stdout);
  _exit(failures == 0 ? 0 : 1);
}
