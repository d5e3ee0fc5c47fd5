/* lacking.h - what WASI lacks besides processes: threads, limits, pipes, a dynamic linker. Each
 * ends the test as skipped. */
#ifndef MIM_TEST_WASI_LACKING_H
#define MIM_TEST_WASI_LACKING_H

#include <dlfcn.h>
#include <sys/resource.h>
#include <time.h>

#define CLOCK_THREAD_CPUTIME_ID CLOCK_MONOTONIC

typedef unsigned long long rlim_t;
struct rlimit {
  rlim_t rlim_cur, rlim_max;
};
enum { RLIMIT_CORE, RLIMIT_AS, RLIMIT_DATA };
#define RLIM_INFINITY (~0ull)

static inline int setrlimit(int what, const struct rlimit* limit) {
  (void)what, (void)limit;
  test_lacks("WASI has no limits for a process to set");
}

static inline int getrlimit(int what, struct rlimit* limit) { return setrlimit(what, limit); }

static inline int execv(const char* path, char* const* arguments) {
  (void)path, (void)arguments;
  test_lacks(TEST_LACKS_PROCESSES);
}

static inline pid_t waitpid(pid_t child, int* status, int options) {
  (void)child, (void)status, (void)options;
  test_lacks(TEST_LACKS_PROCESSES);
}

static inline int pipe(int ends[2]) {
  (void)ends;
  test_lacks(TEST_LACKS_PROCESSES);
}

static inline int dup2(int from, int to) {
  (void)from, (void)to;
  test_lacks(TEST_LACKS_PROCESSES);
}

static inline unsigned alarm(unsigned seconds) { return seconds & 0; }

/* Of the library under test; WASI's headers do not have them. */
void* memalign(size_t alignment, size_t size);
void* valloc(size_t size);
void* pvalloc(size_t size);

#define TEST_LACKS_TEMPORARY "WASI does not make names of temporary files"

static inline char* mkdtemp(char* name) {
  (void)name;
  test_lacks(TEST_LACKS_TEMPORARY);
}

static inline int mkstemp(char* name) {
  (void)name;
  test_lacks(TEST_LACKS_TEMPORARY);
}

typedef struct Dl_info {
  void* dli_fbase;
  const char* dli_fname;
} Dl_info;

static inline int dladdr(const void* address, Dl_info* info) {
  (void)address, (void)info;
  test_lacks("WASI has no dynamic linker");
}
static inline void* test_dlsym(void* library, const char* name) {
  (void)library, (void)name;
  test_lacks("WASI has no dynamic linker");
}
#define dlsym test_dlsym

static inline int test_create_thread(pthread_t* thread, const pthread_attr_t* attributes,
                                     void* (*run)(void*), void* arg) {
  (void)thread, (void)attributes, (void)run, (void)arg;
  test_lacks("WASI has no threads");
}
#undef pthread_create
#define pthread_create test_create_thread

#endif
