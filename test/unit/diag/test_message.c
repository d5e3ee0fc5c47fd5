/* test_message.c - lines, prefixes, limits, handlers, errno. */
/* needs: unix */
#include "diag/message.h"

#include <errno.h>

#include "base/assert.h"
#include "diag/options.h"
#include "test/unit/unit.h"

static char said[8192];
static int lines, handled_code, handled_count;

static void note(const char* text, void* arg) {
  CHECK_STR(arg, "argument");
  CHECK(strlen(text) < sizeof(said));
  strcpy(said, text);
  lines++;
}

static void handle(int code, void* arg) {
  CHECK(arg == &handled_code);
  handled_code = code;
  handled_count++;
}

static void listen_now(void) {
  mim_output_register(note, "argument");
  mim_error_register(handle, &handled_code);
  said[0] = 0;
  lines = handled_count = 0;
}

static void lines_have_prefixes(void* arg) {
  (void)arg;
  listen_now();
  errno = 99;
  mim_error(EINVAL, true, "bad %s %d", "thing", 7);
  CHECK_STR(said, "mimalloc: error: bad thing 7\n");
  CHECK_EQ(handled_code, EINVAL);
  mim_warn("odd %zu", (size_t)8);
  CHECK_STR(said, "mimalloc: warning: odd 8\n");
  mim_option_set(MIM_OPTION_verbose, 2);
  mim_verbose(2, "so it is");
  CHECK_STR(said, "mimalloc: so it is\n");
  mim_verbose(3, "too much");
  CHECK_EQ(lines, 3);
  CHECK_EQ(handled_count, 1);
  CHECK_EQ(errno, 99);
}

TEST(message_lines_have_prefixes_and_keep_errno) { run_in_child(lines_have_prefixes, NULL); }

static void errors_are_shown_when_wanted(void* arg) {
  (void)arg;
  listen_now();
  mim_option_set(MIM_OPTION_show_errors, 0);
  mim_error(ENOMEM, false, "nobody wants it");
  CHECK_EQ(lines, 0);
  CHECK_EQ(handled_count, 1); /* the program's handler hears of it all the same */
  mim_option_set(MIM_OPTION_show_errors, 1);
  mim_error(ENOMEM, false, "wanted");
  CHECK_EQ(lines, 1);
  mim_option_set(MIM_OPTION_show_errors, 0);
  mim_option_set(MIM_OPTION_verbose, 1);
  mim_error(ENOMEM, false, "wanted");
  CHECK_EQ(lines, 2);
}

TEST(message_errors_are_shown_when_wanted_and_handled_always) {
  run_in_child(errors_are_shown_when_wanted, NULL);
}

static void count_messages(long most, int expected) {
  mim_option_set(MIM_OPTION_max_errors, most);
  mim_option_set(MIM_OPTION_max_warnings, most);
  lines = 0;
  for (int i = 0; i < 100; i++) { mim_error(EINVAL, true, "again"); }
  CHECK_EQ(lines, expected);
  lines = 0;
  for (int i = 0; i < 100; i++) { mim_warn("again"); }
  CHECK_EQ(lines, expected);
}

static void messages_are_limited(void* arg) {
  (void)arg;
  listen_now();
  count_messages(5, 5);
  count_messages(-1, 100);
  CHECK_EQ(handled_count, 200);
}

TEST(message_numbers_of_errors_and_warnings_are_limited) {
  run_in_child(messages_are_limited, NULL);
}

static void long_lines_are_cut(void* arg) {
  (void)arg;
  static char text[4000];
  listen_now();
  memset(text, 'y', sizeof(text) - 1);
  mim_warn("%s", text);
  const size_t length = strlen(said);
  CHECK(length > 200 && length < 1024);
  CHECK_EQ(said[length - 1], '\n');
  mim_print_text(note, "argument", text);
  CHECK_EQ(strlen(said), sizeof(text) - 1);
}

TEST(message_long_lines_are_cut_but_end) { run_in_child(long_lines_are_cut, NULL); }

static void write_to_pipe(void* arg) {
  CHECK_EQ(dup2(*(int*)arg, STDERR_FILENO), STDERR_FILENO);
  mim_output_register(note, "argument");
  mim_output_register(NULL, NULL);
  mim_warn("to standard error");
  mim_print_to(NULL, NULL, "%d\n", 5);
}

static void read_child(child_fun_t* fun, bool aborts, char* text, size_t size) {
  int ends[2];
  CHECK_EQ(pipe(ends), 0);
  const int status = child_status(fun, &ends[1], aborts);
  CHECK_EQ(WIFSIGNALED(status), aborts);
  close(ends[1]);
  const ssize_t length = read(ends[0], text, size - 1);
  close(ends[0]);
  CHECK(length >= 0);
  text[length] = 0;
}

TEST(message_goes_to_standard_error_without_a_function) {
  char text[256];
  read_child(write_to_pipe, false, text, sizeof(text));
  CHECK_STR(text, "mimalloc: warning: to standard error\n5\n");
}

static void fail_a_claim(void* arg) {
  CHECK_EQ(dup2(*(int*)arg, STDERR_FILENO), STDERR_FILENO);
  mim_message_init();
  mim_check(2 < 1);
}

TEST(message_of_a_false_claim_names_claim_and_place) {
  char text[256];
  read_child(fail_a_claim, true, text, sizeof(text));
  const char start[] = "mimalloc: assertion failed: 2 < 1 (";
  CHECK(strncmp(text, start, sizeof(start) - 1) == 0);
  CHECK(strstr(text, "test_message.c:") != NULL);
}

TEST_MAIN()
