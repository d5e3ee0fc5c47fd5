/* test_options.c - every option: its default, by API, from the environment, and what is said about
 * bad values, unknown names and old names. The environment is read at start: hence the children. */
#define _GNU_SOURCE
#include "test/api/api_test.h"
#include "test/api/child.h"

#include <ctype.h>

/* The ABI's positions and names; `is_kib`: kept in KiB, so that get_size multiplies. */
static const struct {
  mi_option_t position;
  const char* name;
  long initial;
  bool is_kib;
} options[] = {
  {mi_option_show_stats, "show_stats", 0, false},
  {mi_option_verbose, "verbose", 0, false},
  {mi_option_deprecated_eager_commit, "deprecated_eager_commit", 1, false},
  {mi_option_arena_eager_commit, "arena_eager_commit", 2, false},
  {mi_option_purge_decommits, "purge_decommits", 1, false},
  {mi_option_allow_large_os_pages, "allow_large_os_pages", 0, false},
  {mi_option_reserve_huge_os_pages, "reserve_huge_os_pages", 0, false},
  {mi_option_reserve_huge_os_pages_at, "reserve_huge_os_pages_at", -1, false},
  {mi_option_reserve_os_memory, "reserve_os_memory", 0, true},
  {mi_option_deprecated_segment_cache, "deprecated_segment_cache", 0, false},
  {mi_option_deprecated_page_reset, "deprecated_page_reset", 0, false},
  {mi_option_deprecated_abandoned_page_purge, "deprecated_abandoned_page_purge", 0, false},
  {mi_option_deprecated_segment_reset, "deprecated_segment_reset", 0, false},
  {mi_option_deprecated_eager_commit_delay, "deprecated_eager_commit_delay", 1, false},
  {mi_option_purge_delay, "purge_delay", 1000, false},
  {mi_option_use_numa_nodes, "use_numa_nodes", 0, false},
  {mi_option_disallow_os_alloc, "disallow_os_alloc", 0, false},
  {mi_option_os_tag, "os_tag", 100, false},
  {mi_option_max_errors, "max_errors", 32, false},
  {mi_option_max_warnings, "max_warnings", 32, false},
  {mi_option_deprecated_max_segment_reclaim, "deprecated_max_segment_reclaim", 10, false},
  {mi_option_destroy_on_exit, "destroy_on_exit", 0, false},
  {mi_option_arena_reserve, "arena_reserve", sizeof(void*) == 8 ? 1048576 : 16384, true},
  {mi_option_deprecated_purge_extend_delay, "deprecated_purge_extend_delay", 1, false},
  {mi_option_disallow_arena_alloc, "disallow_arena_alloc", 0, false},
  {mi_option_retry_on_oom, "retry_on_oom", 400, false},
  {mi_option_guarded_min, "guarded_min", 0, false},
  {mi_option_guarded_max, "guarded_max", 1073741824, false},
  {mi_option_unsafe_guarded_precise, "unsafe_guarded_precise", 0, false},
  {mi_option_guarded_sample_rate, "guarded_sample_rate", 0, false},
  {mi_option_guarded_sample_seed, "guarded_sample_seed", 0, false},
  {mi_option_generic_collect, "generic_collect", 10000, false},
  {mi_option_page_full_retain, "page_full_retain", 8, false},
  {mi_option_page_max_candidates, "page_max_candidates", 4, false},
  {mi_option_max_vabits, "max_vabits", 0, false},
  {mi_option_pagemap_commit, "pagemap_commit", 0, false},
  {mi_option_page_commit_on_demand, "page_commit_on_demand", 0, false},
  {mi_option_page_max_reclaim, "page_max_reclaim", -1, false},
  {mi_option_page_cross_thread_max_reclaim, "page_cross_thread_max_reclaim", 32, false},
  {mi_option_arena_purge_min_size, "arena_purge_min_size", 0, true},
  {mi_option_arena_max_object_size, "arena_max_object_size", sizeof(void*) == 8 ? 2097152 : 262144,
   true},
  {mi_option_arena_is_numa_local, "arena_is_numa_local", 0, false},
};

