/* test_profile.c - heap profiles through the public functions and the environment.  At rate 1 every
 * block is sampled: so what a snapshot counts is exact. */
#define _GNU_SOURCE
#include "mimalloc-profile.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>

#include "test/api/api_test.h"
#include "test/api/child.h"

static char folder[] = "/tmp/mim_profile_XXXXXX";
static char base[64];

static size_t remove_files(void) {
  size_t count = 0;
  DIR* const entries = opendir(folder);
  CHECK(entries != NULL);
  for (struct dirent* entry; (entry = readdir(entries)) != NULL;) {
    char path[400];
    if (entry->d_name[0] == '.') { continue; }
    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
    CHECK_EQ(unlink(path), 0);
    count++;
  }
  closedir(entries);
  return count;
}

static void remove_folder(void) {
  remove_files();
  CHECK_EQ(rmdir(folder), 0);
}

static const char* base_name(void) {
  if (base[0] == 0) {
    CHECK(mkdtemp(folder) != NULL);
    CHECK_EQ(atexit(&remove_folder), 0);
    snprintf(base, sizeof(base), "%s/p", folder);
  }
  return base;
}

static mi_profiler_t* profiler_new(size_t rate) {
  mi_profiler_t* const profiler = mi_pprof_profiler_new(rate, base_name(), 0, 0, 0);
  CHECK(profiler != NULL);
  return profiler;
}

typedef struct sums {
  size_t live, live_bytes, total, total_bytes, rate;
} sums_t;

/* The first line of a file, which is removed. */
static sums_t read_file(const char* path) {
  char text[256];
  sums_t sums;
  const int file = open(path, O_RDONLY);
  CHECK(file >= 0);
  const ssize_t length = read(file, text, sizeof(text) - 1);
  CHECK(length > 0);
  text[length] = 0;
  close(file);
  unlink(path);
  CHECK_EQ(sscanf(text, "heap profile: %zu: %zu [%zu: %zu] @ heap_v2/%zu", &sums.live,
                  &sums.live_bytes, &sums.total, &sums.total_bytes, &sums.rate),
           5);
  return sums;
}

/* Takes a snapshot, of a profiler that has taken `before`. */
static sums_t snapshot(mi_profiler_t* profiler, unsigned before) {
  char path[128];
  CHECK(mi_profiler_snapshot(profiler));
  snprintf(path, sizeof(path), "%s.%04u.heap", base_name(), before + 1);
  return read_file(path);
}

static void profiler_end(mi_profiler_t* profiler) {
  CHECK(mi_profiler_stop(profiler));
  mi_pprof_profiler_delete(profiler);
}

enum { COUNT = 1000 };
static void* blocks[COUNT];

static size_t size_at(size_t i) { return i % 50 == 0 ? 70000 + i : 1 + i * 7 % 3000; }

static size_t allocate(mi_heap_t* heap) {
  size_t bytes = 0;
  for (size_t i = 0; i < COUNT; i++) {
    blocks[i] = mi_heap_malloc(heap, size_at(i));
    bytes += mi_usable_size(blocks[i]);
  }
  return bytes;
}

static void* free_half(void* arg) {
  for (size_t i = (size_t)arg; i < COUNT; i += 2) { mi_free(blocks[i]); }
  return NULL;
}

TEST(a_profile_counts_each_block_once) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK(mi_heap_profile(heap, profiler));
  CHECK(mi_profiler_start(profiler));
  const size_t bytes = allocate(heap);
  sums_t sums = snapshot(profiler, 0);
  CHECK_EQ(sums.rate, 1);
  CHECK_EQ(sums.live, COUNT);
  CHECK_EQ(sums.live_bytes, bytes);
  CHECK_EQ(sums.total, COUNT);
  free_half((void*)0);
  sums = snapshot(profiler, 1);
  CHECK_EQ(sums.live, COUNT / 2);
  CHECK(sums.live_bytes < bytes && sums.total_bytes == bytes);
  in_thread(free_half, (void*)1); /* blocks of another thread's pages */
  sums = snapshot(profiler, 2);
  CHECK_EQ(sums.live, 0);
  CHECK_EQ(sums.live_bytes, 0);
  CHECK_EQ(sums.total_bytes, bytes);
  CHECK(mi_heap_profile(heap, NULL));
  profiler_end(profiler);
  mi_heap_delete(heap);
}

