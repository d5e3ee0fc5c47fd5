/* test_fail.c - a claim that does not hold: told once, then the end. */
/* needs: unix */
#include "base/assert.h"

#include "test/unit/unit.h"

static int sink_pipe[2];

static void sink(const char* claim, const char* file, int line) {
  char text[128];
  const int length =
    snprintf(text, sizeof(text), "%s in %s: %d", claim, strrchr(file, '/') + 1, line > 0);
  CHECK_EQ(write(sink_pipe[1], text, (size_t)length), length);
}

/* A sink that fails itself must not be called again. */
static void sink_that_fails(const char* claim, const char* file, int line) {
  sink(claim, file, line);
  mim_check(line < 0);
}

static void fail_with_sink(void* arg) {
  mim_fail_sink = (mim_fail_sink_t*)arg;
  mim_check(1 + 1 == 3);
}

static void check_told_once(mim_fail_sink_t* with) {
  CHECK_EQ(pipe(sink_pipe), 0);
  check_aborts(fail_with_sink, (void*)with);
  close(sink_pipe[1]);
  char text[256] = "";
  const ssize_t length = read(sink_pipe[0], text, sizeof(text) - 1);
  close(sink_pipe[0]);
  CHECK(length >= 0);
  CHECK_STR(text, "1 + 1 == 3 in test_fail.c: 1");
}

TEST(fail_a_false_claim_is_told_and_aborts) { check_told_once(sink); }
TEST(fail_a_sink_that_fails_is_not_called_again) { check_told_once(sink_that_fails); }

static void fail_plain(void* arg) { mim_check(arg != NULL); }
static void fail_level_1(void* arg) { mim_assert(arg != NULL); }
static void fail_level_2(void* arg) { mim_assert_full(arg != NULL); }

static void check_level(child_fun_t* fun, int level) {
  int here;
  run_in_child(fun, &here);
  if (MIM_ASSERT_LEVEL >= level) {
    check_aborts(fun, NULL);
  } else {
    run_in_child(fun, NULL);
  }
}

TEST(fail_each_level_of_assertions_aborts_where_it_is_on_and_only_there) {
  check_level(fail_plain, 0);
  check_level(fail_level_1, 1);
  check_level(fail_level_2, 2);
}

TEST_MAIN()
