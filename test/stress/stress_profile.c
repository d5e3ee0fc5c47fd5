/* stress_profile.c - profilers come and go while threads allocate, resize, and free each other's.

     stress-profile [--threads 4] [--rounds 60] [--rate 500]

   Each round makes a profiler, attaches, starts, stops, detaches and deletes it, and takes a
   snapshot in between; the threads never stop. Checked are the contents of all blocks, and that
   each snapshot is written; the rest is for assertions and sanitizers to find. */
#include <pthread.h>
#include <stdatomic.h>

#include "mimalloc-profile.h"
#include "stress.h"
#include "test/emulated.h"

enum { THREADS_MAX = 64, SLOTS = 256 };

static _Atomic(bool) is_over;
static pthread_mutex_t slot_locks[SLOTS];
static block_t slots[SLOTS];

static void work_on(random_t* random, block_t* block) {
  if (block->p == NULL) {
    *block = block_new(random, random_size(random, 200));
  } else if (random_one_in(random, 3)) {
    block_resize(block, random, random_size(random, 200));
  } else {
    block_delete(block);
  }
}

static void* thread_main(void* arg) {
  random_t random = random_start((uint64_t)(uintptr_t)arg);
  while (!atomic_load(&is_over)) {
    const size_t slot = random_below(&random, SLOTS);
    pthread_mutex_lock(&slot_locks[slot]);
    work_on(&random, &slots[slot]);
    pthread_mutex_unlock(&slot_locks[slot]);
  }
  return NULL;
}

static void run_profiler(const char* name, size_t rate) {
  mi_profiler_t* const profiler = mi_pprof_profiler_new(rate, name, 1000000, 0, 0);
  if (profiler == NULL) { STRESS_FAIL("no profiler"); }
  if (!mi_profile(profiler) || !mi_profiler_start(profiler)) { STRESS_FAIL("it does not start"); }
  sleep_ms(3);
  if (!mi_profiler_snapshot(profiler)) { STRESS_FAIL("no snapshot"); }
  mi_profiler_stop(profiler);
  mi_profile(NULL);
  mi_pprof_profiler_delete(profiler);
}

int main(int argc, char** argv) {
  if (!TEST_HAS_UNWINDER) {
    puts("SKIPPED: " TEST_NO_UNWINDER);
    return 77;
  }
  const unsigned long threads = argument(argc, argv, "--threads", 4);
  const unsigned long rounds = argument(argc, argv, "--rounds", 60);
  const unsigned long rate = argument(argc, argv, "--rate", 500);
  pthread_t ids[THREADS_MAX];
  char folder[] = "/tmp/mim_stress_profile_XXXXXX", name[64], command[64];
  if (threads < 1 || threads > THREADS_MAX || mkdtemp(folder) == NULL) {
    fprintf(stderr, "stress-profile: --threads takes 1 to %d, and /tmp a folder\n", THREADS_MAX);
    return 2;
  }
  snprintf(name, sizeof(name), "%s/p", folder);
  for (size_t i = 0; i < SLOTS; i++) { pthread_mutex_init(&slot_locks[i], NULL); }
  for (unsigned long i = 0; i < threads; i++) {
    if (pthread_create(&ids[i], NULL, thread_main, (void*)(uintptr_t)(i + 1)) != 0) {
      STRESS_FAIL("cannot create thread %lu", i);
    }
  }
  for (unsigned long i = 0; i < rounds; i++) { run_profiler(name, rate); }
  atomic_store(&is_over, true);
  for (unsigned long i = 0; i < threads; i++) { pthread_join(ids[i], NULL); }
  for (size_t i = 0; i < SLOTS; i++) {
    if (slots[i].p != NULL) { block_delete(&slots[i]); }
  }
  snprintf(command, sizeof(command), "rm -r %s", folder);
  if (system(command) != 0) { STRESS_FAIL("cannot remove %s", folder); }
  printf("%lu profilers came and went beside %lu threads\n", rounds, threads);
  return 0;
}
