/* fuzz_threads.c - worker threads that each do one call at a time.

   `wanted` hands a call to the worker and `finished` hands the result back: between the two only
   the worker runs, so the model needs no locks. */
#include "fuzz_threads.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz_stream.h"

/* WASI has neither threads nor semaphores: there one thread makes all calls. */
#if defined(__wasi__)
#define FUZZ_HAS_THREADS 0
#define sem_init(semaphore, shared, value) ((void)(semaphore), ENOSYS)
#define sem_wait(semaphore) ((void)(semaphore), 0)
#define sem_post(semaphore) ((void)(semaphore))
#define sem_destroy(semaphore) ((void)(semaphore))
#else
#define FUZZ_HAS_THREADS 1
#endif

typedef struct worker {
  pthread_t thread;
  bool is_running;
  sem_t wanted;
  sem_t finished;
  void (*fun)(void* arg); /* NULL: end */
  void* arg;
} worker_t;

static worker_t workers[FUZZ_THREAD_COUNT];

static void wait_for(sem_t* semaphore) {
  while (sem_wait(semaphore) != 0) {} /* only a signal interrupts it */
}

static void* worker_main(void* arg) {
  worker_t* worker = arg;
  for (;;) {
    wait_for(&worker->wanted);
    if (worker->fun == NULL) { return NULL; }
    worker->fun(worker->arg);
    sem_post(&worker->finished);
  }
}

static void worker_start(worker_t* worker) {
  if (sem_init(&worker->wanted, 0, 0) != 0 || sem_init(&worker->finished, 0, 0) != 0 ||
      pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
    perror("fuzz: cannot start a thread");
    exit(2);
  }
  worker->is_running = true;
}

void fuzz_threads_run(unsigned thread, void (*fun)(void* arg), void* arg) {
  if (thread == 0 || !FUZZ_HAS_THREADS) {
    fun(arg);
    return;
  }
  worker_t* worker = &workers[thread];
  if (!worker->is_running) { worker_start(worker); }
  worker->fun = fun;
  worker->arg = arg;
  sem_post(&worker->wanted);
  wait_for(&worker->finished);
}

void fuzz_threads_end(unsigned thread) {
  worker_t* worker = &workers[thread];
  if (!worker->is_running) { return; }
  worker->fun = NULL;
  sem_post(&worker->wanted);
  pthread_join(worker->thread, NULL);
  sem_destroy(&worker->wanted);
  sem_destroy(&worker->finished);
  worker->is_running = false;
}

void fuzz_threads_end_all(void) {
  for (unsigned i = 1; i < FUZZ_THREAD_COUNT; i++) { fuzz_threads_end(i); }
}
