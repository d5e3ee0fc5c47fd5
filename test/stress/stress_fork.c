/* stress_fork.c - fork from a threaded process at random moments.

     stress-fork [--forks 300] [--threads 4] [--seed 1]

   While `threads` workers allocate, free, hand blocks over, make large blocks and many short
   threads, two of the process's threads fork: the main thread, and one of the workers' kind. The
   child checks and frees blocks it inherited (its own thread's and others'), allocates of every
   size, collects, starts a thread of its own (not under ASan and TSan, where that uses their
   malloc), and leaves by exit() or _exit(). A child that does not end within ten seconds is a
   deadlock: an alarm kills it and the test says at which fork. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>

#include "stress.h"

enum { THREADS_MAX = 32, SHARED_COUNT = 128, OWN_COUNT = 64, CHILD_SECONDS = 10 };

static _Atomic(block_t*) shared[SHARED_COUNT];
static atomic_bool is_over;
static atomic_ulong thread_ends;

static void shared_delete(block_t* block) {
  if (block == NULL) { return; }
  block_delete(block);
  mi_free(block);
}

static void share(block_t* own, random_t* random) {
  block_t* message = mi_malloc(sizeof(block_t));
  if (message == NULL) { STRESS_FAIL("no memory"); }
  *message = *own;
  own->p = NULL;
  shared_delete(atomic_exchange(&shared[random_below(random, SHARED_COUNT)], message));
}

static void work_some(block_t* blocks, random_t* random, size_t steps) {
  for (size_t i = 0; i < steps; i++) {
    block_t* own = &blocks[random_below(random, OWN_COUNT)];
    block_delete(own);
    *own = block_new(random, random_size(random, 5000));
    if (random_one_in(random, 4)) { share(own, random); }
    if (random_one_in(random, 500)) { mi_collect(random_one_in(random, 2)); }
  }
}

static void delete_all(block_t* blocks) {
  for (size_t i = 0; i < OWN_COUNT; i++) { block_delete(&blocks[i]); }
}

/* A short life, so that forks also meet threads that start and end. */
static void* short_main(void* arg) {
  random_t random = random_start((uint64_t)(uintptr_t)arg);
  block_t blocks[OWN_COUNT] = {{0}};
  work_some(blocks, &random, 50);
  delete_all(blocks);
  return NULL;
}

static void run_short_thread(random_t* random) {
  pthread_t thread;
  void* seed = (void*)(uintptr_t)random_next(random);
  if (pthread_create(&thread, NULL, short_main, seed) != 0) { return; } /* limits: not our test */
  pthread_join(thread, NULL);
  atomic_fetch_add(&thread_ends, 1);
}

static void* worker_main(void* arg) {
  random_t random = random_start((uint64_t)(uintptr_t)arg);
  block_t blocks[OWN_COUNT] = {{0}};
  while (!atomic_load(&is_over)) {
    work_some(blocks, &random, 200);
    run_short_thread(&random);
  }
  delete_all(blocks);
  return NULL;
}

/* In the child only the forking thread exists; blocks of all threads are still there. */
static void child_main(block_t* inherited, uint64_t seed) {
  alarm(CHILD_SECONDS);
  random_t random = random_start(seed);
  delete_all(inherited);
  for (size_t i = 0; i < SHARED_COUNT; i++) { shared_delete(atomic_exchange(&shared[i], NULL)); }
  work_some(inherited, &random, 100);
  mi_collect(random_one_in(&random, 2));
  if (!STRESS_HAS_FOREIGN_MALLOC) { run_short_thread(&random); }
  delete_all(inherited);
  if (random_one_in(&random, 2)) { exit(0); }
  _exit(0);
}

static void fork_once(block_t* blocks, random_t* random, unsigned long index) {
  const uint64_t seed = random_next(random);
  const pid_t child = fork();
  if (child == 0) { child_main(blocks, seed); }
  if (child < 0) { STRESS_FAIL("fork %lu: %s", index, strerror(errno)); }
  int status = 0;
  while (waitpid(child, &status, 0) != child) {} /* only a signal interrupts it */
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
    STRESS_FAIL("fork %lu: the child hangs", index);
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    STRESS_FAIL("fork %lu: the child ended with status 0x%x", index, (unsigned)status);
  }
}

typedef struct forker {
  unsigned long forks;
  uint64_t seed;
} forker_t;

static void* forker_main(void* arg) {
  const forker_t* forker = arg;
  random_t random = random_start(forker->seed);
  block_t blocks[OWN_COUNT] = {{0}};
  for (unsigned long i = 0; i < forker->forks; i++) {
    work_some(blocks, &random, random_below(&random, 60));
    fork_once(blocks, &random, i);
  }
  delete_all(blocks);
  return NULL;
}

int main(int argc, char** argv) {
  const unsigned long forks = argument(argc, argv, "--forks", 300);
  const unsigned long threads = argument(argc, argv, "--threads", 4);
  const unsigned long seed = argument(argc, argv, "--seed", 1);
  if (threads < 1 || threads > THREADS_MAX) {
    fprintf(stderr, "stress-fork: --threads takes 1 to %d\n", THREADS_MAX);
    return 2;
  }
  const double start = seconds_now();
  pthread_t workers[THREADS_MAX], second;
  for (unsigned long i = 0; i < threads; i++) {
    if (pthread_create(&workers[i], NULL, worker_main, (void*)(uintptr_t)(seed * 100 + i)) != 0) {
      STRESS_FAIL("cannot create a thread");
    }
  }
  forker_t in_second = {forks / 2, seed * 3 + 1}, in_main = {forks - forks / 2, seed * 3 + 2};
  if (pthread_create(&second, NULL, forker_main, &in_second) != 0) {
    STRESS_FAIL("cannot create a thread");
  }
  forker_main(&in_main);
  pthread_join(second, NULL);
  atomic_store(&is_over, true);
  for (unsigned long i = 0; i < threads; i++) { pthread_join(workers[i], NULL); }
  printf("%lu forks beside %lu threads, of which %lu short ones ended: no child hung, %.1f s\n",
         forks, threads, atomic_load(&thread_ends), seconds_now() - start);
  return 0;
}
