/* micro.c - runs the micro benchmarks and prints nanoseconds an operation.

   usage: bench-micro [--seconds S] [PATH...]   times each path (all without a name)
          bench-micro --count N PATH            runs a fixed count, prints nothing: for callgrind
          bench-micro --list

   A timed path runs in steps until S seconds are over; the best of the steps counts, because
   everything that disturbs a step makes it slower. Output: "PATH UNIT NANOSECONDS" lines. */
#include "micro.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS_MIN = 5 };

static const micro_path_t* path_find(const char* name) {
  for (size_t i = 0; i < micro_path_count; i++) {
    if (strcmp(micro_paths[i].name, name) == 0) { return &micro_paths[i]; }
  }
  fprintf(stderr, "bench-micro: there is no path '%s': see bench-micro --list\n", name);
  exit(2);
}

static double number_argument(const char* text) {
  char* end = NULL;
  const double value = strtod(text == NULL ? "" : text, &end);
  if (value > 0 && *end == 0) { return value; }
  fprintf(stderr, "bench-micro: bad number '%s': expected one above 0\n", text ? text : "");
  exit(2);
}

/* How many operations fit a fifth of the time, so that there are several steps to choose from. */
static size_t step_count_of(const micro_path_t* path, double seconds) {
  size_t count = path->warm_up_count;
  for (;;) {
    const double start = bench_now_seconds();
    path->run(path->size, count);
    if (bench_now_seconds() - start >= seconds / 10 || count > (size_t)1 << 40) { return count; }
    count *= 2;
  }
}

static void path_time(const micro_path_t* path, double seconds) {
  const size_t count = step_count_of(path, seconds);
  const double end = bench_now_seconds() + seconds;
  double best = 1e9;
  for (int step = 0; step < STEPS_MIN || bench_now_seconds() < end; step++) {
    const double start = bench_now_seconds();
    path->run(path->size, count);
    const double each = (bench_now_seconds() - start) / (double)count;
    if (each < best) { best = each; }
  }
  printf("%s %s %.2f\n", path->name, path->unit, best * 1e9);
  fflush(stdout);
}

int main(int argc, char** argv) {
  double seconds = 0.2;
  int next = 1;
  if (argc > 1 && strcmp(argv[1], "--list") == 0) {
    for (size_t i = 0; i < micro_path_count; i++) { puts(micro_paths[i].name); }
    return 0;
  }
  if (argc > 1 && strcmp(argv[1], "--count") == 0) {
    const size_t count = (size_t)number_argument(argc > 2 ? argv[2] : NULL);
    const micro_path_t* const path = path_find(argc > 3 ? argv[3] : "");
    path->run(path->size, count);
    return 0;
  }
  if (argc > 1 && strcmp(argv[1], "--seconds") == 0) {
    seconds = number_argument(argc > 2 ? argv[2] : NULL);
    next = 3;
  }
  if (next >= argc) {
    for (size_t i = 0; i < micro_path_count; i++) { path_time(&micro_paths[i], seconds); }
  }
  for (; next < argc; next++) { path_time(path_find(argv[next]), seconds); }
  return 0;
}
