/* cache_sharing.c - cache-scratch and cache-thrash after Berger et al. (Hoard, ASPLOS 2000).
   A small object is written many times between its malloc and its free. If the allocator gives
   objects of one cache line to two threads, the writes fight for the line (false sharing).
   Built twice: as cache-thrash (each thread allocates its own objects: active false sharing) and
   as cache-scratch (the first object of each thread comes from the main thread's one cache line,
   and the thread frees it first: passive false sharing, when the allocator hands it out again). */
#include "../common/bench.h"

enum { OBJECT_SIZE = 8, LOOPS = 6000, WRITES = 20000 };

typedef struct worker {
  BENCH_APART bench_block_t gift;
  size_t loop_count;
  uint32_t tag;
} worker_t;

static void object_write(unsigned char* p) {
  for (int w = 0; w < WRITES; w++) {
    for (int i = 0; i < OBJECT_SIZE; i++) { ((volatile unsigned char*)p)[i]++; }
  }
}

static void worker_run(void* arg) {
  worker_t* const worker = arg;
  bench_block_free(&worker->gift);
  for (size_t i = 0; i < worker->loop_count; i++) {
    bench_block_t object = bench_block_new(OBJECT_SIZE, worker->tag);
    memset(object.p, 0, OBJECT_SIZE);
    object_write(object.p);
    const unsigned char expected = (unsigned char)WRITES;
    for (int b = 0; b < OBJECT_SIZE; b++) {
      if (object.p[b] != expected) { bench_fail("a block was written by another thread"); }
    }
    bench_stamp(object.p, OBJECT_SIZE, worker->tag);
    bench_block_free(&object);
  }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 2);
  worker_t workers[BENCH_THREADS_MAX];
  for (int i = 0; i < options.thread_count; i++) {
    const uint32_t tag = (uint32_t)i + 1;
    workers[i].gift = (bench_block_t){NULL, 0, 0};
    if (BENCH_SCRATCH) { workers[i].gift = bench_block_new(OBJECT_SIZE, tag); }
    workers[i].tag = tag;
    workers[i].loop_count = bench_scaled(&options, LOOPS);
  }
  bench_run_threads(options.thread_count, worker_run, workers, sizeof(worker_t));
  return 0;
}
