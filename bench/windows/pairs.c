/* pairs.c - what malloc and free cost where they make no system call: the same program for Linux
   and for Windows (POSIX threads there are MinGW's).

   usage: pairs SECONDS     prints "PATH NANOSECONDS" lines; SECONDS for each path

   A path runs in steps of about a hundredth of the time; the best step counts, since whatever
   disturbs one makes it slower. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 1000, STEPS = 100 };

static void* batch[BATCH];

/* The compiler may remove a pair that it sees through. */
static void* opaque(void* p) {
  __asm__ volatile("" : : "r"(p) : "memory");
  return p;
}

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- one thread ---- */

static void run_pairs(size_t size, size_t batches) {
  for (size_t i = 0; i < batches * BATCH; i++) { free(opaque(malloc(size))); }
}

static void run_random_pairs(size_t size, size_t batches) {
  uint32_t random = 1;
  for (size_t i = 0; i < batches * BATCH; i++) {
    random = random * 1664525 + 1013904223;
    free(opaque(malloc(1 + (random >> 8) % size)));
  }
}

static void fill(size_t size) {
  for (int i = 0; i < BATCH; i++) {
    batch[i] = malloc(size);
    *(unsigned char*)batch[i] = (unsigned char)i;
  }
}

static void drain(void) {
  for (int i = 0; i < BATCH; i++) {
    if (*(unsigned char*)batch[i] != (unsigned char)i) { abort(); }
    free(batch[i]);
  }
}

static void run_batches(size_t size, size_t batches) {
  for (size_t i = 0; i < batches; i++) {
    fill(size);
    drain();
  }
}

/* ---- two threads: one allocates a batch, the other frees it, in turns ---- */

static _Atomic(size_t) filled, drained; /* batches */
static size_t remote_size, remote_batches;

static void wait_for(_Atomic(size_t)* count, size_t value) {
  while (atomic_load_explicit(count, memory_order_acquire) != value) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }
}

static void* remote_allocate(void* arg) {
  for (size_t i = 0; i < remote_batches; i++) {
    wait_for(&drained, i);
    fill(remote_size);
    atomic_store_explicit(&filled, i + 1, memory_order_release);
  }
  return arg;
}

static void run_remote(size_t size, size_t batches) {
  pthread_t thread;
  remote_size = size;
  remote_batches = batches;
  atomic_store(&filled, 0);
  atomic_store(&drained, 0);
  if (pthread_create(&thread, NULL, &remote_allocate, NULL) != 0) { abort(); }
  for (size_t i = 0; i < batches; i++) {
    wait_for(&filled, i + 1);
    drain();
    atomic_store_explicit(&drained, i + 1, memory_order_release);
  }
  pthread_join(thread, NULL);
}

/* ---- timing ---- */

typedef struct path {
  const char* name;
  void (*run)(size_t size, size_t batches);
  size_t size;
  size_t batches_min; /* with which a thread is no great part of a step */
} path_t;

static const path_t paths[] = {
  {"pair-16", run_pairs, 16, 1},       {"pair-64", run_pairs, 64, 1},
  {"pair-256", run_pairs, 256, 1},     {"pair-1k", run_pairs, 1024, 1},
  {"pair-8k", run_pairs, 8192, 1},     {"random-1k", run_random_pairs, 1024, 1},
  {"batch-64", run_batches, 64, 1},    {"batch-1k", run_batches, 1024, 1},
  {"remote-64", run_remote, 64, 1000}, {"remote-1k", run_remote, 1024, 1000},
};

static double step_ns(const path_t* path, size_t batches) {
  const double start = now_seconds();
  path->run(path->size, batches);
  return (now_seconds() - start) * 1e9 / (double)(batches * BATCH);
}

static double best_ns(const path_t* path, double seconds) {
  const double first = step_ns(path, path->batches_min); /* makes its pages */
  const double wanted = seconds * 1e9 / STEPS / BATCH / first;
  const size_t batches = wanted > (double)path->batches_min ? (size_t)wanted : path->batches_min;
  const double end = now_seconds() + seconds;
  double best = first;
  do {
    const double ns = step_ns(path, batches);
    if (ns < best) { best = ns; }
  } while (now_seconds() < end);
  return best;
}

int main(int argc, char** argv) {
  const double seconds = argc == 2 ? strtod(argv[1], NULL) : 0;
  if (seconds <= 0) {
    fputs("usage: pairs SECONDS\n", stderr);
    return 2;
  }
  for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
    printf("%s %.3f\n", paths[i].name, best_ns(&paths[i], seconds));
    fflush(stdout);
  }
  return 0;
}
