/* test_limits.c - little memory, none at all, no /proc, a setuid program. Each runs in a child that
 * is started anew under the limit, since the library looks at its surroundings when it starts. */
#define _GNU_SOURCE
#include "test/api/api_test.h"
#include "test/api/child.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { CHILD_SKIPPED = 77 };

static void set_address_space(rlim_t soft) {
  struct rlimit limit;
  CHECK_EQ(getrlimit(RLIMIT_AS, &limit), 0);
  limit.rlim_cur = soft;
  CHECK_EQ(setrlimit(RLIMIT_AS, &limit), 0);
}

/* The whole file, read without stdio: its buffer would come from the malloc under test. */
static char* read_file(const char* name) {
  static char text[65536];
  size_t used = 0;
  ssize_t got;
  const int file = open(name, O_RDONLY);
  CHECK(file >= 0);
  while ((got = read(file, text + used, sizeof(text) - 1 - used)) > 0) { used += (size_t)got; }
  close(file);
  text[used] = 0;
  return text;
}

/* Address space of everything that is not the allocator's: mappings of files, stack, vdso. What
 * is anonymous counts as the allocator's, also what it has taken before main. */
static size_t mapped_by_others(void) {
  size_t sum = 0;
  for (char* line = read_file("/proc/self/maps"); *line != 0; line = strchr(line, '\n') + 1) {
    unsigned long start, end;
    int name_at = 0;
    CHECK(sscanf(line, "%lx-%lx %*s %*s %*s %*s %n", &start, &end, &name_at) == 2);
    const char* name = line + name_at;
    if (*name == '\n' || strncmp(name, "[anon", 5) == 0 || strncmp(name, "[heap]", 6) == 0) {
      continue;
    }
    if (strncmp(name, "[vsyscall]", 10) != 0) { sum += end - start; }
  }
  return sum;
}

/* ---- RLIMIT_AS of 64 MiB: how much of what is left can be used ---- */

static size_t allocate_until_null(size_t size) {
  size_t total = 0;
  void* first = NULL;
  for (void** p; (p = hide(mi_malloc(size))) != NULL; total += size) {
    *p = first; /* the list touches each block */
    first = p;
  }
  CHECK_EQ(errno, ENOMEM);
  while (first != NULL) {
    void* next = *(void**)first;
    mi_free(first);
    first = next;
  }
  return total;
}

static void limit_to_64_mib(void) { set_address_space((rlim_t)64 * MIB); }

static void print_share(size_t size) {
  const size_t left = (size_t)64 * MIB - mapped_by_others();
  const size_t total = allocate_until_null(size);
  write_format("%zu of %zu", total, left);
  CHECK(allocate_until_null(size) >= total - total / 20); /* and again, when all was freed */
}

static void share_64_b(void) { print_share(64); }
static void share_4_kib(void) { print_share(4 * KIB); }
static void share_100_kib(void) { print_share(100 * KIB); }
static void share_1_mib(void) { print_share(1 * MIB); }

static void check_share(const char* part, size_t percent) {
  const child_t* child = run_child_after(limit_to_64_mib, part, "");
  CHECK(child_succeeded(child));
  size_t total, left;
  CHECK(sscanf(child->out, "%zu of %zu", &total, &left) == 2);
  printf("  %s bytes, %.1f %%\n", child->out, 100.0 * (double)total / (double)left);
  CHECK(total * 100 >= left * percent);
}

TEST(under_64_mib_blocks_of_64_bytes_get_92_percent) { check_share("share_64_b", 92); }
TEST(under_64_mib_blocks_of_4_kib_get_95_percent) { check_share("share_4_kib", 95); }
TEST(under_64_mib_blocks_of_1_mib_get_95_percent) { check_share("share_1_mib", 95); }

/* Their size class is 4 % larger on a 32-bit machine. */
TEST(under_64_mib_blocks_of_100_kib_get_96_percent_or_93) {
  check_share("share_100_kib", sizeof(void*) < 8 ? 93 : 96);
}

/* ---- no memory at all ---- */

static size_t mapped_now(void) {
  return strtoul(read_file("/proc/self/statm"), NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
}

/* So little that the program itself can just be loaded. */
static void limit_to_12_mib(void) { set_address_space((rlim_t)12 * MIB); }

static void allocate_without_memory(void) {
  set_address_space(mapped_now());
  static const size_t sizes[] = {1, 64, 5000, 100000, 3000000, (size_t)GIB};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    errno = 0;
    void* p = hide(mi_malloc(sizes[i]));
    if (p == NULL) {
      CHECK_EQ(errno, ENOMEM);
    } else {
      memset(p, 1, sizes[i]); /* from memory that it had before */
      mi_free(p);
    }
  }
  errno = 0;
  CHECK(hide(mi_malloc((size_t)64 * MIB)) == NULL);
  CHECK_EQ(errno, ENOMEM);
  set_address_space(RLIM_INFINITY);
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    void* p = hide(mi_calloc(1, sizes[i]));
    CHECK(p != NULL);
    CHECK(is_zero(p, sizes[i] < MIB ? sizes[i] : MIB));
    mi_free(p);
  }
  write_text("recovered");
}

