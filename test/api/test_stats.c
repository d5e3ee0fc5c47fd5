/* test_stats.c - statistics and process information: printed without allocating, plausible. */
#define _GNU_SOURCE
#include "test/api/api_test.h"
#include "test/api/child.h"

#include <pthread.h>
#include <sys/resource.h>

static char printed[65536];
static size_t printed_size;

static void collect_output(const char* text, void* arg) {
  CHECK(arg == &printed_size);
  const size_t size = strlen(text);
  CHECK(printed_size + size < sizeof(printed));
  memcpy(printed + printed_size, text, size + 1);
  printed_size += size;
}

static void print_into_buffer(void (*print)(mi_output_fun*, void*)) {
  printed_size = 0;
  printed[0] = 0;
  print(collect_output, &printed_size);
}

static void print_options(mi_output_fun* out, void* arg) { mi_options_print_out(out, arg); }
static void print_process(mi_output_fun* out, void* arg) { mi_process_info_print_out(out, arg); }
static void print_stats(mi_output_fun* out, void* arg) { mi_stats_print_out(out, arg); }
static void print_thread(mi_output_fun* out, void* arg) { mi_thread_stats_print_out(out, arg); }

static void (*const prints[])(mi_output_fun*, void*) = {print_options, print_process, print_stats,
                                                        print_thread};

TEST(everything_prints_complete_lines_through_the_callback) {
  void* p = mi_malloc(1000);
  for (size_t i = 0; i < COUNT_OF(prints); i++) {
    print_into_buffer(prints[i]);
    CHECK(printed_size > 20);
    CHECK(printed[printed_size - 1] == '\n');
    for (size_t k = 0; k < printed_size; k++) {
      CHECK(printed[k] == '\n' || (printed[k] >= ' ' && printed[k] <= '~'));
    }
  }
  mi_free(p);
}

/* With no memory left, printing that allocates, even for a moment, would fail or print less. */
static void print_without_memory(void) {
  const struct rlimit limit = {256 * (rlim_t)MIB, 256 * (rlim_t)MIB};
  CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  for (size_t size = (size_t)4 * MIB; size >= 8; size /= 2) {
    while (hide(mi_malloc(size)) != NULL) {}
  }
  CHECK(hide(mi_malloc(8)) == NULL);
  for (size_t i = 0; i < COUNT_OF(prints); i++) {
    print_into_buffer(prints[i]);
    CHECK(printed_size > 20 && printed[printed_size - 1] == '\n');
  }
  write_text("printed");
}

TEST(printing_works_when_no_memory_is_left) {
  if (TEST_IS_EMULATED) { SKIP_PART(TEST_NO_LIMITS); }
  const child_t* child = run_child("print_without_memory", "MIMALLOC_ARENA_RESERVE=32M");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "printed");
}

TEST(the_numbers_of_the_process_are_plausible) {
  enum { SIZE = 32 * MIB };
  size_t elapsed, user, system, rss, peak_rss, commit, peak_commit, faults;
  size_t rss_with, peak_with, commit_with, peak_commit_with;
  mi_process_info(&elapsed, &user, &system, &rss, &peak_rss, &commit, &peak_commit, &faults);
  void* p = hide(mi_malloc(SIZE));
  memset(p, 1, SIZE);
  mi_process_info(NULL, NULL, NULL, &rss_with, &peak_with, &commit_with, &peak_commit_with, NULL);
  mi_free(p);
  CHECK(elapsed < 600000 && user < 600000 && system < 600000);
  CHECK(rss > 100 * KIB && rss < (size_t)GIB);
  CHECK(peak_rss + MIB >= rss); /* the kernel counts both in batches */
  CHECK(commit <= peak_commit);
  CHECK(rss_with >= rss + SIZE / 2 && peak_with >= (size_t)SIZE / 2);
  CHECK(commit_with >= (size_t)SIZE && peak_commit_with >= commit_with);
  mi_process_info(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
}

TEST(statistics_show_what_was_allocated) {
  void* p = hide(mi_malloc(48 * MIB));
  memset(p, 1, 48 * MIB);
  print_into_buffer(print_stats);
  mi_free(p);
  CHECK(strstr(printed, "committed") != NULL);
  CHECK(strstr(printed, "reserved") != NULL);
  CHECK(strstr(printed, "pages") != NULL);
  CHECK(strstr(printed, "threads") != NULL);
}

static void allocate_and_exit(void) {
  for (int i = 0; i < 1000; i++) { mi_free(hide(mi_malloc((size_t)i * 10))); }
}

TEST(show_stats_prints_to_standard_error_when_the_process_ends) {
  const child_t* quiet = run_child("allocate", "");
  CHECK(child_succeeded(quiet));
  CHECK_STR(quiet->err, "");
  const child_t* child = run_child("allocate", "MIMALLOC_SHOW_STATS=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "");
  CHECK(strstr(child->err, "committed") != NULL);
}

static void print_to_standard_error(void) {
  void* p = hide(mi_malloc(100));
  mi_stats_print(NULL);
  mi_options_print();
  mi_process_info_print();
  mi_stats_print_out(NULL, NULL);
  mi_free(p);
}

TEST(without_a_function_everything_goes_to_standard_error) {
  const child_t* child = run_child("print", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "");
  CHECK(strstr(child->err, "committed") != NULL);
  CHECK(strstr(child->err, "purge_delay") != NULL);
  CHECK(strstr(child->err, "elapsed") != NULL);
}

TEST(a_registered_function_gets_the_messages) {
  printed_size = 0;
  printed[0] = 0;
  mi_register_output(collect_output, &printed_size);
  mi_options_print();
  mi_register_output(NULL, NULL);
  CHECK(strstr(printed, "purge_delay") != NULL);
}

static void* allocate_a_little(void* arg) {
  for (size_t i = 0; i < 2000; i++) { mi_free(hide(mi_malloc(i))); }
  return arg;
}

TEST(resetting_and_merging_statistics_harms_nothing) {
  pthread_t threads[4];
  for (size_t i = 0; i < COUNT_OF(threads); i++) {
    CHECK_EQ(pthread_create(&threads[i], NULL, allocate_a_little, NULL), 0);
  }
  for (int i = 0; i < 20; i++) {
    mi_stats_merge();
    print_into_buffer(print_stats);
    if (i % 5 == 0) { mi_stats_reset(); }
  }
  for (size_t i = 0; i < COUNT_OF(threads); i++) { pthread_join(threads[i], NULL); }
  print_into_buffer(print_stats);
  CHECK(printed_size > 0);
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"allocate", allocate_and_exit},
                                       {"print", print_to_standard_error},
                                       {"print_without_memory", print_without_memory},
                                       {NULL, NULL}};
  return child_main(argc, argv, parts);
}
