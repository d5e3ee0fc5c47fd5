/* stress_mixed.c - threads that come and go, hand blocks over, and collect at random moments.

     stress-mixed [--threads 4] [--rounds 20] [--ops 20000] [--seconds 0] [--seed 1] [--huge 20000]
                  [--collect 400]

   A round creates the threads and joins them; each thread starts with no blocks, puts some into
   the shared slots, takes what others left there, and frees its rest before it ends (or leaves it
   in the slots: then others free blocks whose thread is gone). One in --collect operations is a
   mi_collect, forced or not by chance, in whichever thread it happens to be: an assertion that
   holds only for one of the two, or only in the main thread, fails here.

   Every block carries a pattern that is checked when it is freed or resized. With --seconds the
   rounds go on until the time is up. The seed fixes what each thread does, not how they meet. */
#include <pthread.h>
#include <stdatomic.h>

#include "stress.h"

enum { THREADS_MAX = 64, SHARED_COUNT = 512, OWN_COUNT = 256 };

typedef struct settings {
  unsigned long threads, rounds, ops, seconds, seed, huge, collect;
} settings_t;

typedef struct task {
  pthread_t thread;
  const settings_t* settings;
  uint64_t seed;
  unsigned long collects[2]; /* unforced, forced */
  unsigned long exchanges;
} task_t;

/* A block on its way between threads; its own memory is from the allocator as well. */
static _Atomic(block_t*) shared[SHARED_COUNT];

static void shared_delete(block_t* block) {
  if (block == NULL) { return; }
  block_delete(block);
  mi_free(block);
}

/* Puts an own block into a shared slot and frees what was in there. */
static void give_away(task_t* task, block_t* own, random_t* random) {
  block_t* message = mi_malloc(sizeof(block_t));
  if (message == NULL) { STRESS_FAIL("no memory for %zu bytes", sizeof(block_t)); }
  *message = *own;
  own->p = NULL;
  const size_t slot = random_below(random, SHARED_COUNT);
  shared_delete(atomic_exchange_explicit(&shared[slot], message, memory_order_acq_rel));
  task->exchanges++;
}

/* Takes over a block of another thread, to use and resize it here. */
static void take_over(block_t* own, random_t* random) {
  const size_t slot = random_below(random, SHARED_COUNT);
  block_t* message = atomic_exchange_explicit(&shared[slot], NULL, memory_order_acq_rel);
  if (message == NULL) { return; }
  block_delete(own);
  *own = *message;
  mi_free(message);
}

static void collect(task_t* task, random_t* random) {
  const bool is_forced = random_one_in(random, 2);
  mi_collect(is_forced);
  task->collects[is_forced]++;
}

static void step(task_t* task, block_t* blocks, random_t* random) {
  block_t* own = &blocks[random_below(random, OWN_COUNT)];
  if (random_one_in(random, task->settings->collect)) { collect(task, random); }
  switch (random_below(random, 8)) {
    case 0: take_over(own, random); break;
    case 1:
      if (own->p != NULL) { give_away(task, own, random); }
      break;
    case 2:
      if (own->p != NULL) { block_resize(own, random, random_size(random, 0)); }
      break;
    case 3: block_delete(own); break;
    default:
      block_delete(own);
      *own = block_new(random, random_size(random, task->settings->huge));
      break;
  }
}

static void* task_main(void* arg) {
  task_t* task = arg;
  random_t random = random_start(task->seed);
  block_t blocks[OWN_COUNT] = {{0}};
  for (unsigned long i = 0; i < task->settings->ops; i++) { step(task, blocks, &random); }
  for (size_t i = 0; i < OWN_COUNT; i++) {
    if (blocks[i].p != NULL && random_one_in(&random, 2)) {
      give_away(task, &blocks[i], &random);
    } else {
      block_delete(&blocks[i]);
    }
  }
  return NULL;
}

static void run_round(const settings_t* settings, unsigned long round, task_t* totals) {
  task_t tasks[THREADS_MAX] = {{0}};
  for (unsigned long i = 0; i < settings->threads; i++) {
    tasks[i].settings = settings;
    tasks[i].seed = settings->seed + (round * THREADS_MAX + i) * 7919;
    if (pthread_create(&tasks[i].thread, NULL, task_main, &tasks[i]) != 0) {
      STRESS_FAIL("cannot create a thread");
    }
  }
  for (unsigned long i = 0; i < settings->threads; i++) {
    pthread_join(tasks[i].thread, NULL);
    totals->collects[0] += tasks[i].collects[0];
    totals->collects[1] += tasks[i].collects[1];
    totals->exchanges += tasks[i].exchanges;
  }
}

/* Even rounds leave the shared blocks to the next threads: their owners are gone by then. */
static void empty_shared(void) {
  for (size_t i = 0; i < SHARED_COUNT; i++) {
    shared_delete(atomic_exchange_explicit(&shared[i], NULL, memory_order_acq_rel));
  }
}

int main(int argc, char** argv) {
  const settings_t settings = {
    .threads = argument(argc, argv, "--threads", 4),
    .rounds = argument(argc, argv, "--rounds", 20),
    .ops = argument(argc, argv, "--ops", 20000),
    .seconds = argument(argc, argv, "--seconds", 0),
    .seed = argument(argc, argv, "--seed", 1),
    .huge = argument(argc, argv, "--huge", 20000),
    .collect = argument(argc, argv, "--collect", 400),
  };
  if (settings.threads < 1 || settings.threads > THREADS_MAX || settings.collect == 0) {
    fprintf(stderr, "stress-mixed: --threads takes 1 to %d, --collect 1 or more\n", THREADS_MAX);
    return 2;
  }
  task_t totals = {0};
  const double start = seconds_now();
  unsigned long round = 0;
  while (settings.seconds > 0 ? seconds_now() - start < (double)settings.seconds
                              : round < settings.rounds) {
    run_round(&settings, round, &totals);
    if (round % 2 == 1) { empty_shared(); }
    round++;
  }
  empty_shared();
  mi_collect(true);
  printf("%lu rounds of %lu threads, seed %lu: %lu exchanges, %lu unforced and %lu forced "
         "collects, %.1f s\n",
         round, settings.threads, settings.seed, totals.exchanges, totals.collects[0],
         totals.collects[1], seconds_now() - start);
  return totals.collects[0] > 0 && totals.collects[1] > 0 && totals.exchanges > 0 ? 0 : 1;
}