static void* allocate_in_thread(void* heap) {
  allocate(heap);
  return NULL;
}

TEST(blocks_of_threads_that_have_ended_are_counted) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  in_thread(allocate_in_thread, heap);
  CHECK_EQ(snapshot(profiler, 0).live, COUNT);
  free_half((void*)0);
  CHECK_EQ(snapshot(profiler, 1).live, COUNT / 2);
  mi_heap_delete(heap); /* its blocks live on, and are still known */
  CHECK_EQ(snapshot(profiler, 2).live, COUNT / 2);
  free_half((void*)1);
  CHECK_EQ(snapshot(profiler, 3).live, 0);
  profiler_end(profiler);
}

TEST(blocks_of_a_destroyed_heap_are_gone) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  in_thread(allocate_in_thread, heap);
  allocate(heap);
  CHECK_EQ(snapshot(profiler, 0).live, 2 * COUNT);
  mi_heap_destroy(heap);
  const sums_t sums = snapshot(profiler, 1);
  CHECK_EQ(sums.live, 0);
  CHECK_EQ(sums.live_bytes, 0);
  CHECK_EQ(sums.total, 2 * COUNT);
  profiler_end(profiler);
}

TEST(resized_blocks_are_counted_with_their_size) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  void* p = NULL;
  unsigned shots = 0;
  static const size_t sizes[] = {10, 12, 500, 400, 70000, 300000, 150000, 5000000, 100, 80000};
  for (size_t i = 0; i < COUNT_OF(sizes); i++) {
    p = mi_heap_realloc(heap, p, sizes[i]);
    const sums_t sums = snapshot(profiler, shots++);
    CHECK_EQ(sums.live, 1);
    CHECK_EQ(sums.live_bytes, mi_usable_size(p));
  }
  mi_free(p);
  p = mi_heap_malloc_aligned(heap, 100, 256);
  void* const huge = mi_heap_malloc_aligned(heap, 100000, 1 * MIB);
  void* const inside = mi_heap_malloc_aligned_at(heap, 100, 64, 8);
  void* const zero = mi_heap_calloc(heap, 10, 10);
  CHECK_EQ(snapshot(profiler, shots++).live, 4);
  mi_free(p);
  mi_free(huge);
  mi_free(inside);
  mi_free(zero);
  CHECK_EQ(snapshot(profiler, shots++).live, 0);
  mi_heap_destroy(heap);
  profiler_end(profiler);
}

TEST(a_stopped_profiler_takes_no_samples_but_sees_frees) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK(mi_heap_profile(heap, profiler));
  mi_free(mi_heap_malloc(heap, 10));
  CHECK_EQ(snapshot(profiler, 0).total, 0);
  CHECK(mi_profiler_start(profiler));
  allocate(heap);
  CHECK(mi_profiler_stop(profiler));
  mi_free(mi_heap_malloc(heap, 10));
  free_half((void*)0);
  const sums_t sums = snapshot(profiler, 1);
  CHECK_EQ(sums.total, COUNT);
  CHECK_EQ(sums.live, COUNT / 2);
  CHECK(mi_profiler_start(profiler));
  void* const p = mi_heap_malloc(heap, 10);
  CHECK_EQ(snapshot(profiler, 2).total, COUNT + 1);
  mi_free(p);
  CHECK(mi_heap_profile(heap, NULL));
  profiler_end(profiler);
  free_half((void*)1); /* of a profile that is gone */
  mi_heap_delete(heap);
}

