/* test_options.c - the table, the parser, the environment. */
/* needs: unix */
#include "diag/options.h"

#include "diag/message.h"
#include "test/unit/unit.h"

extern char** environ;

static char said[4096];

static void note(const char* text, void* arg) {
  (void)arg;
  CHECK(strlen(said) + strlen(text) < sizeof(said));
  strcat(said, text);
}

static bool parses(mim_option_t option, const char* text, long expected) {
  long value = -77;
  return mim_option_parse(option, text, &value) && value == expected;
}

static bool refuses(mim_option_t option, const char* text) {
  long value = -77;
  return !mim_option_parse(option, text, &value) && value == -77;
}

TEST(options_every_one_has_a_name_a_help_and_its_default) {
  for (int i = 0; i < MIM_OPTION_COUNT; i++) {
    const mim_option_info_t* const info = mim_option_info((mim_option_t)i);
    CHECK(info->name[0] != 0 && info->help[0] != 0);
    CHECK(info->initial >= info->min && info->initial <= info->max);
    CHECK_EQ(mim_option_get((mim_option_t)i), info->initial);
    for (int j = 0; j < i; j++) {
      CHECK(strcmp(info->name, mim_option_info((mim_option_t)j)->name) != 0);
    }
  }
}

TEST(options_the_ends_of_each_range_parse_and_what_lies_beyond_does_not) {
  for (int i = 0; i < MIM_OPTION_COUNT; i++) {
    const mim_option_t option = (mim_option_t)i;
    const mim_option_info_t* const info = mim_option_info(option);
    const char* const unit = info->unit == MIM_UNIT_KIB ? "K" : "";
    char text[40];
    if (info->min > LONG_MIN) {
      snprintf(text, sizeof(text), "%ld%s", info->min, info->min == 0 ? "" : unit);
      CHECK(parses(option, text, info->min));
      snprintf(text, sizeof(text), "%ld", info->min - 1);
      if (info->unit != MIM_UNIT_KIB) { CHECK(refuses(option, text)); }
    }
    if (info->max < LONG_MAX / 1024) {
      snprintf(text, sizeof(text), "%ld%s", info->max, unit);
      CHECK(parses(option, text, info->max));
      snprintf(text, sizeof(text), "%ld%s", info->max + 1, unit);
      CHECK(refuses(option, text));
    }
  }
}

TEST(options_words_for_yes_and_no) {
  static const char* const yes[] = {"1", "true", "YES", "On", ""};
  static const char* const no[] = {"0", "false", "NO", "oFF"};
  for (size_t i = 0; i < 5; i++) { CHECK(parses(MIM_OPTION_show_stats, yes[i], 1)); }
  for (size_t i = 0; i < 4; i++) { CHECK(parses(MIM_OPTION_show_stats, no[i], 0)); }
  CHECK(refuses(MIM_OPTION_show_stats, "2"));
  CHECK(refuses(MIM_OPTION_show_stats, "yess"));
  CHECK(refuses(MIM_OPTION_show_stats, " 1"));
  CHECK(refuses(MIM_OPTION_show_stats, "1 "));
}

TEST(options_numbers) {
  CHECK(parses(MIM_OPTION_purge_delay, "250", 250));
  CHECK(parses(MIM_OPTION_purge_delay, "+250", 250));
  CHECK(parses(MIM_OPTION_purge_delay, "-1", -1));
  CHECK(refuses(MIM_OPTION_purge_delay, "-2"));
  CHECK(refuses(MIM_OPTION_purge_delay, "250ms"));
  CHECK(refuses(MIM_OPTION_purge_delay, "1K")); /* a time has no size suffix */
  CHECK(refuses(MIM_OPTION_purge_delay, "0x10"));
  CHECK(refuses(MIM_OPTION_purge_delay, "-"));
  CHECK(refuses(MIM_OPTION_max_errors, "99999999999999999999999"));
}

TEST(options_sizes_in_kib_round_plain_bytes_up) {
  const mim_option_t option = MIM_OPTION_arena_reserve;
  CHECK(parses(option, "1024", 1));
  CHECK(parses(option, "1025", 2));
  CHECK(parses(option, "64K", 64));
  CHECK(parses(option, "64KB", 64));
  CHECK(parses(option, "64kib", 64));
  CHECK(parses(option, "3M", 3 * 1024));
  CHECK(parses(option, "3MiB", 3 * 1024));
  CHECK(parses(option, "1G", 1L << 20));
  CHECK(MIM_IS_64BIT ? parses(option, "2G", 2L << 20) : refuses(option, "2G")); /* SIZE_MAX */
  CHECK(MIM_IS_64BIT ? parses(option, "1T", 1L << 30) : refuses(option, "1T"));
  CHECK(refuses(option, "-1K"));
  CHECK(refuses(option, "1P"));
  CHECK(refuses(option, "1Ki"));
  CHECK(refuses(option, "1KiBs"));
  CHECK(refuses(option, "K"));
  CHECK(refuses(option, "1 K"));
  CHECK(refuses(option, "9000000000000T"));
}

TEST(options_sizes_in_bytes) {
  CHECK(parses(MIM_OPTION_guarded_max, "1025", 1025));
  CHECK(parses(MIM_OPTION_guarded_max, "2K", 2048));
  CHECK(parses(MIM_OPTION_guarded_max, "1GiB", 1L << 30));
}

