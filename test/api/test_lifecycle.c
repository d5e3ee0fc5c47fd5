/* test_lifecycle.c - allocation at every moment of a process and of a thread: before constructors,
 * in them, in atexit handlers and destructors, in destructors of thread-local data of any order,
 * and after the thread-local storage is gone. */
#define _GNU_SOURCE
#include "test/api/api_test.h"
#include "test/api/child.h"

#include <pthread.h>

/* ---- before main ---- */

enum { EARLY_SIZE = 777 };
static void *preinit_block, *constructor_block;
static pthread_key_t early_key;
static bool has_early_key;

static void destroy_and_allocate(void* value);

static void make_early_key(void) {
  if (has_early_key) { return; }
  has_early_key = pthread_key_create(&early_key, destroy_and_allocate) == 0;
}

/* Runs before the constructors of the libraries, the allocator's own included. */
static void allocate_in_preinit(void) {
  preinit_block = mi_malloc(EARLY_SIZE);
  if (preinit_block != NULL) { fill(preinit_block, EARLY_SIZE, 1); }
  make_early_key();
}
__attribute__((section(".preinit_array"),
               used)) static void (*const preinit)(void) = allocate_in_preinit;

/* WebAssembly has only these; in a program with the static library they are as early. */
__attribute__((constructor(101))) static void allocate_in_constructor(void) {
  make_early_key();
  constructor_block = mi_calloc(1, 3 * MIB);
  mi_free(mi_malloc(100));
}

TEST(blocks_of_before_main_are_valid_in_main) {
#if !defined(__GLIBC__) /* musl has no .preinit_array */
  if (preinit_block == NULL) { allocate_in_preinit(); }
#endif
  CHECK(preinit_block != NULL && constructor_block != NULL);
  CHECK(is_filled(preinit_block, EARLY_SIZE, 1));
  CHECK(is_zero(constructor_block, 3 * MIB));
  preinit_block = mi_realloc(preinit_block, 10 * EARLY_SIZE);
  CHECK(is_filled(preinit_block, EARLY_SIZE, 1));
  mi_free(preinit_block);
  mi_free(constructor_block);
}

/* ---- the end of the process ---- */

static void* kept_block;

static void allocate_at_exit(void) {
  CHECK(is_filled(kept_block, 5000, 3));
  mi_free(kept_block);
  for (size_t size = 1; size < 3000000; size *= 3) {
    void* p = hide(mi_zalloc(size));
    CHECK(p != NULL && is_zero(p, size));
    mi_free(p);
  }
  write_text("atexit ");
}

static void end_process(void) {
  kept_block = mi_malloc(5000);
  fill(kept_block, 5000, 3);
  atexit(allocate_at_exit);
}

static bool is_child; /* the destructor below belongs to one child only */

__attribute__((destructor(101))) static void allocate_in_destructor(void) {
  if (!is_child) { return; }
  void* p = mi_malloc(100);
  if (p != NULL) { write_text("destructor"); }
  mi_free(p);
}

static void child_end_process(void) {
  is_child = true;
  end_process();
}

/* The library ends before some of the program's handlers: they must work all the same. */
static void child_end_after_process_done(void) {
  is_child = true;
  end_process();
  mi_process_done();
}

TEST(atexit_handlers_and_destructors_can_allocate) {
  const child_t* child = run_child("end_process", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "atexit destructor");
  child = run_child("end_process", "MIMALLOC_SHOW_STATS=1 MIMALLOC_VERBOSE=1");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "atexit destructor");
}

TEST(allocation_works_after_process_done) {
  const child_t* child = run_child("end_after_done", "");
  CHECK(child_succeeded(child));
  CHECK_STR(child->out, "atexit destructor");
}

static void* allocate_for_ever(void* arg) {
  for (size_t i = 0;; i++) {
    void* p = hide(mi_malloc(i % 3000));
    void* q = hide(mi_malloc(i % 128 == 0 ? 200000 : 50));
    mi_free(p);
    mi_free(q);
  }
  return arg;
}

static void child_exit_while_threads_allocate(void) {
  pthread_t thread;
  for (int i = 0; i < 4; i++) { pthread_create(&thread, NULL, allocate_for_ever, NULL); }
  usleep(2000);
  end_process();
}

TEST(a_process_ends_while_its_threads_allocate) {
  for (int round = 0; round < 20; round++) {
    CHECK(child_succeeded(run_child("exit_while_threads_allocate", "")));
  }
}

/* ---- the end of a thread ---- */

enum { LATE_KEYS = 20 };
static pthread_key_t late_keys[LATE_KEYS];
static _Atomic(int) destructor_calls;

/* Sets the value anew, so that the system calls it again, as often as it ever does (4 rounds). */
static void destroy_and_allocate(void* value) {
  destructor_calls++;
  size_t* old = value;
  const size_t key = *old;
  mi_free(value);
  for (size_t size = 8; size < 300000; size *= 4) { mi_free(hide(mi_malloc(size))); }
  size_t* next = mi_malloc(sizeof(size_t) + 100 * key);
  CHECK(next != NULL);
  *next = key;
  pthread_setspecific(key < LATE_KEYS ? late_keys[key] : early_key, next);
}

