/* test_posix.c - the names of ISO C, POSIX, glibc and the BSDs, as a program that links the library
 * calls them: each must be the library's own, and follow its standard. */
#define _GNU_SOURCE
#include "test/api/api_test.h"

#include <dlfcn.h>
#include <malloc.h>
#include <unistd.h>

#if !defined(__GLIBC__)
extern void* pvalloc(size_t size); /* the library has it for every libc */
#endif

/* Newer than the headers of this C library, or only in those of a BSD. */
void free_sized(void* p, size_t size);
void free_aligned_sized(void* p, size_t alignment, size_t size);
void* reallocf(void* p, size_t size);
int reallocarr(void* p, size_t count, size_t size);
void cfree(void* p);
void vfree(void* p);
size_t malloc_size(const void* p);
size_t malloc_good_size(size_t size);

static bool is_ours(const char* name) {
  Dl_info symbol, version;
  void* address = dlsym(RTLD_DEFAULT, name);
  if (address == NULL || dladdr(address, &symbol) == 0) { return false; }
  if (dladdr((void*)(uintptr_t)&mi_version, &version) == 0) { return false; }
  /* In a program linked statically both are the program itself. */
  return symbol.dli_fbase == version.dli_fbase || strstr(symbol.dli_fname, "mimalloc") != NULL;
}

TEST(every_overridden_name_is_the_librarys_own) {
  static const char* const names[] = {
    "malloc",
    "calloc",
    "realloc",
    "free",
    "cfree",
    "strdup",
    "strndup",
    "posix_memalign",
    "memalign",
    "aligned_alloc",
    "valloc",
    "pvalloc",
    "vfree",
    "reallocf",
    "reallocarray",
    "reallocarr",
    "malloc_size",
    "malloc_usable_size",
    "malloc_good_size",
    "_aligned_malloc",
    "free_sized",
    "free_aligned_sized",
#if defined(__GLIBC__)
    "__libc_malloc",
    "__libc_calloc",
    "__libc_realloc",
    "__libc_free",
    "__libc_cfree",
    "__libc_memalign",
    "__libc_valloc",
    "__libc_pvalloc",
    "__posix_memalign",
    "mallinfo",
    "mallinfo2",
    "mallopt",
    "malloc_trim",
    "malloc_stats",
    "malloc_info",
#endif
  };
  size_t missing = 0;
  for (size_t i = 0; i < COUNT_OF(names); i++) {
    if (is_ours(names[i])) { continue; }
    printf("  %s is not the library's own\n", names[i]);
    missing++;
  }
  CHECK_EQ(missing, 0);
}

TEST(malloc_and_friends_share_their_blocks_with_mi_free) {
  void* blocks[] = {malloc(100),
                    calloc(10, 10),
                    realloc(NULL, 100),
                    strdup("text"),
                    strndup("text", 2),
                    memalign(64, 100),
                    aligned_alloc(64, 128),
                    valloc(100),
                    pvalloc(100),
                    reallocarray(NULL, 10, 10)};
  for (size_t i = 0; i < COUNT_OF(blocks); i++) {
    CHECK(hide(blocks[i]) != NULL);
    CHECK(mi_usable_size(blocks[i]) >= (i == 3 ? 5u : i == 4 ? 3u : 100u));
    mi_free(blocks[i]);
  }
  void* p = hide(mi_malloc(100));
  CHECK(malloc_usable_size(p) == mi_usable_size(p));
  free(p);
}

/* Functions of libc that allocate inside call the same malloc. */
TEST(what_libc_allocates_is_the_librarys_own) {
  char* line = NULL;
  size_t size = 0;
  FILE* file = fopen("/proc/self/status", "r");
  CHECK(file != NULL && getline(&line, &size, file) > 0);
  fclose(file);
  CHECK(mi_usable_size(line) >= size);
  mi_free(line);
  char* text = NULL;
  CHECK(asprintf(&text, "%d", 12345) == 5);
  CHECK(mi_usable_size(text) >= 6);
  mi_free(text);
  char* folder = getcwd(NULL, 0);
  CHECK(folder != NULL && mi_usable_size(folder) > strlen(folder));
  mi_free(folder);
  char* path = realpath("/usr/.", NULL);
  CHECK(path != NULL && mi_usable_size(path) >= 5);
  mi_free(path);
}

TEST(posix_memalign_follows_posix) {
  for (size_t alignment = sizeof(void*); alignment <= (size_t)8 * MIB; alignment *= 2) {
    for (size_t size = 0; size < 200000; size = size * 5 + 1) {
      void* p = NULL;
      CHECK_EQ(posix_memalign(&p, alignment, size), 0);
      CHECK(p != NULL && is_aligned(p, alignment) && malloc_usable_size(p) >= size);
      memset(p, 1, size);
      free(p);
    }
  }
  void* p = &p;
  CHECK_EQ(posix_memalign(&p, hide_size(3), 8), EINVAL);
  CHECK_EQ(posix_memalign(&p, hide_size(sizeof(void*) / 2), 8), EINVAL);
  CHECK_EQ(posix_memalign(&p, hide_size(0), 8), EINVAL);
  CHECK_EQ(posix_memalign(&p, 64, hide_size(SIZE_MAX)), ENOMEM);
  CHECK(p == &p);
}