/* Options whose default is ours to choose or depends on the build: only their names are checked. */
static const struct {
  mi_option_t position;
  const char* name;
} free_options[] = {
  {mi_option_show_errors, "show_errors"},
  {mi_option_arena_purge_mult, "arena_purge_mult"},
  {mi_option_deprecated_visit_abandoned, "deprecated_visit_abandoned"},
  {mi_option_page_reclaim_on_free, "page_reclaim_on_free"},
  {mi_option_allow_thp, "allow_thp"},
  {mi_option_stats_merge_on_collect, "stats_merge_on_collect"},
  {mi_option_profile_alloc_interval, "profile_alloc_interval"},
  {mi_option_profile_inuse_interval, "profile_inuse_interval"},
  {mi_option_profile_time_interval, "profile_time_interval"},
  {mi_option_profile_sample_rate, "profile_sample_rate"},
  {mi_option_stats_merge_threshold, "stats_merge_threshold"},
  {mi_option_arena_purge_immediate_size, "arena_purge_immediate_size"},
};

static void print_values(void) {
  void* p = mi_malloc(10);
  for (int i = 0; i < _mi_option_last; i++) {
    write_format("%d=%ld/%zu\n", i, mi_option_get((mi_option_t)i),
                 mi_option_get_size((mi_option_t)i));
  }
  mi_free(p);
}

/* The value of an option in a child's output. */
static long value_in(const child_t* child, mi_option_t position) {
  char key[16];
  snprintf(key, sizeof(key), "\n%d=", (int)position);
  const char* at = position == 0 ? child->out + 2 : strstr(child->out, key) + strlen(key);
  return strtol(at, NULL, 10);
}

static long value_with(const char* variables, mi_option_t position) {
  const child_t* child = run_child("print_values", variables);
  CHECK(child_succeeded(child));
  return value_in(child, position);
}

static void upper_name(char* text, const char* name) {
  for (; *name != 0; name++) { *text++ = (char)toupper((unsigned char)*name); }
  *text = 0;
}

TEST(both_lists_together_name_every_option_once) {
  CHECK_EQ(COUNT_OF(options) + COUNT_OF(free_options), _mi_option_last);
  static int seen[_mi_option_last];
  for (size_t i = 0; i < COUNT_OF(options); i++) { seen[options[i].position]++; }
  for (size_t i = 0; i < COUNT_OF(free_options); i++) { seen[free_options[i].position]++; }
  for (int i = 0; i < _mi_option_last; i++) { CHECK_EQ(seen[i], 1); }
}

TEST(defaults_are_the_documented_ones_without_an_environment) {
  const child_t* child = run_child("print_values", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->err, "");
  for (size_t i = 0; i < COUNT_OF(options); i++) {
    if (value_in(child, options[i].position) != options[i].initial) {
      printf("  option %s\n", options[i].name);
    }
    CHECK_EQ(value_in(child, options[i].position), options[i].initial);
  }
}

TEST(every_option_can_be_set_and_read_by_the_api) {
  for (int i = 0; i < _mi_option_last; i++) {
    const mi_option_t option = (mi_option_t)i;
    const long before = mi_option_get(option);
    mi_option_set(option, 7);
    CHECK_EQ(mi_option_get(option), 7);
    CHECK(mi_option_is_enabled(option));
    CHECK_EQ(mi_option_get_clamp(option, 1, 5), 5);
    CHECK_EQ(mi_option_get_clamp(option, 8, 10), 8);
    CHECK_EQ(mi_option_get_clamp(option, 1, 10), 7);
    mi_option_disable(option);
    CHECK_EQ(mi_option_get(option), 0);
    CHECK(!mi_option_is_enabled(option));
    mi_option_enable(option);
    CHECK_EQ(mi_option_get(option), 1);
    mi_option_set_enabled(option, false);
    CHECK_EQ(mi_option_get(option), 0);
    mi_option_set_enabled(option, true);
    CHECK_EQ(mi_option_get(option), 1);
    mi_option_set_default(option, 9); /* set already: no effect */
    mi_option_set_enabled_default(option, false);
    CHECK_EQ(mi_option_get(option), 1);
    mi_option_set(option, before);
  }
}

