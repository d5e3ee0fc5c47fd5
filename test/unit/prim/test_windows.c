/* test_windows.c - clock, environment, standard error, files, stacks on Windows.  No function of
 * the system layer changes the last error of its thread. */
/* needs: windows */
#include "prim/prim.h"
#include "prim/thread_slot.h"
#include "test/unit/unit.h"

enum { LAST_ERROR = 4711 };

static char folder[MAX_PATH];

static const char* path_of(const char* name, char* path, size_t size) {
  if (folder[0] == 0) { GetTempPathA(sizeof(folder), folder); }
  snprintf(path, size, "%smim-%lu-%s", folder, (unsigned long)GetCurrentProcessId(), name);
  return path;
}

static void read_text(const char* path, char* text, size_t size) {
  FILE* const file = fopen(path, "rb");
  CHECK(file != NULL);
  text[fread(text, 1, size - 1, file)] = 0;
  fclose(file);
}

TEST(windows_clocks_run_forward_at_the_same_pace) {
  const uint64_t ms = mim_prim_clock_ms(), ns = mim_prim_clock_ns();
  CHECK(ms > 0 && ns > 0);
  Sleep(60);
  const uint64_t ms_passed = mim_prim_clock_ms() - ms, ns_passed = mim_prim_clock_ns() - ns;
  CHECK(ns_passed >= 50000000);
  CHECK(ms_passed + 40 >= ns_passed / 1000000 && ns_passed / 1000000 + 40 >= ms_passed);
}

/* Options only: the rest is not copied. */
TEST(windows_environment_has_what_could_be_options) {
  SetEnvironmentVariableW(L"mimalloc_test_variable", L"h\x00e9re");
  SetEnvironmentVariableA("OTHER_VARIABLE", "1");
  bool is_found = false;
  SetLastError(LAST_ERROR);
  for (char** e = mim_prim_environment(); *e != NULL; e++) {
    is_found = is_found || strcmp(*e, "mimalloc_test_variable=h\xc3\xa9re") == 0;
    CHECK(strncmp(*e, "OTHER", 5) != 0);
  }
  CHECK(is_found);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  CHECK(!mim_prim_is_secure_execution());
}

static void environment_is_larger_than_the_copy(void* arg) {
  (void)arg;
  static char value[8000];
  memset(value, 'v', sizeof(value) - 1);
  for (char name[] = "MI_LONG_0"; name[8] < '9'; name[8]++) {
    CHECK(SetEnvironmentVariableA(name, value));
  }
  size_t count = 0;
  for (char** e = mim_prim_environment(); *e != NULL; e++) {
    count += strncmp(*e, "MI_LONG_", 8) == 0 && strlen(*e) == 10 + sizeof(value) - 1;
  }
  CHECK(count >= 1 && count < 9); /* whole variables, as many as there is room for */
}

TEST(windows_environment_that_is_too_large_is_cut_between_variables) {
  run_in_child(environment_is_larger_than_the_copy, NULL);
}

TEST(windows_random_bytes_differ) {
  unsigned char a[32], b[32];
  SetLastError(LAST_ERROR);
  CHECK(mim_prim_random(a, sizeof(a)) && mim_prim_random(b, sizeof(b)));
  CHECK(memcmp(a, b, sizeof(a)) != 0);
  CHECK_EQ(GetLastError(), LAST_ERROR);
}

TEST(windows_cpu_and_node_are_there) {
  SYSTEM_INFO info;
  GetSystemInfo(&info);
  CHECK(mim_prim_cpu() < info.dwNumberOfProcessors);
  CHECK(mim_prim_numa_count() >= 1 && mim_prim_numa_node() < mim_prim_numa_count());
}