TEST(without_memory_at_the_first_call_it_fails_cleanly_and_recovers) {
  const child_t* child = run_child_after(limit_to_12_mib, "without_memory", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "recovered");
}

static void fail_and_keep_blocks(void) {
  enum { COUNT = 64, SIZE = 20000 };
  static void* blocks[COUNT];
  const size_t beyond = PTRDIFF_MAX >> (sizeof(size_t) < 8 ? 0 : 27); /* any reservation */
  for (unsigned i = 0; i < COUNT; i++) {
    blocks[i] = mi_malloc(SIZE);
    CHECK(blocks[i] != NULL);
    fill(blocks[i], SIZE, i);
  }
  set_address_space(mapped_now());
  for (unsigned i = 0; i < COUNT; i++) {
    void* bigger = hide(mi_realloc(blocks[i], beyond));
    CHECK(bigger == NULL);
    CHECK_EQ(errno, ENOMEM);
    CHECK(is_filled(blocks[i], SIZE, i));
  }
  write_text("kept");
}

TEST(a_resize_that_finds_no_memory_keeps_the_old_block) {
  const child_t* child = run_child("keep_blocks", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "kept");
}

/* ---- no /proc ---- */

static int self = -1; /* this program: /proc/self/exe will be gone */

static void hide_proc(void) {
  self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  if (self < 0) { _exit(125); }
  if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) {
    _exit(CHILD_SKIPPED);
  }
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
      mount("none", "/proc", "tmpfs", 0, NULL) != 0) {
    _exit(CHILD_SKIPPED);
  }
  char* const arguments[] = {(char*)"child", (char*)"--child", (char*)"without_proc", NULL};
  fexecve(self, arguments, environ);
  _exit(126);
}

static void work_without_proc(void) {
  if (access("/proc/self", F_OK) == 0) { _exit(124); }
  for (size_t size = 1; size < (size_t)100 * MIB; size *= 3) {
    void* p = hide(mi_zalloc(size));
    CHECK(p != NULL);
    fill(p, size < MIB ? size : MIB, 1);
    mi_free(p);
  }
  size_t rss = 0, commit = 0;
  mi_process_info(NULL, NULL, NULL, &rss, NULL, &commit, NULL, NULL);
  mi_collect(true);
  write_text("worked");
}

TEST(without_proc_everything_works) {
  const child_t* child = run_child_after(hide_proc, "without_proc", "");
  if (WIFEXITED(child->status) && WEXITSTATUS(child->status) == CHILD_SKIPPED) {
    SKIP("a mount namespace of its own needs root or user namespaces");
  }
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "worked");
}

/* ---- a setuid program ---- */

enum { NOBODY = 65534 };
static char secure_copy[] = "/tmp/mim_secure_XXXXXX";

static void copy_program(void) {
  static char buffer[65536];
  ssize_t got;
  const int from = open("/proc/self/exe", O_RDONLY), to = mkstemp(secure_copy);
  CHECK(from >= 0 && to >= 0);
  while ((got = read(from, buffer, sizeof(buffer))) > 0) {
    CHECK(write(to, buffer, (size_t)got) == got);
  }
  CHECK_EQ(fchmod(to, 04755), 0);
  close(from);
  close(to);
}

static void become_nobody_and_run_copy(void) {
  char* const arguments[] = {(char*)"child", (char*)"--child", (char*)"secure", NULL};
  if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0) { _exit(CHILD_SKIPPED); }
  execv(secure_copy, arguments);
  _exit(CHILD_SKIPPED);
}

static void print_secure_options(void) {
  if (getauxval(AT_SECURE) == 0) { _exit(CHILD_SKIPPED); }
  mi_free(hide(mi_malloc(10)));
  write_format("%ld", mi_option_get(mi_option_purge_delay));
}

TEST(a_setuid_program_takes_no_options_from_the_environment) {
  if (geteuid() != 0) { SKIP("a setuid program can be made by root only"); }
  copy_program();
  const child_t* child =
    run_child_after(become_nobody_and_run_copy, "secure", "MIMALLOC_PURGE_DELAY=55");
  unlink(secure_copy);
  if (WIFEXITED(child->status) &&
      (WEXITSTATUS(child->status) == CHILD_SKIPPED || WEXITSTATUS(child->status) == 127)) {
    SKIP("user nobody cannot run a setuid program here");
  }
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "1000");
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"share_64_b", share_64_b},
                                       {"share_4_kib", share_4_kib},
                                       {"share_1_mib", share_1_mib},
                                       {"share_100_kib", share_100_kib},
                                       {"without_memory", allocate_without_memory},
                                       {"keep_blocks", fail_and_keep_blocks},
                                       {"without_proc", work_without_proc},
                                       {"secure", print_secure_options},
                                       {NULL, NULL}};
  if (TEST_IS_EMULATED) { SKIP(TEST_NO_LIMITS); }
  return child_main(argc, argv, parts);
}
