/* test.h - the whole test framework: a test is a function; a failed CHECK ends the process.
 *
 *   #include "test/test.h"
 *   TEST(page_pop_hands_out_each_block_once) { ... CHECK(x != NULL); CHECK_EQ(used, 4); ... }
 *   TEST_MAIN()
 *
 * The framework itself never allocates, so it can test an allocator from inside. Messages go to
 * stderr, also where the program faulted (test/crash.h). Exit codes: 0 all passed, 2 no test has
 * the given name, 77 a test called SKIP (give such a program the ctest property SKIP_RETURN_CODE
 * 77), SIGABRT for a failed check.
 */
#ifndef MIM_TEST_TEST_H
#define MIM_TEST_TEST_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test/crash.h"

typedef struct test {
  const char* name;
  void (*run)(void);
  struct test* next;
} test_t;

static test_t* test_first;
__attribute__((unused)) static test_t** test_last = &test_first;
__attribute__((unused)) static bool test_is_alone; /* the program runs this test only */
__attribute__((unused)) static const test_t* test_running;

/* Tests run at every assertion level and in release: not <assert.h>, which NDEBUG removes. */
#define CHECK(c) ((c) ? (void)0 : test_fail(__FILE__, __LINE__, #c))

#define CHECK_EQ(a, b) test_equal(__FILE__, __LINE__, #a, (long long)(a), #b, (long long)(b))

#define CHECK_STR(a, b) test_equal_text(__FILE__, __LINE__, #a, (a), #b, (b))

/* Ends the program as skipped: never let a test that could not run look like one that passed. */
#define SKIP(why) (printf("SKIPPED: %s\n", (why)), fflush(stdout), exit(77))

/* Leaves one test out, and lets the others of the program run; the output says so. */
#define SKIP_PART(why) \
  do { \
    printf("PART SKIPPED: %s\n", (why)); \
    return; \
  } while (0)

#define TEST(id) \
  static void id(void); \
  static test_t test_##id = {#id, id, NULL}; \
  __attribute__((constructor)) static void test_add_##id(void) { \
    *test_last = &test_##id; \
    test_last = &test_##id.next; \
  } \
  static void id(void)

/* `test_page` runs all; `test_page NAME` runs one: so that ctest, gdb and rr can pick it.
 * `test_page --list` names them. */
#define TEST_MAIN() \
  int main(int argc, char** argv) { return test_run_all(argc > 1 ? argv[1] : NULL); }

__attribute__((unused, noreturn, cold)) static void test_fail(const char* file, int line,
                                                              const char* claim) {
  fprintf(stderr, "%s:%d: failed: %s\n", file, line, claim);
  abort();
}

__attribute__((unused)) static void test_equal(const char* file, int line, const char* name_a,
                                               long long a, const char* name_b, long long b) {
  if (a == b) { return; }
  fprintf(stderr, "%s:%d: %s is %lld, but %s is %lld\n", file, line, name_a, a, name_b, b);
  abort();
}

__attribute__((unused)) static void test_equal_text(const char* file, int line, const char* name_a,
                                                    const char* a, const char* name_b,
                                                    const char* b) {
  if (strcmp(a, b) == 0) { return; }
  fprintf(stderr, "%s:%d: %s is \"%s\", but %s is \"%s\"\n", file, line, name_a, a, name_b, b);
  abort();
}

__attribute__((unused)) static int test_list(void) {
  for (const test_t* t = test_first; t != NULL; t = t->next) { printf("%s\n", t->name); }
  return 0;
}

__attribute__((unused)) static int test_run_all(const char* only) {
  static char out[BUFSIZ];
  setvbuf(stdout, out, _IOLBF, sizeof(out)); /* stdio must not call the malloc under test */
  if (only != NULL && strcmp(only, "--list") == 0) { return test_list(); }
  test_is_alone = (only != NULL);
  int count = 0;
  for (test_t* t = test_first; t != NULL; t = t->next) {
    if (only != NULL && strcmp(only, t->name) != 0) { continue; }
    printf("  %s\n", t->name);
    test_running = t;
    t->run();
    count++;
  }
  if (count == 0) { fprintf(stderr, "there is no test '%s'\n", only != NULL ? only : "*"); }
  return count > 0 ? 0 : 2;
}

#endif