TEST(sizes_are_given_in_bytes) {
  for (size_t i = 0; i < COUNT_OF(options); i++) {
    const long before = mi_option_get(options[i].position);
    mi_option_set(options[i].position, 3);
    CHECK_EQ(mi_option_get_size(options[i].position), options[i].is_kib ? 3072 : 3);
    mi_option_set(options[i].position, -1);
    CHECK_EQ(mi_option_get_size(options[i].position), 0);
    mi_option_set(options[i].position, before);
  }
}

TEST(an_option_that_does_not_exist_is_zero) {
  CHECK_EQ(mi_option_get((mi_option_t)_mi_option_last), 0);
  CHECK_EQ(mi_option_get((mi_option_t)100000), 0);
  CHECK_EQ(mi_option_get_size((mi_option_t)100000), 0);
  CHECK(!mi_option_is_enabled((mi_option_t)100000));
  mi_option_set((mi_option_t)100000, 1);
  mi_option_enable((mi_option_t)100000);
  CHECK_EQ(mi_option_get((mi_option_t)100000), 0);
}

static void set_default_after_environment(void) {
  mi_option_set_default(mi_option_purge_delay, 123);
  mi_option_set_default(mi_option_os_tag, 124);
  mi_option_set_enabled_default(mi_option_arena_is_numa_local, true);
  print_values();
}

TEST(a_default_set_by_the_program_yields_to_the_environment) {
  const child_t* child = run_child("set_default", "MIMALLOC_PURGE_DELAY=55");
  CHECK(child_succeeded(child));
  CHECK_EQ(value_in(child, mi_option_purge_delay), 55);
  CHECK_EQ(value_in(child, mi_option_os_tag), 124);
  CHECK_EQ(value_in(child, mi_option_arena_is_numa_local), 1);
}

/* Each variable alone, with a value that every option accepts and that is not its default. */
TEST(every_option_is_read_from_the_environment) {
  for (int i = 0; i < _mi_option_last; i++) {
    const char* name = NULL;
    for (size_t k = 0; k < COUNT_OF(options); k++) {
      if ((int)options[k].position == i) { name = options[k].name; }
    }
    for (size_t k = 0; k < COUNT_OF(free_options); k++) {
      if ((int)free_options[k].position == i) { name = free_options[k].name; }
    }
    /* Options that act on the start itself, and so would change what this test observes. */
    if (i == mi_option_disallow_os_alloc || i == mi_option_reserve_huge_os_pages ||
        i == mi_option_reserve_os_memory || i == mi_option_max_vabits) {
      continue;
    }
    char upper[64], variable[128];
    upper_name(upper, name);
    const bool is_size =
      mi_option_get_size((mi_option_t)i) > (size_t)mi_option_get((mi_option_t)i) ||
      i == mi_option_arena_purge_min_size;
    const bool is_above_one =
      is_size || i == mi_option_generic_collect || i == mi_option_page_max_candidates;
    const long value = is_above_one ? 128 : mi_option_get((mi_option_t)i) == 1 ? 0 : 1;
    snprintf(variable, sizeof(variable), "MIMALLOC_%s=%ld%s", upper, value, is_size ? "K" : "");
    const long got = value_with(variable, (mi_option_t)i);
    if (got != value) { printf("  %s\n", variable); }
    CHECK_EQ(got, value);
  }
}

TEST(words_numbers_and_names_in_any_case_are_understood) {
  static const struct {
    const char* variable;
    long value;
  } cases[] = {
    {"MIMALLOC_PURGE_DECOMMITS=0", 0},     {"MIMALLOC_PURGE_DECOMMITS=off", 0},
    {"MIMALLOC_PURGE_DECOMMITS=FALSE", 0}, {"MIMALLOC_PURGE_DECOMMITS=No", 0},
    {"MIMALLOC_PURGE_DECOMMITS=1", 1},     {"MIMALLOC_PURGE_DECOMMITS=on", 1},
    {"MIMALLOC_PURGE_DECOMMITS=True", 1},  {"MIMALLOC_PURGE_DECOMMITS=YES", 1},
    {"MIMALLOC_PURGE_DECOMMITS=", 1},      {"mimalloc_purge_decommits=0", 0},
    {"MI_PURGE_DECOMMITS=0", 0},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    CHECK_EQ(value_with(cases[i].variable, mi_option_purge_decommits), cases[i].value);
  }
  CHECK_EQ(value_with("MIMALLOC_PURGE_DELAY=-1", mi_option_purge_delay), -1);
  CHECK_EQ(value_with("MI_PURGE_DELAY=250", mi_option_purge_delay), 250);
}