TEST(the_process_is_profiled_but_for_heaps_that_are_not) {
  mi_heap_t* const own = mi_heap_new();
  mi_heap_t* const excluded = mi_heap_new();
  mi_profiler_t* const all = profiler_new(1);
  mi_profiler_t* const special = profiler_new(1);
  mi_heap_profile_disable(excluded);
  CHECK(!mi_heap_profile(excluded, special));
  CHECK(mi_heap_profile(own, special) && mi_profiler_start(special));
  CHECK(mi_profile(all) && mi_profiler_start(all));
  for (int i = 0; i < 100; i++) { mi_free(mi_heap_malloc(excluded, 100)); }
  for (int i = 0; i < 10; i++) { mi_free(mi_heap_malloc(own, 100)); }
  CHECK(mi_profiler_stop(all) && mi_profiler_stop(special));
  const sums_t before = snapshot(all, 0);
  CHECK(before.total < 50); /* what the test itself allocates, perhaps */
  CHECK_EQ(snapshot(special, 0).total, 10);
  CHECK(mi_profiler_start(all));
  void* const p = mi_malloc(5000);
  mi_heap_t* const later = mi_heap_new();
  void* const q = mi_heap_malloc(later, 5000);
  const sums_t after = snapshot(all, 1);
  CHECK(after.live >= before.live + 2 && after.total >= before.total + 2);
  mi_free(p);
  mi_free(q);
  mi_heap_delete(later);
  CHECK(mi_profile(NULL));
  profiler_end(all);
  mi_heap_delete(own);
  mi_heap_delete(excluded);
  profiler_end(special);
}

static void* allocate_inside(void* id) {
  mi_subproc_add_current_thread(*(mi_subproc_id_t*)id);
  allocate(mi_heap_main());
  return NULL;
}

TEST(a_sub_process_is_profiled_apart) {
  mi_subproc_id_t id = mi_subproc_new();
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK(mi_subproc_profile(id, profiler) && mi_profiler_start(profiler));
  mi_free(mi_malloc(100)); /* outside */
  in_thread(allocate_inside, &id);
  CHECK_EQ(snapshot(profiler, 0).live, COUNT);
  mi_subproc_destroy(id); /* detaches */
  CHECK_EQ(snapshot(profiler, 1).live, 0);
  profiler_end(profiler);
}

/* 20,000 blocks of 4 KiB at 64 KiB: 1212 samples, give or take 5 * 34. */
TEST(one_sample_is_taken_in_so_many_bytes) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* const profiler = profiler_new(64 * KIB);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  for (int i = 0; i < 20000; i++) { mi_free(mi_heap_malloc(heap, 4096)); }
  const sums_t sums = snapshot(profiler, 0);
  CHECK(sums.total > 1212 - 170 && sums.total < 1212 + 170);
  CHECK_EQ(sums.rate, 64 * KIB);
  mi_heap_destroy(heap);
  profiler_end(profiler);
}

static void allocate_and_free(mi_heap_t* heap, size_t bytes) {
  for (size_t done = 0; done < bytes; done += 5120) { mi_free(mi_heap_malloc(heap, 5120)); }
}

TEST(snapshots_come_by_themselves) {
  mi_heap_t* const heap = mi_heap_new();
  mi_profiler_t* profiler = mi_pprof_profiler_new(4096, base_name(), 10 * MIB, 0, 0);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  remove_files();
  allocate_and_free(heap, 45 * MIB);
  CHECK_EQ(remove_files(), 4);
  CHECK(mi_heap_profile(heap, NULL));
  profiler_end(profiler);
  profiler = mi_pprof_profiler_new(4096, base_name(), 0, 8 * MIB, 0);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  allocate_and_free(heap, 45 * MIB);
  CHECK_EQ(remove_files(), 0);
  for (int i = 0; i < 20; i++) { CHECK(mi_heap_malloc(heap, MIB) != NULL); }
  CHECK_EQ(remove_files(), 2);
  CHECK(mi_heap_profile(heap, NULL));
  profiler_end(profiler);
  profiler = mi_pprof_profiler_new(4096, base_name(), 0, 0, 1);
  CHECK(mi_heap_profile(heap, profiler) && mi_profiler_start(profiler));
  allocate_and_free(heap, MIB);
  CHECK_EQ(remove_files(), 0);
  usleep(1050000);
  allocate_and_free(heap, MIB);
  CHECK_EQ(remove_files(), 1);
  mi_heap_destroy(heap);
  profiler_end(profiler);
}