TEST(windows_error_text_goes_to_standard_error_as_it_is) {
  char path[MAX_PATH], text[64];
  const HANDLE file = CreateFileA(path_of("error", path, sizeof(path)), GENERIC_WRITE, 0, NULL,
                                  CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  CHECK(file != INVALID_HANDLE_VALUE);
  const HANDLE before = GetStdHandle(STD_ERROR_HANDLE);
  SetStdHandle(STD_ERROR_HANDLE, file);
  SetLastError(LAST_ERROR);
  mim_prim_write_error("exactly this\nrest", 13);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  SetStdHandle(STD_ERROR_HANDLE, NULL); /* a program with windows only */
  mim_prim_write_error("lost", 4);
  SetStdHandle(STD_ERROR_HANDLE, before);
  CloseHandle(file);
  read_text(path, text, sizeof(text));
  CHECK_STR(text, "exactly this\n");
  CHECK_EQ(mim_prim_file_remove(path), 0);
}

TEST(windows_info_grows_with_what_is_used) {
  enum { SIZE = 32 << 20 };
  mim_prim_process_info_t before, after;
  mim_prim_process_info(&before);
  CHECK(before.current_rss > 0 && before.peak_rss >= before.current_rss);
  char* const big = malloc(SIZE);
  CHECK(big != NULL);
  for (int i = 0; i < SIZE; i += 1024) { ((volatile char*)big)[i] = 1; }
  SetLastError(LAST_ERROR);
  mim_prim_process_info(&after);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  CHECK(after.current_rss >= before.current_rss + SIZE / 2);
  CHECK(after.peak_rss >= after.current_rss);
  CHECK(after.user_us + after.system_us >= before.user_us + before.system_us);
  free(big);
}

static int reserve_aligned(size_t size, size_t alignment, bool commit, void** p) {
  mim_prim_wish_t wish = {alignment, -1, 0};
  return mim_prim_reserve(size, &wish, commit, p);
}

TEST(windows_failures_are_error_codes_and_keep_the_last_error) {
  const size_t size = (size_t)1 << 16;
  void* p;
  SetLastError(LAST_ERROR);
  CHECK(reserve_aligned(SIZE_MAX / 2, 1, false, &p) != 0);
  CHECK(p == NULL);
  void* const image = (void*)GetModuleHandleA(NULL); /* nothing that VirtualAlloc gave */
  CHECK(mim_prim_commit(image, size) != 0);
  CHECK(mim_prim_release(image, size) != 0);
  CHECK(mim_prim_move(NULL, NULL, size) != 0);
  CHECK_EQ(GetLastError(), LAST_ERROR);
}

TEST(windows_a_part_of_a_reservation_is_not_released) {
  const size_t size = (size_t)1 << 16;
  void* p;
  CHECK_EQ(reserve_aligned(4 * size, 1, true, &p), 0);
  CHECK(mim_prim_release((char*)p + size, size) != 0);
  memset(p, 1, 4 * size);
  CHECK_EQ(mim_prim_release(p, 4 * size), 0);
}

/* As OS pages of 1 GiB are: one reservation each. */
TEST(windows_reservations_side_by_side_are_released_together) {
  const size_t size = (size_t)1 << 16;
  void *whole, *first, *second;
  CHECK_EQ(reserve_aligned(2 * size, 1, false, &whole), 0);
  CHECK_EQ(mim_prim_release(whole, 2 * size), 0);
  first = VirtualAlloc(whole, size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
  second = VirtualAlloc((char*)whole + size, size, MEM_RESERVE, PAGE_READWRITE);
  CHECK(first == whole && second == (char*)whole + size);
  CHECK_EQ(mim_prim_release(whole, 2 * size), 0);
  MEMORY_BASIC_INFORMATION info;
  CHECK(VirtualQuery(whole, &info, sizeof(info)) != 0 && info.State == MEM_FREE);
  CHECK(VirtualQuery((char*)whole + size, &info, sizeof(info)) != 0 && info.State == MEM_FREE);
}

/* So that nothing has to be reserved around it: parts of a reservation cannot be given back. */
TEST(windows_10_aligns) {
  const size_t size = (size_t)1 << 16;
  const HMODULE module = GetModuleHandleA("kernelbase.dll");
  if (module == NULL || GetProcAddress(module, "VirtualAlloc2") == NULL) {
    SKIP_PART("this Windows cannot align");
  }
  for (size_t alignment = 1; alignment <= (size_t)64 << 20; alignment *= 4) {
    void* p[3];
    for (int i = 0; i < 3; i++) {
      CHECK_EQ(reserve_aligned(size, alignment, i == 2, &p[i]), 0);
      CHECK_EQ((uintptr_t)p[i] % alignment, 0);
    }
    for (int i = 0; i < 3; i++) { CHECK_EQ(mim_prim_release(p[i], size), 0); }
  }
}

TEST(windows_an_alignment_that_cannot_be_had_is_no_error) {
  const size_t size = (size_t)1 << 16;
  void* p;
  SetLastError(LAST_ERROR);
  CHECK_EQ(reserve_aligned(size, (SIZE_MAX >> 1) + 1, false, &p), 0);
  CHECK(p != NULL);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  CHECK_EQ(mim_prim_release(p, size), 0);
}

/* Named, it is heeded, or told to be not; and the wish for an alignment beside it stands. */
TEST(windows_a_node_is_named_when_memory_is_reserved) {
  const size_t size = (size_t)1 << 20;
  for (int node = 0; node < (int)mim_prim_numa_count(); node++) {
    mim_prim_wish_t wish = {size, node, -1};
    void* p;
    SetLastError(LAST_ERROR);
    CHECK_EQ(mim_prim_reserve(size, &wish, false, &p), 0);
    CHECK_EQ(wish.numa_error, 0);
    CHECK_EQ(mim_prim_commit(p, size), 0);
    memset(p, 1, size);
    CHECK_EQ(GetLastError(), LAST_ERROR);
    CHECK_EQ(mim_prim_release(p, size), 0);
  }
  mim_prim_wish_t nowhere = {size, 60000, 0};
  void* p;
  CHECK_EQ(mim_prim_reserve(size, &nowhere, false, &p), 0);
  CHECK_EQ(mim_prim_release(p, size), 0);
}

/* An account that may lock memory gets it; any other is told why not. */
TEST(windows_large_pages_need_a_privilege) {
  mim_prim_config_t config;
  mim_prim_memory_config(&config);
  if (config.gigantic_size == 0) { SKIP_PART("32-bit programs have no OS pages of 1 GiB"); }
  void* p;
  CHECK_EQ(reserve_aligned(2 * config.gigantic_size, 1, false, &p), 0);
  CHECK_EQ(mim_prim_release(p, 2 * config.gigantic_size), 0);
  char* const base =
    (char*)(((uintptr_t)p + config.gigantic_size - 1) & ~(config.gigantic_size - 1));
  SetLastError(LAST_ERROR);
  mim_prim_wish_t wish = {config.gigantic_size, 0, 0};
  const int error = mim_prim_map_gigantic(base, config.gigantic_size, &wish);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  if (error == 0) {
    memset(base, 1, 4096);
    CHECK_EQ(mim_prim_release(base, config.gigantic_size), 0);
  } else {
    printf("    error %d\n", error);
  }
}

/* ---- the slot ---- */

static DWORD WINAPI use_slot_of_its_own(void* other) {
  CHECK(mim_thread_slot_read() == NULL);
  mim_thread_slot_write(&other);
  CHECK(mim_thread_slot_read() == &other);
  return 0;
}

TEST(windows_slot_is_each_threads_own) {
  int mine;
  mim_thread_slot_place = 0;
  CHECK(mim_thread_slot_read() == NULL);
  mim_thread_slot_write(&mine); /* there is none yet */
  CHECK(mim_thread_slot_read() == NULL);
  SetLastError(LAST_ERROR);
  mim_prim_thread_exit_init(NULL);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  CHECK(mim_thread_slot_place != 0 && mim_thread_slot_read() == NULL);
  mim_thread_slot_write(&mine);
  const HANDLE thread = CreateThread(NULL, 0, use_slot_of_its_own, &mine, 0, NULL);
  WaitForSingleObject(thread, INFINITE);
  CloseHandle(thread);
  CHECK(mim_thread_slot_read() == &mine);
}

/* Behind the first 64 there is none: the variable serves alone. */
TEST(windows_without_a_slot_left_there_is_none) {
  DWORD taken[64];
  size_t count = 0;
  mim_thread_slot_place = 0;
  do { taken[count++] = TlsAlloc(); } while (taken[count - 1] < 64);
  SetLastError(LAST_ERROR);
  mim_prim_thread_exit_init(NULL);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  CHECK(mim_thread_slot_place == 0);
  while (count > 0) { TlsFree(taken[--count]); }
}

/* ---- files ---- */

TEST(windows_file_is_written_renamed_and_removed) {
  char path[MAX_PATH], other[MAX_PATH], text[64];
  int file = -1;
  path_of("a", path, sizeof(path));
  path_of("b", other, sizeof(other));
  SetLastError(LAST_ERROR);
  CHECK_EQ(mim_prim_file_create(path, &file), 0);
  CHECK_EQ(mim_prim_file_write(file, "some text", 9), 0);
  CHECK_EQ(mim_prim_file_close(file), 0);
  CHECK_EQ(mim_prim_file_rename(path, other), 0);
  CHECK_EQ(mim_prim_file_rename(other, path), 0);
  CHECK_EQ(GetLastError(), LAST_ERROR);
  read_text(path, text, sizeof(text));
  CHECK_STR(text, "some text");
  CHECK_EQ(mim_prim_file_create(path, &file), 0); /* what was there before is gone */
  CHECK_EQ(mim_prim_file_close(file), 0);
  read_text(path, text, sizeof(text));
  CHECK_STR(text, "");
  CHECK_EQ(mim_prim_file_remove(path), 0);
  CHECK_EQ(mim_prim_file_remove(path), ERROR_FILE_NOT_FOUND);
  CHECK_EQ(mim_prim_file_create("Z:\\nowhere\\at\\all", &file), ERROR_PATH_NOT_FOUND);
}

TEST(windows_file_gets_the_modules_of_the_process) {
  static char text[1 << 16];
  char path[MAX_PATH];
  int file = -1;
  CHECK_EQ(mim_prim_file_create(path_of("maps", path, sizeof(path)), &file), 0);
  CHECK_EQ(mim_prim_file_write_mappings(file), 0);
  CHECK_EQ(mim_prim_file_close(file), 0);
  read_text(path, text, sizeof(text));
  CHECK(strstr(text, " r-xp ") != NULL && strstr(text, "ntdll.dll") != NULL);
  CHECK_EQ(mim_prim_file_remove(path), 0);
}

TEST(windows_paths_are_made_absolute) {
  static char path[MIM_PRIM_PATH_MAX];
  CHECK(mim_prim_real_path("C:\\windows\\..\\x", path));
  CHECK_STR(path, "C:\\x");
}

/* ---- stacks ---- */

enum { FRAMES = 32 };

/* By a pointer that may change: else a compiler unrolls the recursion. */
static size_t (*volatile walk_deeper)(uintptr_t* frames, int depth);

__attribute__((noinline)) static size_t walk_deep(uintptr_t* frames, int depth) {
  walk_deeper = walk_deep;
  const size_t count = depth == 0 ? mim_prim_stack(frames, FRAMES) : walk_deeper(frames, depth - 1);
  __asm__ volatile("" ::: "memory"); /* no tail call */
  return count;
}

TEST(windows_stack_shows_the_callers) {
  uintptr_t frames[FRAMES], more[FRAMES];
  CHECK(mim_prim_stack_prepare());
#if defined(__i386__)
  SKIP_PART("on x86 the stack is walked by frame pointers, which this program has none of");
#endif
  const size_t count = walk_deep(frames, 5);
  CHECK(count >= 8 && count < FRAMES - 4);
  CHECK_EQ(walk_deep(more, 9), count + 4);
  CHECK(frames[2] == frames[3] && more[2] == frames[2] && more[8] == frames[2]);
  CHECK_EQ(mim_prim_stack(frames, 2), 2);
}

TEST_MAIN()