/* A plain number is in bytes, as in 3.6.0, and rounded up to KiB. */
TEST(sizes_take_units) {
  static const struct {
    const char* text;
    long kib;
  } cases[] = {
    {"4194304", 4096}, {"5000", 5},       {"4096K", 4096},  {"4096KiB", 4096},
    {"64M", 65536},    {"64MB", 65536},   {"64MiB", 65536}, {"64mib", 65536},
    {"1G", 1048576},   {"1GiB", 1048576}, {"2G", 2097152},  {"1T", 1073741824},
  };
  /* 2 GiB are too much for 32 bits; an emulator takes a minute to map 1 TiB. */
  const size_t left_out = sizeof(size_t) < 8 ? 2 : TEST_IS_EMULATED;
  for (size_t i = 0; i < COUNT_OF(cases) - left_out; i++) {
    char variable[64];
    snprintf(variable, sizeof(variable), "MIMALLOC_ARENA_RESERVE=%s", cases[i].text);
    CHECK_EQ(value_with(variable, mi_option_arena_reserve), cases[i].kib);
  }
}

/* How often a text occurs. */
static int occurrences(const char* text, const char* part) {
  int count = 0;
  while ((text = strstr(text, part)) != NULL) {
    count++;
    text += strlen(part);
  }
  return count;
}

static void check_bad_value(const char* variable, mi_option_t option, long initial,
                            const char* message) {
  const child_t* child = run_child("print_values", variable);
  CHECK(child_succeeded(child));
  CHECK_EQ(value_in(child, option), initial);
  CHECK_STR(child->err, message);
}

TEST(a_bad_value_warns_once_with_its_range_and_leaves_the_default) {
  check_bad_value("MIMALLOC_PURGE_DELAY=soon", mi_option_purge_delay, 1000,
                  "mimalloc: warning: environment variable MIMALLOC_PURGE_DELAY has the bad value "
                  "'soon': expected a number milliseconds from -1 to 3600000; the default 1000 is "
                  "used\n");
  check_bad_value("MIMALLOC_PURGE_DELAY=-2", mi_option_purge_delay, 1000,
                  "mimalloc: warning: environment variable MIMALLOC_PURGE_DELAY has the bad value "
                  "'-2': expected a number milliseconds from -1 to 3600000; the default 1000 is "
                  "used\n");
  check_bad_value("MIMALLOC_PURGE_DECOMMITS=2", mi_option_purge_decommits, 1,
                  "mimalloc: warning: environment variable MIMALLOC_PURGE_DECOMMITS has the bad "
                  "value '2': expected 0 or 1; the default 1 is used\n");
  check_bad_value("MIMALLOC_GENERIC_COLLECT=99999999999999999999", mi_option_generic_collect, 10000,
                  "mimalloc: warning: environment variable MIMALLOC_GENERIC_COLLECT has the bad "
                  "value '99999999999999999999': expected a number from 1 to 1000000; the default "
                  "10000 is used\n");
}

TEST(a_bad_unit_warns_and_leaves_the_default) {
  static const char* const texts[] = {"12Q", "12KX", "KiB", "1.5G", "-1M", "99999999999T"};
  for (size_t i = 0; i < COUNT_OF(texts); i++) {
    char variable[64], message[160];
    snprintf(variable, sizeof(variable), "MIMALLOC_ARENA_RESERVE=%s", texts[i]);
    snprintf(message, sizeof(message),
             "mimalloc: warning: environment variable "
             "MIMALLOC_ARENA_RESERVE has the bad value '%s': expected ",
             texts[i]);
    const child_t* child = run_child("print_values", variable);
    CHECK(child_succeeded(child));
    CHECK_EQ(value_in(child, mi_option_arena_reserve), sizeof(void*) == 8 ? 1048576 : 16384);
    CHECK(strncmp(child->err, message, strlen(message)) == 0);
    CHECK_EQ(occurrences(child->err, "\n"), 1);
  }
}