TEST(wrong_arguments_are_refused) {
  const mi_subproc_id_t none = {NULL};
  CHECK(!mi_subproc_profile(none, NULL));
  CHECK(mi_subproc_profile(mi_subproc_main(), NULL));
  CHECK(!mi_heap_profile(NULL, NULL));
  CHECK(!mi_profiler_start(NULL) && !mi_profiler_stop(NULL) && !mi_profiler_snapshot(NULL));
  mi_heap_profile_disable(NULL);
  mi_pprof_profiler_delete(NULL);
  CHECK(mi_profile(NULL));
}

TEST(a_name_that_is_too_long_is_refused) {
  static char name[10000];
  memset(name, 'x', sizeof(name) - 1);
  errno = 0;
  CHECK(mi_pprof_profiler_new(1, name, 0, 0, 0) == NULL);
  CHECK_EQ(errno, ENOMEM);
}

/* ---- children ---- */

static void part_delete_in_use(void) {
  mi_profiler_t* const profiler = mi_pprof_profiler_new(1, "unused", 0, 0, 0);
  mi_profiler_start(profiler);
  mi_pprof_profiler_delete(profiler);
  mi_profiler_stop(profiler);
  mi_profile(profiler);
  mi_pprof_profiler_delete(profiler);
  mi_profile(NULL);
  mi_pprof_profiler_delete(profiler);
}

TEST(a_profiler_in_use_is_not_deleted) {
  const child_t* const child = run_child("delete_in_use", "");
  CHECK(child_succeeded(child));
  const char* const first = strstr(child->err, "mi_pprof_profiler_delete of a profiler");
  CHECK(first != NULL && strstr(first + 1, "mi_pprof_profiler_delete of a profiler") != NULL);
}

static void part_unwritable(void) {
  mi_profiler_t* const profiler = mi_pprof_profiler_new(1, "/nowhere/p", 0, 0, 0);
  write_text(mi_profiler_snapshot(profiler) ? "written" : "not written");
}

TEST(a_file_that_cannot_be_written_is_told) {
  const child_t* const child = run_child("unwritable", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "not written");
  CHECK(strstr(child->err, "the heap profile '/nowhere/p.0001.heap' cannot be written") != NULL);
}

static void* kept[3];

static void part_allocate(void) {
  for (size_t i = 0; i < 3; i++) { kept[i] = hide(mi_malloc(1000000)); }
}

/* The parts end by exit: so a profile is written. */
TEST(the_environment_asks_for_a_profile_of_the_process) {
  char variables[256], path[128];
  snprintf(path, sizeof(path), "%s/whole", base_name() ? folder : "");
  snprintf(variables, sizeof(variables), "MIMALLOC_PROFILE=%s MIMALLOC_PROFILE_SAMPLE_RATE=1000",
           path);
  const child_t* child = run_child("allocate", variables);
  CHECK(child_succeeded(child));
  CHECK_STR(child->err, "");
  const sums_t sums = read_file(path);
  CHECK_EQ(sums.rate, 1000);
  CHECK(sums.live >= 3 && sums.live_bytes >= 3000000);
  child = run_child("allocate", "MIMALLOC_PROFILE=/nowhere/p");
  CHECK(child_succeeded(child));
  CHECK(strstr(child->err, "the heap profile '/nowhere/p' cannot be written") != NULL);
  child = run_child("allocate", "MIMALLOC_PROFILE=");
  CHECK(child_succeeded(child));
  CHECK_STR(child->err, "");
  CHECK_EQ(remove_files(), 0);
}

/* Destructors of thread-specific data come in rounds: the last ones run after the thread has been
 * seen to end. */
enum { LATE_ROUNDS = 3, LATE_BLOCKS = 50 };
static pthread_key_t late_key;
static void* late_blocks[LATE_ROUNDS][LATE_BLOCKS];
static size_t late_round;

static void allocate_late(void* arg) {
  for (size_t i = 0; i < LATE_BLOCKS; i++) { late_blocks[late_round][i] = mi_malloc(1000); }
  if (++late_round < LATE_ROUNDS) { CHECK_EQ(pthread_setspecific(late_key, arg), 0); }
}

static void* end_late(void* arg) {
  CHECK_EQ(pthread_setspecific(late_key, &late_round), 0);
  return arg;
}

