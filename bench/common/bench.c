/* bench.c - the shared part of the workloads (see bench.h): options, failure, threads, tables. */
#define _GNU_SOURCE
#include "bench.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

_Noreturn static void options_fail(const char* program, const char* argument) {
  fprintf(stderr,
          "%s: bad argument '%s': expected --scale F (0 < F <= 1000) or --threads N "
          "(1 to %d)\n",
          program, argument, BENCH_THREADS_MAX);
  exit(2);
}

bench_options_t bench_options(int argc, char** argv, int default_threads) {
  bench_options_t options = {1.0, default_threads};
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc) { options_fail(argv[0], argv[i]); }
    char* end = NULL;
    const double value = strtod(argv[i + 1], &end);
    if (end == argv[i + 1] || *end != 0) { options_fail(argv[0], argv[i + 1]); }
    if (strcmp(argv[i], "--scale") == 0 && value > 0 && value <= 1000) {
      options.scale = value;
    } else if (strcmp(argv[i], "--threads") == 0 && value >= 1 && value <= BENCH_THREADS_MAX) {
      options.thread_count = (int)value;
    } else {
      options_fail(argv[0], argv[i]);
    }
  }
  return options;
}

size_t bench_scaled(const bench_options_t* options, size_t count) {
  const double scaled = (double)count * options->scale;
  return scaled < 1 ? 1 : (size_t)scaled;
}

/* No stdio: this may be called with a broken heap. */
_Noreturn void bench_fail(const char* what) {
  static const char prefix[] = "bench: error: ";
  ssize_t ignored = write(STDERR_FILENO, prefix, sizeof(prefix) - 1);
  ignored += write(STDERR_FILENO, what, strlen(what));
  ignored += write(STDERR_FILENO, "\n", 1);
  (void)ignored;
  _exit(1);
}

double bench_now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

size_t bench_rss_kib(void) {
  char text[128];
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) { return 0; }
  const ssize_t length = read(fd, text, sizeof(text) - 1);
  close(fd);
  if (length <= 0) { return 0; }
  text[length] = 0;
  const char* second = strchr(text, ' ');
  if (second == NULL) { return 0; }
  return (size_t)strtoull(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

void bench_report(const char* key, size_t value) {
  char line[128];
  const int length = snprintf(line, sizeof(line), "%s=%zu\n", key, value);
  if (write(STDOUT_FILENO, line, (size_t)length) != length) { bench_fail("cannot write a report"); }
}

/* The start record of a thread: pthread wants void* (*)(void*), the workloads return nothing. */
typedef struct thread_start {
  bench_thread_fun_t fun;
  void* arg;
  int cpu; /* index among the CPUs that this process may use, or -1: where the parent runs */
} thread_start_t;

/* Left to itself, Linux keeps two short-lived threads on one CPU in some runs and spreads them in
   others: a factor of two that has nothing to do with the allocator. */
static cpu_set_t allowed_cpus;
static int allowed_cpu_count;

__attribute__((constructor)) static void allowed_cpus_read(void) {
  if (sched_getaffinity(0, sizeof(allowed_cpus), &allowed_cpus) != 0) { return; }
  allowed_cpu_count = CPU_COUNT(&allowed_cpus);
}

static void thread_pin(int index) {
  if (index < 0 || allowed_cpu_count == 0) { return; }
  int left = index % allowed_cpu_count;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed_cpus) || left-- > 0) { continue; }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    sched_setaffinity(0, sizeof(one), &one);
    return;
  }
}

static void* thread_main(void* arg) {
  const thread_start_t* const start = arg;
  thread_pin(start->cpu);
  start->fun(start->arg);
  return NULL;
}

/* The C library keeps the stacks of ended threads for the next ones, but only some dozen MiB of
   them: with the usual 8 MiB, short threads would mostly measure mmap, mprotect and munmap. */
enum { SHORT_STACK = 256 * 1024 };

static pthread_t thread_create(thread_start_t* start, bool is_short) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  if (is_short) { pthread_attr_setstacksize(&attributes, SHORT_STACK); }
  pthread_t thread;
  if (pthread_create(&thread, &attributes, thread_main, start) != 0) {
    bench_fail("cannot create a thread");
  }
  pthread_attr_destroy(&attributes);
  return thread;
}

static void thread_join(pthread_t thread) {
  if (pthread_join(thread, NULL) != 0) { bench_fail("cannot join a thread"); }
}

/* The start records live here until all threads have been joined: no block for them. */
static void run_threads(int count, bool is_short, bench_thread_fun_t fun, void* args,
                        size_t arg_size) {
  pthread_t threads[BENCH_THREADS_MAX];
  thread_start_t starts[BENCH_THREADS_MAX];
  for (int i = 0; i < count; i++) {
    void* const arg = (unsigned char*)args + (size_t)i * arg_size;
    starts[i] = (thread_start_t){fun, arg, is_short ? -1 : i};
    threads[i] = thread_create(&starts[i], is_short);
  }
  for (int i = 0; i < count; i++) { thread_join(threads[i]); }
}

void bench_run_threads(int count, bench_thread_fun_t fun, void* args, size_t arg_size) {
  run_threads(count, false, fun, args, arg_size);
}

void bench_run_short_threads(int count, bench_thread_fun_t fun, void* args, size_t arg_size) {
  run_threads(count, true, fun, args, arg_size);
}

bench_block_t bench_block_new(size_t size, uint32_t tag) {
  const bench_block_t block = {malloc(size), (uint32_t)size, tag};
  if (block.p == NULL) { bench_fail("malloc returned NULL"); }
  bench_stamp(block.p, size, tag);
  return block;
}

void bench_block_free(bench_block_t* block) {
  if (block->p == NULL) { return; }
  bench_verify(block->p, block->size, block->tag);
  free(block->p);
  block->p = NULL;
}

void* bench_table_new(size_t count, size_t size) {
  void* const table =
    mmap(NULL, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (table == MAP_FAILED) { bench_fail("cannot map a table"); }
  return table;
}

void bench_table_free(void* table, size_t count, size_t size) { munmap(table, count * size); }