static void set_key(pthread_key_t key, size_t number) {
  size_t* value = mi_malloc(sizeof(size_t));
  *value = number;
  CHECK_EQ(pthread_setspecific(key, value), 0);
}

static void* set_all_keys(void* use_allocator_first) {
  if (use_allocator_first != NULL) { mi_free(hide(mi_malloc(50))); }
  if (has_early_key) { set_key(early_key, LATE_KEYS); }
  for (size_t i = 0; i < LATE_KEYS; i++) { set_key(late_keys[i], i); }
  return NULL;
}

static void run_thread(void* (*run)(void*), void* arg) {
  pthread_t thread;
  CHECK_EQ(pthread_create(&thread, NULL, run, arg), 0);
  CHECK_EQ(pthread_join(thread, NULL), 0);
}

/* Keys made before and after the library's own: one comes before it in each round, one behind. */
TEST(destructors_of_thread_specific_data_can_allocate_in_any_order) {
  for (size_t i = 0; i < LATE_KEYS; i++) {
    CHECK_EQ(pthread_key_create(&late_keys[i], destroy_and_allocate), 0);
  }
  for (int round = 0; round < 50; round++) { run_thread(set_all_keys, round % 2 ? &round : NULL); }
  CHECK(has_early_key);
  CHECK(destructor_calls >= 50 * (LATE_KEYS + 1) * 4);
  for (size_t i = 0; i < LATE_KEYS; i++) { pthread_key_delete(late_keys[i]); }
}

/* What C++ uses for thread_local objects; they are destroyed before the keys. musl lacks it. */
#pragma weak __cxa_thread_atexit_impl
extern int __cxa_thread_atexit_impl(void (*destroy)(void*), void* object, void* library);
extern void* __dso_handle;
static _Thread_local void* thread_block;
static _Atomic(int) objects_destroyed;

static void destroy_object(void* object) {
  CHECK(object == &thread_block && is_filled(thread_block, 3000, 4));
  mi_free(thread_block);
  thread_block = hide(mi_malloc(100));
  CHECK(thread_block != NULL);
  mi_free(thread_block);
  objects_destroyed++;
}

static void* use_thread_local_object(void* arg) {
  if (arg != NULL) { mi_free(hide(mi_malloc(50))); }
  __cxa_thread_atexit_impl(destroy_object, &thread_block, &__dso_handle);
  thread_block = mi_malloc(3000);
  fill(thread_block, 3000, 4);
  return NULL;
}

TEST(destructors_of_thread_local_objects_can_allocate) {
  if (__cxa_thread_atexit_impl == NULL) { SKIP_PART("this libc has no __cxa_thread_atexit_impl"); }
  for (int round = 0; round < 100; round++) {
    run_thread(use_thread_local_object, round % 2 ? &round : NULL);
  }
  CHECK_EQ(objects_destroyed, 100);
}

static void* end_allocator_and_go_on(void* arg) {
  for (int i = 0; i < 10; i++) {
    mi_thread_done();
    void* p = hide(mi_malloc(1000));
    CHECK(p != NULL);
    fill(p, 1000, 5);
    mi_thread_done();
    CHECK(is_filled(p, 1000, 5));
    mi_free(p);
  }
  return arg;
}

TEST(a_thread_goes_on_after_thread_done) { run_thread(end_allocator_and_go_on, NULL); }

static size_t resident_kib(void) {
  size_t rss = 0;
  mi_process_info(NULL, NULL, NULL, &rss, NULL, NULL, NULL, NULL);
  return rss / KIB;
}

static void* allocate_in_thread(void* arg) {
  void* blocks[64];
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { blocks[i] = hide(mi_malloc(16 + 100 * i)); }
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { mi_free(blocks[i]); }
  return arg;
}

/* Each thread leaves 0 bytes: 3000 of them leave less than 300 bytes each, and so no page. */
TEST(threads_that_end_leave_nothing_behind) {
  if (TEST_IS_EMULATED) { SKIP_PART("what is resident is the emulator's as well"); }
  for (int i = 0; i < 200; i++) { run_thread(allocate_in_thread, NULL); }
  mi_collect(true);
  const size_t before = resident_kib();
  for (int i = 0; i < 3000; i++) { run_thread(allocate_in_thread, NULL); }
  mi_collect(true);
  const size_t after = resident_kib();
  if (after > before + 900) { printf("  %zu KiB before, %zu KiB after\n", before, after); }
  CHECK(after <= before + 900);
}

int main(int argc, char** argv) {
  static const child_part_t parts[] = {{"end_process", child_end_process},
                                       {"end_after_done", child_end_after_process_done},
                                       {"exit_while_threads_allocate",
                                        child_exit_while_threads_allocate},
                                       {NULL, NULL}};
  return child_main(argc, argv, parts);
}