TEST(what_threads_allocate_after_their_end_is_in_the_profile) {
  mi_profiler_t* const profiler = profiler_new(1);
  CHECK_EQ(pthread_key_create(&late_key, &allocate_late), 0);
  CHECK(mi_profile(profiler) && mi_profiler_start(profiler));
  in_thread(end_late, NULL);
  CHECK(mi_profiler_stop(profiler));
  CHECK_EQ(late_round, LATE_ROUNDS);
  CHECK(snapshot(profiler, 0).live_bytes >= (size_t)LATE_ROUNDS * LATE_BLOCKS * 1000);
  for (size_t i = 0; i < LATE_ROUNDS; i++) {
    for (size_t k = 0; k < LATE_BLOCKS; k++) { mi_free(late_blocks[i][k]); }
  }
  CHECK(snapshot(profiler, 1).live_bytes < (size_t)LATE_ROUNDS * LATE_BLOCKS * 1000);
  CHECK(mi_profile(NULL));
  mi_pprof_profiler_delete(profiler);
}

#if defined(MIM_TEST_EARLY)
extern void* early_blocks[300]; /* early.c */

static void part_nothing(void) {}

TEST(what_constructors_allocate_before_ours_is_in_the_profile) {
  char variables[256];
  snprintf(variables, sizeof(variables), "MIMALLOC_PROFILE=%s MIMALLOC_PROFILE_SAMPLE_RATE=1",
           base_name());
  CHECK(early_blocks[299] != NULL);
  CHECK(child_succeeded(run_child("nothing", variables)));
  const sums_t sums = read_file(base_name());
  CHECK(sums.live >= 300 && sums.live_bytes >= 300 * 5000);
  CHECK_EQ(remove_files(), 0);
}
#endif

static void part_fork(void) {
  part_allocate();
  const pid_t pid = fork();
  if (pid == 0) { exit(0); }
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || status != 0) { _exit(9); }
}

TEST(a_forked_child_writes_a_profile_of_its_own) {
  char variables[256];
  snprintf(variables, sizeof(variables), "MIMALLOC_PROFILE=%s MIMALLOC_PROFILE_SAMPLE_RATE=1000",
           base_name());
  CHECK(child_succeeded(run_child("fork", variables)));
  CHECK(read_file(base_name()).live_bytes >= 3000000);
  CHECK_EQ(remove_files(), 1);
}

static void* allocate_for_ever(void* arg) {
  while (true) {
    for (size_t i = 0; i < 100; i++) { mi_free(hide(mi_malloc(i * 100))); }
    pthread_testcancel();
  }
  return arg;
}

/* Profilers come and go under threads that allocate: their samples must not outlive them. */
static void part_threads(void) {
  pthread_t threads[3];
  char name[128];
  snprintf(name, sizeof(name), "/tmp/mim_profile_threads_%d", (int)getpid());
  for (int i = 0; i < 3; i++) { pthread_create(&threads[i], NULL, allocate_for_ever, NULL); }
  for (int round = 0; round < 60; round++) {
    mi_profiler_t* const profiler = mi_pprof_profiler_new(500, name, 100000, 0, 0);
    mi_profile(profiler);
    mi_profiler_start(profiler);
    usleep(3000);
    mi_profiler_stop(profiler);
    mi_profile(NULL);
    mi_pprof_profiler_delete(profiler);
  }
  char command[200];
  snprintf(command, sizeof(command), "rm -f %s.*", name);
  if (system(command) != 0) { _exit(8); }
  _exit(0);
}

TEST(profilers_come_and_go_while_threads_allocate) {
  const child_t* const child = run_child("threads", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->err, "");
}

static const child_part_t parts[] = {
  {"delete_in_use", part_delete_in_use},
  {"unwritable", part_unwritable},
  {"allocate", part_allocate},
  {"fork", part_fork},
#if defined(MIM_TEST_EARLY)
  {"nothing", part_nothing},
#endif

  {"threads", part_threads},
  {NULL, NULL},
};

int main(int argc, char** argv) {
  if (!TEST_HAS_UNWINDER) { SKIP(TEST_NO_UNWINDER); }
  return child_main(argc, argv, parts);
}
