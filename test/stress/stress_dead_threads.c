/* stress_dead_threads.c - 32 threads die with 8 MiB live each, then one other thread frees it all.

     stress-dead-threads [--threads 32] [--live-mib 8] [--peak-percent 105] [--left-mib 10]

   Sizes are powers of two, so that the figures show what the allocator adds and not rounding.
   Checked: the peak of resident memory against what is live; all contents; and that one second
   after the last free the process is back within --left-mib of its start. Purging is delayed, and
   by default some thread has to come by: so after the idle second the main thread makes a bounded
   number of small allocations, as any living program does, and then the figure is taken. Printed
   besides: right after the free, after the idle second alone, and after mi_collect(true). */
#include <pthread.h>

#include "stress.h"

enum { THREADS_MAX = 64, PASSING_ALLOCATIONS = 20000 };

/* The blocks of a thread form a list through their first word, so that no table is counted. */
typedef struct node {
  struct node* next;
  size_t size;
} node_t;

typedef struct task {
  pthread_t thread;
  size_t live_size;
  uint64_t seed;
  node_t* first;
} task_t;

static void* allocate_main(void* arg) {
  static const size_t sizes[] = {32, 64, 128, 256, 512, 1024, 4096};
  task_t* task = arg;
  random_t random = random_start(task->seed);
  for (size_t sum = 0; sum < task->live_size;) {
    const size_t size = sizes[random_below(&random, sizeof(sizes) / sizeof(sizes[0]))];
    node_t* node = mi_malloc(size);
    if (node == NULL) { STRESS_FAIL("no memory for %zu bytes", size); }
    memset(node, 0x5a, size);
    *node = (node_t){task->first, size};
    task->first = node;
    sum += size;
  }
  return NULL;
}

static void node_check(const node_t* node) {
  const uint8_t* bytes = (const uint8_t*)node;
  for (size_t i = sizeof(node_t); i < node->size; i++) {
    if (bytes[i] != 0x5a) { STRESS_FAIL("block %p lost its contents", (const void*)node); }
  }
}

static void* free_main(void* arg) {
  task_t* tasks = arg;
  for (task_t* task = tasks; task->first != NULL; task++) {
    for (node_t *node = task->first, *next; node != NULL; node = next) {
      node_check(node);
      next = node->next;
      mi_free(node);
    }
  }
  return NULL;
}

static void run_tasks(task_t* tasks, unsigned long threads, size_t live_size) {
  for (unsigned long i = 0; i < threads; i++) {
    tasks[i] = (task_t){.live_size = live_size, .seed = i + 1};
    if (pthread_create(&tasks[i].thread, NULL, allocate_main, &tasks[i]) != 0) {
      STRESS_FAIL("cannot create thread %lu", i);
    }
  }
  for (unsigned long i = 0; i < threads; i++) { pthread_join(tasks[i].thread, NULL); }
}

static void run_free_thread(task_t* tasks) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, free_main, tasks) != 0) { STRESS_FAIL("no thread"); }
  pthread_join(thread, NULL);
}

static void pass_by(void) {
  random_t random = random_start(99);
  for (int i = 0; i < PASSING_ALLOCATIONS; i++) {
    void* p = mi_malloc(1 + random_below(&random, 4096));
    if (p == NULL) { STRESS_FAIL("no memory"); }
    mi_free(p);
  }
}

int main(int argc, char** argv) {
  const unsigned long threads = argument(argc, argv, "--threads", 32);
  const size_t live_size = argument(argc, argv, "--live-mib", 8) * MIB;
  const long peak_percent = (long)argument(argc, argv, "--peak-percent", 105);
  const long left_mib = (long)argument(argc, argv, "--left-mib", 10);
  static task_t tasks[THREADS_MAX + 1]; /* one more: its list is empty, which ends the row */
  if (threads < 1 || threads > THREADS_MAX) {
    fprintf(stderr, "stress-dead-threads: --threads takes 1 to %d\n", THREADS_MAX);
    return 2;
  }
  mi_free(mi_malloc(1));
  const long rss_start = proc_rss_kib();
  run_tasks(tasks, threads, live_size);
  const long live_kib = (long)(threads * live_size / 1024);
  run_free_thread(tasks);
  const long peak_kib = proc_status_kib("VmHWM:") - rss_start;
  const long freed_kib = proc_rss_kib() - rss_start;
  sleep_ms(1000);
  const long idle_kib = proc_rss_kib() - rss_start;
  pass_by();
  const long passed_kib = proc_rss_kib() - rss_start;
  mi_collect(true);
  const long collected_kib = proc_rss_kib() - rss_start;
  printf("live %ld KiB, peak %ld KiB (%.1f %%); left: %ld KiB when freed, %ld one idle second "
         "later, %ld after %d small allocations, %ld after a forced collect\n",
         live_kib, peak_kib, 100.0 * (double)peak_kib / (double)live_kib, freed_kib, idle_kib,
         passed_kib, PASSING_ALLOCATIONS, collected_kib);
  if (peak_kib * 100 > live_kib * peak_percent) {
    STRESS_FAIL("the peak is more than %ld %% of what was live", peak_percent);
  }
  if (passed_kib > left_mib * 1024) {
    STRESS_FAIL("%ld KiB are left, more than %ld MiB", passed_kib, left_mib);
  }
  return 0;
}
