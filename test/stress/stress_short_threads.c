/* stress_short_threads.c - very many threads that allocate a little and end.

     stress-short-threads [--threads 100000] [--together 4] [--left-mib 8]

   Each thread allocates some blocks, frees most, and leaves one to be freed by the main thread.
   Checked is what is resident when all are gone, against the start; the time is printed. */
#include <pthread.h>

#include "stress.h"

enum { TOGETHER_MAX = 64, BLOCKS = 16 };

static void* thread_main(void* arg) {
  random_t random = random_start((uint64_t)(uintptr_t)arg);
  block_t blocks[BLOCKS];
  for (size_t i = 0; i < BLOCKS; i++) {
    blocks[i] = block_new(&random, 1 + random_below(&random, 2000));
  }
  for (size_t i = 1; i < BLOCKS; i++) { block_delete(&blocks[i]); }
  block_t* left = mi_malloc(sizeof(block_t));
  if (left == NULL) { STRESS_FAIL("no memory"); }
  *left = blocks[0];
  return left;
}

static void run_together(unsigned long first, unsigned long count) {
  pthread_t threads[TOGETHER_MAX];
  for (unsigned long i = 0; i < count; i++) {
    if (pthread_create(&threads[i], NULL, thread_main, (void*)(uintptr_t)(first + i)) != 0) {
      STRESS_FAIL("cannot create thread %lu", first + i);
    }
  }
  for (unsigned long i = 0; i < count; i++) {
    void* result;
    pthread_join(threads[i], &result);
    block_delete(result);
    mi_free(result);
  }
}

int main(int argc, char** argv) {
  const unsigned long threads = argument(argc, argv, "--threads", 100000);
  const unsigned long together = argument(argc, argv, "--together", 4);
  const long left_mib = (long)argument(argc, argv, "--left-mib", 8);
  if (together < 1 || together > TOGETHER_MAX) {
    fprintf(stderr, "stress-short-threads: --together takes 1 to %d\n", TOGETHER_MAX);
    return 2;
  }
  mi_free(mi_malloc(1));
  const long rss_start = proc_rss_kib();
  const double start = seconds_now();
  for (unsigned long i = 0; i < threads; i += together) {
    run_together(i, together < threads - i ? together : threads - i);
  }
  const double seconds = seconds_now() - start;
  const long left_kib = proc_rss_kib() - rss_start;
  printf("%lu threads, %lu at a time: %.2f s, %ld KiB left\n", threads, together, seconds,
         left_kib);
  if (left_kib > left_mib * 1024) {
    STRESS_FAIL("%ld KiB are left, more than %ld MiB", left_kib, left_mib);
  }
  return 0;
}
