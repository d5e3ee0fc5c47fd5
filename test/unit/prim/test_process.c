/* test_process.c - clock, environment, random bytes, standard error, resource use. */
/* needs: unix */
#include <errno.h>
#include <sched.h>
#include <time.h>

#include "prim/prim.h"
#include "test/unit/unit.h"

/* Each reading of one clock lies between two of the other, however long this thread has to wait. */
TEST(process_clocks_run_forward_at_the_same_pace) {
  enum { TICK_MS = 20 };
  const uint64_t ms_0 = mim_prim_clock_ms(), ns_0 = mim_prim_clock_ns();
  const uint64_t ms_1 = mim_prim_clock_ms();
  CHECK(ns_0 > 0); /* they may begin with the process */
  nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
  const uint64_t ms_2 = mim_prim_clock_ms(), ns_2 = mim_prim_clock_ns();
  const uint64_t ms_3 = mim_prim_clock_ms();
  const uint64_t passed_ms = (ns_2 - ns_0) / 1000000;
  CHECK(ns_2 - ns_0 >= 50000000);
  CHECK(passed_ms + TICK_MS >= ms_2 - ms_1 && passed_ms <= ms_3 - ms_0 + TICK_MS);
}

#if defined(__linux__)
TEST(process_cpu_is_the_one_that_runs) {
  cpu_set_t allowed, one;
  CHECK_EQ(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
  for (unsigned cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &allowed)) { continue; }
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    CHECK_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    errno = 33;
    CHECK_EQ(mim_prim_cpu(), cpu);
    CHECK_EQ(errno, 33);
  }
}
#endif

TEST(process_environment_is_what_the_program_sees) {
  CHECK_EQ(setenv("MIM_TEST_VARIABLE", "here", 1), 0);
  bool is_found = false;
  for (char** e = mim_prim_environment(); *e != NULL; e++) {
    is_found = is_found || strcmp(*e, "MIM_TEST_VARIABLE=here") == 0;
  }
  CHECK(is_found);
  CHECK(!mim_prim_is_secure_execution());
}

TEST(process_random_bytes_differ) {
  unsigned char a[32], b[32];
  errno = 77;
  CHECK(mim_prim_random(a, sizeof(a)) && mim_prim_random(b, sizeof(b)));
  CHECK(memcmp(a, b, sizeof(a)) != 0);
  CHECK_EQ(errno, 77);
}

static void write_message(void* arg) {
  CHECK_EQ(dup2(*(int*)arg, STDERR_FILENO), STDERR_FILENO);
  errno = 55;
  mim_prim_write_error("exactly this\nrest", 13);
  CHECK_EQ(errno, 55);
}

TEST(process_error_text_goes_to_standard_error_as_it_is) {
  int ends[2];
  char text[64] = "";
  if (!TEST_HAS_PROCESSES) { SKIP_PART(TEST_NO_PROCESSES); }
  CHECK_EQ(pipe(ends), 0);
  run_in_child(write_message, &ends[1]);
  close(ends[1]);
  CHECK_EQ(read(ends[0], text, sizeof(text) - 1), 13);
  close(ends[0]);
  CHECK_STR(text, "exactly this\n");
}

static void write_to_nobody(void* arg) {
  (void)arg;
  close(STDERR_FILENO);
  errno = 55;
  mim_prim_write_error("lost", 4);
  CHECK_EQ(errno, 55);
}

TEST(process_error_text_without_standard_error_is_lost_quietly) {
  if (!TEST_HAS_PROCESSES) { SKIP_PART(TEST_NO_PROCESSES); }
  run_in_child(write_to_nobody, NULL);
}

TEST(process_info_grows_with_what_is_used) {
  mim_prim_process_info_t before, after;
  mim_prim_process_info(&before);
  CHECK(before.current_rss > 0 && before.peak_rss >= before.current_rss);
  enum { SIZE = 32 << 20 };
  char* const big = malloc(SIZE);
  CHECK(big != NULL);
  for (int i = 0; i < SIZE; i += 1024) { ((volatile char*)big)[i] = 1; }
  mim_prim_process_info(&after);
  CHECK(after.current_rss >= before.current_rss + SIZE / 2);
  CHECK(after.peak_rss >= after.current_rss);
  CHECK(after.user_us + after.system_us >= before.user_us + before.system_us);
  free(big);
}

TEST_MAIN()
