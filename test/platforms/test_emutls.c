/* test_emutls.c - prim/emutls gives each thread variables of its own. Compiled by clang with
 * -femulated-tls. */
#include <pthread.h>
#include <stdalign.h>
#include <stdint.h>

#include "test/test.h"

enum { THREADS = 4, ROUNDS = 500, LARGE = 200000 };

typedef struct aligned {
  alignas(64) char bytes[100];
} aligned_t;

static _Thread_local int counted = 42;
static _Thread_local aligned_t aligned;
static _Thread_local uint64_t zero;
static _Thread_local char large[LARGE];
static pthread_key_t early_key;
static _Atomic(int) late_checks;

static void check_and_change(int by) {
  CHECK_EQ(counted, 42);
  CHECK(zero == 0 && aligned.bytes[99] == 0 && large[LARGE - 1] == 0);
  CHECK((uintptr_t)&aligned % 64 == 0);
  counted += by;
  aligned.bytes[99] = large[LARGE - 1] = 1;
  zero = (uint64_t)by;
}

static void* change_all(void* arg) {
  const int by = (int)(intptr_t)arg;
  check_and_change(by);
  CHECK_EQ(pthread_setspecific(early_key, arg), 0);
  CHECK_EQ(counted, 42 + by);
  CHECK_EQ(zero, by);
  return NULL;
}

/* In each round of destructors the variables are still what they were. */
static void look_again(void* value) {
  CHECK_EQ(counted, 42 + (int)(intptr_t)value);
  late_checks++;
}

TEST(emulated_variables_belong_to_their_thread_until_it_has_ended) {
  CHECK_EQ(pthread_key_create(&early_key, look_again), 0);
  for (int round = 0; round < ROUNDS; round++) {
    pthread_t threads[THREADS];
    for (intptr_t t = 0; t < THREADS; t++) {
      CHECK_EQ(pthread_create(&threads[t], NULL, change_all, (void*)(t + 1)), 0);
    }
    for (int t = 0; t < THREADS; t++) { CHECK_EQ(pthread_join(threads[t], NULL), 0); }
  }
  CHECK_EQ(late_checks, THREADS * ROUNDS);
  check_and_change(7);
}

TEST_MAIN()