static void options_set_and_read(void* arg) {
  (void)arg;
  mim_option_set(MIM_OPTION_purge_delay, 5);
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 5);
  mim_option_set_default(MIM_OPTION_purge_delay, 7);
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 5);
  mim_option_set_default(MIM_OPTION_max_errors, 7);
  CHECK_EQ(mim_option_get(MIM_OPTION_max_errors), 7);
  CHECK_EQ(mim_option_get_clamp(MIM_OPTION_max_errors, 8, 10), 8);
  CHECK_EQ(mim_option_get_clamp(MIM_OPTION_max_errors, 1, 5), 5);
  CHECK_EQ(mim_option_get_clamp(MIM_OPTION_max_errors, 1, 10), 7);
  mim_option_set(MIM_OPTION_arena_reserve, 64);
  CHECK_EQ(mim_option_get_size(MIM_OPTION_arena_reserve), 64 * 1024);
  mim_option_set(MIM_OPTION_arena_reserve, -1);
  CHECK_EQ(mim_option_get_size(MIM_OPTION_arena_reserve), 0);
  mim_option_set(MIM_OPTION_arena_reserve, LONG_MAX);
  CHECK(mim_option_get_size(MIM_OPTION_arena_reserve) == SIZE_MAX);
  CHECK(!mim_option_is_enabled(MIM_OPTION_show_stats));
}

TEST(options_can_be_set_and_defaults_give_way) { run_in_child(options_set_and_read, NULL); }

static void load(char** environment) {
  mim_output_register(note, NULL);
  said[0] = 0;
  environ = environment;
  mim_options_load();
}

static void load_good(void* arg) {
  (void)arg;
  char* variables[] = {"MIMALLOC_PURGE_DELAY=33",
                       "mimalloc_show_stats=yes",
                       "PATH=/bin",
                       "MI_MAX_ERRORS=4",
                       "MIMALLOC_ARENA_RESERVE=16MiB",
                       "MIMALLOCX=3",
                       NULL};
  load(variables);
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 33);
  CHECK_EQ(mim_option_get(MIM_OPTION_show_stats), 1);
  CHECK_EQ(mim_option_get(MIM_OPTION_max_errors), 4);
  CHECK_EQ(mim_option_get(MIM_OPTION_arena_reserve), 16384);
  mim_option_set_default(MIM_OPTION_purge_delay, 1);
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 33);
  CHECK_STR(said, "");
  char* others[] = {"MIMALLOC_PURGE_DELAY=44", NULL};
  load(others); /* once is enough */
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 33);
}

static void load_bad(void* arg) {
  (void)arg;
  char* variables[] = {"MIMALLOC_PURGE_DELAY=soon", "MIMALLOC_SHOW_STATS=9",
                       "MIMALLOC_MAX_ERRORS=-9", NULL};
  load(variables);
  CHECK_STR(
    said, "mimalloc: warning: environment variable MIMALLOC_PURGE_DELAY has the bad value 'soon': "
          "expected a number milliseconds from -1 to 3600000; the default 1000 is used\n"
          "mimalloc: warning: environment variable MIMALLOC_SHOW_STATS has the bad value '9': "
          "expected 0 or 1; the default 0 is used\n"
          "mimalloc: warning: environment variable MIMALLOC_MAX_ERRORS has the bad value '-9': "
          "expected a number of at least -1; the default 32 is used\n");
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 1000);
}

static void load_old(void* arg) {
  (void)arg;
  char* variables[] = {"MIMALLOC_RESET_DELAY=12", "MIMALLOC_PURGE_DELEY=9", NULL};
  load(variables);
  CHECK_STR(said, "mimalloc: warning: the option 'reset_delay' is deprecated: it is now called "
                  "'purge_delay'\n");
  CHECK_EQ(mim_option_get(MIM_OPTION_purge_delay), 12);
}

static void load_unknown(void* arg) {
  (void)arg;
  char* variables[] = {"MIMALLOC_PURGE_DELEY=9", "MIMALLOC_SEGMENT_CACHE=1", "MIMALLOC_VERBOSE=1",
                       NULL};
  load(variables);
  CHECK_STR(said,
            "mimalloc: environment variable MIMALLOC_PURGE_DELEY names no option; the nearest "
            "is 'purge_delay'\n"
            "mimalloc: the option 'segment_cache' of version 2 has no effect any more\n");
}

static void load_limited(void* arg) {
  (void)arg;
  char* variables[] = {"MIMALLOC_PURGE_DELAY=a", "MIMALLOC_SHOW_STATS=b", "MIMALLOC_MAX_WARNINGS=0",
                       NULL};
  load(variables);
  CHECK_STR(said, "");
}

TEST(options_are_read_from_the_environment_once) { run_in_child(load_good, NULL); }
TEST(options_bad_values_are_told_and_the_defaults_stay) { run_in_child(load_bad, NULL); }
TEST(options_old_names_work_and_are_told) { run_in_child(load_old, NULL); }
TEST(options_unknown_names_are_told_to_who_listens) { run_in_child(load_unknown, NULL); }
TEST(options_limits_of_messages_hold_from_the_first_variable_on) {
  run_in_child(load_limited, NULL);
}

TEST_MAIN()