TEST(aligned_alloc_and_memalign_align) {
  for (size_t alignment = 1; alignment <= (size_t)8 * MIB; alignment *= 2) {
    void* p = hide(aligned_alloc(alignment, 3 * alignment + 1)); /* C17: any size */
    void* q = hide(memalign(alignment, 100));
    CHECK(p != NULL && is_aligned(p, alignment) && malloc_usable_size(p) >= 3 * alignment + 1);
    CHECK(q != NULL && is_aligned(q, alignment) && is_aligned(q, 2 * sizeof(void*)));
    free(p);
    free(q);
  }
}

TEST(valloc_and_pvalloc_give_os_pages) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (size_t size = 0; size < 100000; size = size * 3 + 1) {
    void* p = hide(valloc(size));
    void* q = hide(pvalloc(size));
    const size_t rounded = (size + page - 1) / page * page;
    CHECK(p != NULL && is_aligned(p, page) && malloc_usable_size(p) >= size);
    CHECK(q != NULL && is_aligned(q, page) && malloc_usable_size(q) >= rounded);
    memset(q, 1, rounded);
    free(p);
    free(q);
  }
  CHECK(hide(pvalloc(hide_size(SIZE_MAX))) == NULL);
  CHECK(hide(valloc(hide_size(SIZE_MAX))) == NULL);
}

TEST(reallocarray_and_reallocarr_check_for_overflow) {
  int* p = reallocarray(NULL, 100, sizeof(int));
  CHECK(p != NULL);
  p[99] = 7;
  errno = 0;
  CHECK(hide(reallocarray(p, hide_size(SIZE_MAX / 2), 8)) == NULL);
  CHECK_EQ(errno, ENOMEM);
  CHECK_EQ(p[99], 7);
  CHECK_EQ(reallocarr(&p, 1000, sizeof(int)), 0);
  CHECK_EQ(p[99], 7);
  CHECK(reallocarr(&p, hide_size(SIZE_MAX / 2), 8) != 0);
  CHECK_EQ(p[99], 7);
  free(p);
}

TEST(reallocf_frees_on_failure_and_other_frees_take_any_block) {
  char* p = reallocf(NULL, 100);
  CHECK(p != NULL);
  p = reallocf(p, 2000);
  CHECK(p != NULL && malloc_size(p) >= 2000);
  CHECK(hide(reallocf(p, hide_size(SIZE_MAX))) == NULL);
  cfree(malloc(100));
  vfree(valloc(100));
  CHECK(malloc_good_size(1000) >= 1000);
}

/* ISO C23 7.24.3.4 and .5: the sizes are those of the allocation. */
TEST(c23_sized_frees_take_blocks_of_every_size) {
  for (size_t size = 0; size < 5000000; size = size * 2 + 1) {
    free_sized(malloc(size), size);
    free_sized(calloc(1, size), size);
    free_sized(realloc(malloc(10), size), size);
    free_aligned_sized(aligned_alloc(256, size), 256, size);
    free_aligned_sized(aligned_alloc(8192, size), 8192, size);
  }
  free_sized(NULL, 0);
  free_aligned_sized(NULL, 16, 0);
}

/* ---- what only glibc has ---- */

#if defined(__GLIBC__)
TEST(mallinfo_tells_what_is_in_use) {
  enum { SIZE = 24 * MIB };
  const struct mallinfo2 before = mallinfo2();
  void* p = hide(malloc(SIZE));
  memset(p, 1, SIZE);
  const struct mallinfo2 with = mallinfo2();
  CHECK(with.uordblks + with.hblkhd >= (size_t)SIZE);
  CHECK(with.uordblks + with.hblkhd >= before.uordblks + before.hblkhd + SIZE / 2);
  CHECK(with.arena + with.hblkhd >= with.uordblks);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const struct mallinfo old = mallinfo();
#pragma GCC diagnostic pop
  CHECK(old.uordblks + old.hblkhd >= SIZE);
  free(p);
}

TEST(malloc_trim_and_mallopt_answer_as_in_glibc) {
  static void* blocks[1000];
  for (size_t i = 0; i < COUNT_OF(blocks); i++) {
    blocks[i] = malloc(20000);
    memset(blocks[i], 1, 20000);
  }
  for (size_t i = 0; i < COUNT_OF(blocks); i++) { free(blocks[i]); }
  const int trimmed = malloc_trim(0);
  CHECK(trimmed == 0 || trimmed == 1);
  /* Parameters of another design: accepted, as 1 says, so that programs go on. */
  CHECK_EQ(mallopt(M_MMAP_THRESHOLD, 1 << 20), 1);
  CHECK_EQ(mallopt(M_ARENA_MAX, 1), 1);
  void* p = malloc(100);
  CHECK(p != NULL);
  free(p);
}

TEST(malloc_info_writes_xml) {
  char* text = NULL;
  size_t size = 0;
  FILE* stream = open_memstream(&text, &size);
  CHECK(stream != NULL);
  CHECK_EQ(malloc_info(0, stream), 0);
  fclose(stream);
  CHECK(strncmp(text, "<malloc version=", 16) == 0);
  CHECK(strstr(text, "</malloc>") != NULL);
  free(text);
  CHECK(malloc_info(1, stdout) != 0); /* no option but 0 is known */
}

TEST(malloc_stats_prints_to_standard_error) {
  char name[] = "/tmp/mim_test_XXXXXX";
  const int file = mkstemp(name);
  const int saved = dup(STDERR_FILENO);
  CHECK(file >= 0 && saved >= 0);
  unlink(name);
  dup2(file, STDERR_FILENO);
  malloc_stats();
  dup2(saved, STDERR_FILENO);
  CHECK(lseek(file, 0, SEEK_END) > 20);
  close(file);
  close(saved);
}
#endif

TEST_MAIN()
