/* stress_exit.c - exit() while other threads allocate.

     stress-exit [--rounds 50] [--threads 6] [--seed 1]

   Each round is a process of its own: its threads allocate and free without end, its main thread
   calls exit() at a random moment; atexit handlers, a destructor function and thread-specific
   destructors allocate and free on the way out. A round fails when the process does not end with
   code 0, prints anything on stderr, or is not over within twenty seconds. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/wait.h>

#include "test/again.h"
#include "stress.h"

extern char** environ;

enum { THREADS_MAX = 32, OWN_COUNT = 64, ROUND_SECONDS = 20 };

static bool is_round; /* this process is one of the rounds */
static block_t from_main[OWN_COUNT];
static pthread_key_t key;

static void allocate_some(uint64_t seed, size_t count) {
  random_t random = random_start(seed);
  for (size_t i = 0; i < count; i++) {
    block_t block = block_new(&random, random_size(&random, 0));
    if (random_one_in(&random, 2)) { block_resize(&block, &random, random_size(&random, 0)); }
    block_delete(&block);
  }
}

static void at_exit(void) {
  allocate_some(11, 50);
  for (size_t i = 0; i < OWN_COUNT / 2; i++) { block_delete(&from_main[i]); }
}

static void at_exit_second(void) {
  allocate_some(12, 50);
  mi_collect(true);
}

__attribute__((destructor)) static void at_unload(void) {
  if (!is_round) { return; }
  allocate_some(13, 50);
  for (size_t i = OWN_COUNT / 2; i < OWN_COUNT; i++) { block_delete(&from_main[i]); }
}

static void at_thread_end(void* value) {
  mi_free(value);
  allocate_some(14, 5);
}

static void* thread_main(void* arg) {
  random_t random = random_start((uint64_t)(uintptr_t)arg);
  block_t blocks[OWN_COUNT] = {{0}};
  pthread_setspecific(key, mi_malloc(100));
  for (unsigned long steps = 0; steps < ULONG_MAX; steps++) {
    block_t* own = &blocks[random_below(&random, OWN_COUNT)];
    block_delete(own);
    *own = block_new(&random, random_size(&random, 2000));
    if (steps % 1000 == 999) { mi_collect(random_one_in(&random, 2)); }
  }
  return NULL; /* only exit() ends this loop */
}

static void* short_main(void* arg) {
  pthread_setspecific(key, mi_malloc(100));
  allocate_some((uint64_t)(uintptr_t)arg, 20);
  return NULL;
}

static void run_round(unsigned long threads, uint64_t seed) {
  is_round = true;
  alarm(ROUND_SECONDS);
  random_t random = random_start(seed);
  pthread_key_create(&key, at_thread_end);
  atexit(at_exit);
  atexit(at_exit_second);
  for (size_t i = 0; i < OWN_COUNT; i++) { from_main[i] = block_new(&random, 1 + i * 100); }
  for (unsigned long i = 0; i < threads; i++) {
    pthread_t thread;
    void* argument = (void*)(uintptr_t)random_next(&random);
    if (pthread_create(&thread, NULL, i == 0 ? short_main : thread_main, argument) != 0) {
      STRESS_FAIL("cannot create a thread");
    }
    pthread_detach(thread);
  }
  const struct timespec time = {0, (long)random_below(&random, 20 * 1000 * 1000)};
  nanosleep(&time, NULL);
  exit(0);
}

/* Starts this program once more as a round, with stderr into a pipe. */
static pid_t spawn_round(unsigned long threads, uint64_t seed, int* error_output) {
  int ends[2];
  char seed_text[32], threads_text[32];
  snprintf(seed_text, sizeof(seed_text), "%llu", (unsigned long long)seed);
  snprintf(threads_text, sizeof(threads_text), "%lu", threads);
  const again_t again = again_command(
    (const char*[]){"stress-exit", "--round", seed_text, "--threads", threads_text, NULL});
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  pid_t child;
  if (pipe(ends) != 0) { STRESS_FAIL("pipe: %s", strerror(errno)); }
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  if (posix_spawn(&child, again.path, &actions, NULL, again.arguments, environ) != 0) {
    STRESS_FAIL("cannot start a round");
  }
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  *error_output = ends[0];
  return child;
}

static void check_round(unsigned long round, unsigned long threads, uint64_t seed) {
  int error_output, status = 0;
  const pid_t child = spawn_round(threads, seed, &error_output);
  char text[2048];
  size_t length = 0;
  for (ssize_t n; (n = read(error_output, text + length, sizeof(text) - 1 - length)) > 0;) {
    length += (size_t)n;
  }
  text[length] = 0;
  close(error_output);
  while (waitpid(child, &status, 0) != child) {} /* only a signal interrupts it */
  if (status != 0 || length != 0) {
    STRESS_FAIL("round %lu (--round %llu --threads %lu) ended with status 0x%x, its stderr: %s",
                round, (unsigned long long)seed, threads, (unsigned)status, text);
  }
}

int main(int argc, char** argv) {
  const unsigned long rounds = argument(argc, argv, "--rounds", 50);
  const unsigned long threads = argument(argc, argv, "--threads", 6);
  const unsigned long seed = argument(argc, argv, "--seed", 1);
  const unsigned long round_seed = argument(argc, argv, "--round", 0);
  if (threads < 1 || threads > THREADS_MAX) {
    fprintf(stderr, "stress-exit: --threads takes 1 to %d\n", THREADS_MAX);
    return 2;
  }
  if (round_seed != 0) { run_round(threads, round_seed); }
  for (unsigned long i = 0; i < rounds; i++) { check_round(i, threads, seed * 1000 + i); }
  printf("%lu rounds of exit() beside %lu allocating threads: all ended with 0\n", rounds, threads);
  return 0;
}
