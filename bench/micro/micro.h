/* micro.h - the table of micro benchmarks: one path of the allocator each. */
#ifndef MIM_BENCH_MICRO_H
#define MIM_BENCH_MICRO_H

#include "../common/bench.h"

/* Runs a path `count` times; one operation is what the path's `unit` says. */
typedef void (*micro_run_t)(size_t size, size_t count);

typedef struct micro_path {
  const char* name;
  const char* unit; /* "pair", "block", "realloc", "thread" */
  micro_run_t run;
  size_t size;          /* block size in bytes, 0 if the path has its own sizes */
  size_t warm_up_count; /* operations before the measurement, and the granularity of a step */
} micro_path_t;

extern const micro_path_t micro_paths[];
extern const size_t micro_path_count;

/* Two threads: one allocates, the other frees; and threads that start, allocate once and end. */
void micro_remote_pair(size_t size, size_t count);
void micro_thread(size_t size, size_t count);

#endif
