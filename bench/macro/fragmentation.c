/* fragmentation.c - a server's day compressed to seconds. The program lives through phases; each
   phase has its own range of sizes and brings its share of live data up to the same number of
   bytes, and at its end most, not all, blocks die: one in twenty stays into the next phases, at
   random places. The memory of the old sizes must become memory of the new sizes. Reports

     live_kib       bytes that the program really uses at the end
     final_rss_kib  resident memory at the end
     settled_rss_kib  the same after half a second of light work, when delayed purging had time

   The quotient of the last two by the first is the fragmentation. */
#include "../common/bench.h"

#include <time.h>

enum { PHASES = 48, SLOTS = 400000, KEEP_PERIOD = 20, PHASE_KIB = 48 * 1024, CHURN = 60000 };

typedef struct size_range {
  uint32_t low, high;
} size_range_t;

/* Neighbouring phases share no size class. */
static const size_range_t phase_sizes[] = {
  {16, 64}, {200, 600}, {80, 160}, {1500, 6000}, {32, 120}, {9000, 40000}, {24, 48}, {700, 1400},
};

typedef struct server {
  bench_block_t* slots;
  size_t slot_count, live_bytes;
  bench_random_t random;
  uint32_t next_tag;
} server_t;

static void slot_free(server_t* server, bench_block_t* slot) {
  if (slot->p == NULL) { return; }
  server->live_bytes -= slot->size;
  bench_block_free(slot);
}

static void slot_fill(server_t* server, bench_block_t* slot, size_range_t sizes) {
  slot_free(server, slot);
  const uint32_t size = bench_random_between(&server->random, sizes.low, sizes.high);
  *slot = bench_block_new(size, server->next_tag++);
  memset(slot->p + 4, 1, size - BENCH_STAMP_SIZE);
  server->live_bytes += size;
}

static bench_block_t* random_slot(server_t* server) {
  return &server->slots[bench_random_below(&server->random, (uint32_t)server->slot_count)];
}

/* Grows to the working size of a phase, then replaces blocks within it. */
static void phase_run(server_t* server, size_range_t sizes, size_t target_bytes) {
  for (size_t i = 0; i < server->slot_count && server->live_bytes < target_bytes; i++) {
    if (server->slots[i].p == NULL) { slot_fill(server, &server->slots[i], sizes); }
  }
  for (int i = 0; i < CHURN; i++) {
    bench_block_t* const slot = random_slot(server);
    if (slot->p != NULL && slot->size >= sizes.low && slot->size <= sizes.high) {
      slot_fill(server, slot, sizes);
    }
  }
}

/* The end of a phase: one block in twenty stays, which ones is random. */
static void phase_end(server_t* server) {
  for (size_t i = 0; i < server->slot_count; i++) {
    if (bench_random_below(&server->random, KEEP_PERIOD) != 0) {
      slot_free(server, &server->slots[i]);
    }
  }
}

/* Light work for half a second: an allocator that purges late gets its chance. */
static void settle(void) {
  const struct timespec pause = {0, 1000000};
  const double end = bench_now_seconds() + 0.5;
  while (bench_now_seconds() < end) {
    for (uint32_t i = 0; i < 64; i++) {
      bench_block_t block = bench_block_new(16 + (size_t)i * 16, i);
      bench_block_free(&block);
    }
    nanosleep(&pause, NULL);
  }
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  server_t server = {bench_table_new(SLOTS, sizeof(bench_block_t)), SLOTS, 0, bench_random_seed(1),
                     1};
  const size_t phase_count = bench_scaled(&options, PHASES);
  const size_t range_count = sizeof(phase_sizes) / sizeof(phase_sizes[0]);
  for (size_t phase = 0; phase < phase_count; phase++) {
    phase_run(&server, phase_sizes[phase % range_count], (size_t)PHASE_KIB * 1024);
    phase_end(&server);
  }
  bench_report("live_kib", server.live_bytes / 1024);
  bench_report("final_rss_kib", bench_rss_kib());
  settle();
  bench_report("settled_rss_kib", bench_rss_kib());
  for (size_t i = 0; i < server.slot_count; i++) { slot_free(&server, &server.slots[i]); }
  return server.live_bytes == 0 ? 0 : 1;
}
