/* override_c.c - a C program whose malloc family is replaced: preloaded, linked shared, linked
   static, or with the single object file. Both its own calls and those libc makes for it. */
#include "ours.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <wchar.h>

/* Checks that p is the allocator's, and frees it. */
static void check_and_free(void* p) {
  CHECK_OURS(p);
  free(p);
}

static void check_family(void) {
  check_and_free(hide(malloc(100)));
  char* zeroed = hide(calloc(10, 30));
  for (int i = 0; i < 300; i++) { CHECK_THAT(zeroed[i] == 0); }
  strcpy(zeroed, "kept");
  zeroed = hide(realloc(zeroed, 100000));
  CHECK_THAT(strcmp(zeroed, "kept") == 0);
  CHECK_THAT(malloc_usable_size(zeroed) >= 100000);
  check_and_free(zeroed);
  check_and_free(hide(reallocarray(NULL, 10, 10)));
  check_and_free(hide(malloc(3 << 20)));
  CHECK_OURS(hide(malloc(0)));
  free(NULL);
}

static void check_aligned(void) {
  void* p = NULL;
  CHECK_THAT(posix_memalign(&p, 4096, 100) == 0 && (uintptr_t)p % 4096 == 0);
  check_and_free(p);
  CHECK_THAT(posix_memalign(&p, 3, 100) == EINVAL);
  p = hide(memalign(256, 100));
  CHECK_THAT((uintptr_t)p % 256 == 0);
  check_and_free(p);
  p = hide(aligned_alloc(1024, 2048));
  CHECK_THAT((uintptr_t)p % 1024 == 0);
  check_and_free(p);
  p = hide(valloc(10));
  CHECK_THAT((uintptr_t)p % 4096 == 0);
  check_and_free(p);
#if defined(__GLIBC__) /* musl has no such function */
  check_and_free(hide(pvalloc(10)));
#endif
}

/* Memory that libc allocates and the program frees. */
static void check_from_libc(void) {
  check_and_free(hide(strdup("text of some length")));
  check_and_free(hide(strndup("text of some length", 7)));
  check_and_free(hide(wcsdup(L"wide text")));
  char* text = NULL;
  CHECK_THAT(asprintf(&text, "%d and %s", 42, "more") == 11);
  check_and_free(text);
  check_and_free(hide(realpath("/proc/self/..", NULL)));
  FILE* file = fopen("/proc/self/status", "r");
  CHECK_THAT(file != NULL);
  char* line = NULL;
  size_t capacity = 0;
  CHECK_THAT(getline(&line, &capacity, file) > 0 && strncmp(line, "Name:", 5) == 0);
  check_and_free(line);
  fclose(file);
  char* memory = NULL;
  size_t size = 0;
  FILE* stream = open_memstream(&memory, &size);
  CHECK_THAT(stream != NULL && fprintf(stream, "%05000d", 7) == 5000 && fclose(stream) == 0);
  CHECK_THAT(size == 5000 && memory[4999] == '7');
  check_and_free(memory);
}

static void* thread_main(void* arg) {
  check_family();
  free(arg);
  return hide(malloc(500));
}

static void check_threads(void) {
  for (int i = 0; i < 20; i++) {
    pthread_t thread;
    void* result = NULL;
    CHECK_THAT(pthread_create(&thread, NULL, thread_main, hide(malloc(77))) == 0);
    CHECK_THAT(pthread_join(thread, &result) == 0);
    check_and_free(result);
  }
}

/* The names under which libc and old programs know the same functions. */
__attribute__((unused)) static void check_other_names(void) {
  static const char* const names[] = {
    "cfree",
    "malloc_usable_size",
    "reallocarray",
#if defined(__GLIBC__)
    "__libc_malloc",
    "__libc_free",
    "__libc_calloc",
    "__libc_realloc",
    "__libc_memalign",
    "__posix_memalign",
#endif
  };
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    void* symbol = dlsym(RTLD_DEFAULT, names[i]);
    Dl_info by_name, by_malloc;
    void* allocate = dlsym(RTLD_DEFAULT, "malloc");
    CHECK_THAT(symbol != NULL && allocate != NULL);
    CHECK_THAT(dladdr(symbol, &by_name) != 0 && dladdr(allocate, &by_malloc) != 0);
    if (by_name.dli_fbase != by_malloc.dli_fbase) {
      fprintf(stderr, "failed: %s is from %s, but malloc from %s\n", names[i], by_name.dli_fname,
              by_malloc.dli_fname);
      abort();
    }
  }
}

int main(void) {
  check_family();
  check_aligned();
  check_from_libc();
  check_threads();
#ifndef OVERRIDE_STATIC /* there the names are resolved when it is linked, not by dlsym */
  check_other_names();
#endif
  printf("the malloc family is replaced\n");
  return 0;
}
