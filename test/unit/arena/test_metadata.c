/* test_metadata.c - our own structures: zero, apart, reused for their own size only. */
/* links: sim */
#include "arena/metadata.h"

#include <pthread.h>

#include "base/bits.h"
#include "os/os.h"
#include "test/sim/prim_sim.h"
#include "test/unit/unit.h"

static void start(void) {
  mim_metadata_destroy();
  sim_start(&sim_windows);
  mim_os_init();
  mim_os_counters = (mim_os_counters_t){0};
}

TEST(metadata_is_zero_aligned_and_does_not_overlap) {
  start();
  static uint8_t* p[500];
  for (size_t i = 0; i < 500; i++) {
    const size_t size = 1 + i * 13 % 3000;
    p[i] = mim_metadata_new(size);
    CHECK(p[i] != NULL && mim_is_aligned(p[i], MIM_CACHE_LINE));
    CHECK(is_filled(p[i], 0, size));
    memset(p[i], (int)(i % 255 + 1), size);
  }
  for (size_t i = 0; i < 500; i++) {
    CHECK(is_filled(p[i], (unsigned char)(i % 255 + 1), 1 + i * 13 % 3000));
  }
  CHECK_EQ(mim_os_counters.committed.current, sim_committed());
}

TEST(metadata_that_was_freed_serves_the_same_size_zeroed) {
  start();
  uint8_t* const a = mim_metadata_new(200);
  uint8_t* const b = mim_metadata_new(1000);
  memset(a, 1, 200);
  memset(b, 2, 1000);
  mim_metadata_free(a, 200);
  mim_metadata_free(b, 1000);
  uint8_t* const c = mim_metadata_new(960 + 1);
  CHECK(c == b && is_filled(c, 0, 1000));
  CHECK(mim_metadata_new(500) != a);
  uint8_t* const d = mim_metadata_new(256);
  CHECK(d == a && is_filled(d, 0, 256));
}

TEST(metadata_that_cannot_be_had_is_null_and_leaves_nothing) {
  for (long n = 1; n <= 2; n++) {
    start();
    sim_fail(SIM_ANY, n, 0);
    CHECK(mim_metadata_new(64) == NULL);
    CHECK_EQ(sim_reserved(), 0);
    CHECK_EQ(mim_os_counters.reserved.current, 0);
    CHECK_EQ(mim_os_counters.committed.current, 0);
    CHECK(mim_metadata_new(64) != NULL);
  }
}

TEST(metadata_destroy_gives_everything_back) {
  start();
  for (int i = 0; i < 2000; i++) { CHECK(mim_metadata_new(1000) != NULL); }
  CHECK(sim_calls(SIM_RESERVE) > 3);
  mim_metadata_destroy();
  CHECK_EQ(sim_reserved(), 0);
  CHECK_EQ(mim_os_counters.reserved.current, 0);
  CHECK_EQ(mim_os_counters.committed.current, 0);
  CHECK(mim_metadata_new(64) != NULL);
}

enum { THREADS = 3 };

static void* churn(void* arg) {
  const unsigned char tag = (unsigned char)(uintptr_t)arg;
  for (int i = 0; i < 1000; i++) {
    uint8_t* const p = mim_metadata_new(300);
    CHECK(p != NULL && is_filled(p, 0, 300));
    memset(p, tag, 300);
    CHECK(is_filled(p, tag, 300));
    mim_metadata_free(p, 300);
  }
  return NULL;
}

TEST(metadata_serves_threads_apart) {
  start();
  pthread_t threads[THREADS];
  for (uintptr_t t = 0; t < THREADS; t++) {
    CHECK_EQ(pthread_create(&threads[t], NULL, churn, (void*)(t + 1)), 0);
  }
  for (int t = 0; t < THREADS; t++) { pthread_join(threads[t], NULL); }
}

TEST_MAIN()