TEST(an_unknown_name_warns_in_verbose_mode_with_the_nearest_name) {
  const child_t* quiet = run_child("print_values", "MIMALLOC_PURGE_DELAI=3");
  CHECK(child_succeeded(quiet));
  CHECK_STR(quiet->err, "");
  const child_t* child = run_child("print_values", "MIMALLOC_PURGE_DELAI=3 MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_EQ(occurrences(child->err, "environment variable MIMALLOC_PURGE_DELAI names no option; the "
                                   "nearest is 'purge_delay'\n"),
           1);
}

TEST(old_names_are_read_with_a_warning) {
  static const struct {
    const char* variable;
    mi_option_t option;
    const char *old_name, *name;
  } cases[] = {
    {"MIMALLOC_RESET_DELAY=77", mi_option_purge_delay, "reset_delay", "purge_delay"},
    {"MIMALLOC_DECOMMIT_DELAY=77", mi_option_purge_delay, "decommit_delay", "purge_delay"},
    {"MIMALLOC_MINIMAL_PURGE_SIZE=77KiB", mi_option_arena_purge_min_size, "minimal_purge_size",
     "arena_purge_min_size"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    const child_t* child = run_child("print_values", cases[i].variable);
    CHECK(child_succeeded(child));
    CHECK_EQ(value_in(child, cases[i].option), 77);
    char message[200];
    snprintf(message, sizeof(message),
             "mimalloc: warning: the option '%s' is deprecated: it is now called '%s'\n",
             cases[i].old_name, cases[i].name);
    CHECK_STR(child->err, message);
  }
  static const struct {
    const char* variable;
    mi_option_t option;
    long value;
  } more[] = {{"MIMALLOC_LARGE_OS_PAGES=1", mi_option_allow_large_os_pages, 1},
              {"MIMALLOC_EAGER_REGION_COMMIT=0", mi_option_arena_eager_commit, 0},
              {"MIMALLOC_RESET_DECOMMITS=0", mi_option_purge_decommits, 0},
              {"MIMALLOC_ALLOW_DECOMMIT=0", mi_option_purge_decommits, 0},
              {"MIMALLOC_DECOMMIT_EXTEND_DELAY=5", mi_option_deprecated_purge_extend_delay, 5},
              {"MIMALLOC_ABANDONED_RECLAIM_ON_FREE=1", mi_option_page_reclaim_on_free, 1}};
  for (size_t i = 0; i < COUNT_OF(more); i++) {
    CHECK_EQ(value_with(more[i].variable, more[i].option), more[i].value);
  }
}

TEST(names_of_version_2_that_mean_nothing_are_told_in_verbose_mode_only) {
  const child_t* quiet = run_child("print_values", "MIMALLOC_EAGER_COMMIT=1");
  CHECK(child_succeeded(quiet));
  CHECK_STR(quiet->err, "");
  const child_t* child =
    run_child("print_values",
              "MIMALLOC_EAGER_COMMIT=1 MIMALLOC_VISIT_ABANDONED=1 MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_EQ(occurrences(child->err,
                       "the option 'eager_commit' of version 2 has no effect any more\n"),
           1);
  CHECK_EQ(occurrences(child->err,
                       "the option 'visit_abandoned' of version 2 has no effect any more\n"),
           1);
}

static char printed[65536];
static size_t printed_size;

static void collect_output(const char* text, void* arg) {
  CHECK(arg == &printed_size);
  const size_t size = strlen(text);
  CHECK(printed_size + size < sizeof(printed));
  memcpy(printed + printed_size, text, size + 1);
  printed_size += size;
}

TEST(printing_the_options_names_all_of_them) {
  mi_options_print_out(collect_output, &printed_size);
  for (size_t i = 0; i < COUNT_OF(options); i++) {
    CHECK(strstr(printed, options[i].name) != NULL);
  }
  for (size_t i = 0; i < COUNT_OF(free_options); i++) {
    CHECK(strstr(printed, free_options[i].name) != NULL);
  }
  CHECK(strstr(printed, "3.6.0") != NULL);
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"print_values", print_values},
                                       {"set_default", set_default_after_environment},
                                       {NULL, NULL}};
  return child_main(argc, argv, parts);
}
