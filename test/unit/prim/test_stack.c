/* test_stack.c - return addresses, and files. */
/* needs: unix */
#include <errno.h>
#include <fcntl.h>

#include "prim/prim.h"
#include "test/emulated.h"
#include "test/unit/unit.h"

enum { FRAMES = 32 };

__attribute__((noinline)) static size_t walk_here(uintptr_t* frames) {
  const size_t count = mim_prim_stack(frames, FRAMES);
  __asm__ volatile("" ::: "memory"); /* no tail call */
  return count;
}

/* By a pointer that may change: else a compiler unrolls the recursion. */
static size_t (*volatile walk_deeper)(uintptr_t* frames, int depth);

__attribute__((noinline)) static size_t walk_deep(uintptr_t* frames, int depth) {
  walk_deeper = walk_deep;
  const size_t count = depth == 0 ? walk_here(frames) : walk_deeper(frames, depth - 1);
  __asm__ volatile("" ::: "memory");
  return count;
}

/* How many equal return addresses follow each other from `first` on: those of the recursion. */
static size_t length_of_run(const uintptr_t* frames, size_t first, size_t count) {
  size_t length = 1;
  while (first + length < count && frames[first + length] == frames[first]) { length++; }
  return length;
}

static void need_unwinder(void) {
  const bool can_walk = mim_prim_stack_prepare();
  if (!TEST_HAS_UNWINDER) { SKIP(TEST_NO_UNWINDER); }
  CHECK(can_walk);
}

TEST(stack_shows_the_callers_innermost_first) {
  uintptr_t frames[FRAMES], more[FRAMES];
  need_unwinder();
  const size_t count = walk_deep(frames, 5);
  CHECK(count >= 8 && count < FRAMES - 4);
  CHECK_EQ(walk_deep(more, 9), count + 4);
  size_t first = 0; /* ASan's own backtrace leaves one more frame at the top */
  while (length_of_run(frames, first, count) == 1) { first++; }
  CHECK(first == 2 || first == 3);
  CHECK_EQ(length_of_run(frames, first, count), 5);
  CHECK_EQ(length_of_run(more, first, count + 4), 9);
  CHECK(memcmp(frames, more, first * sizeof(frames[0])) == 0);
}

TEST(stack_is_cut_at_the_room_there_is) {
  uintptr_t frames[FRAMES] = {0};
  need_unwinder();
  CHECK_EQ(mim_prim_stack(frames, 2), 2);
  CHECK_EQ(frames[2], 0);
  CHECK_EQ(walk_deep(frames, 200), FRAMES);
}

TEST(stack_leaves_errno_alone) {
  uintptr_t frames[FRAMES];
  errno = 77;
  need_unwinder();
  CHECK(mim_prim_stack(frames, FRAMES) > 0);
  CHECK_EQ(errno, 77);
}

/* ---- files ---- */

static size_t read_file(const char* path, char* text, size_t room) {
  const int file = open(path, O_RDONLY);
  CHECK(file >= 0);
  const ssize_t length = read(file, text, room - 1);
  CHECK(length >= 0);
  text[length] = 0;
  close(file);
  return (size_t)length;
}

TEST(file_is_written_renamed_and_removed) {
  char folder[] = "/tmp/mim_file_XXXXXX", path[64], other[64], text[64];
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof(path), "%s/a", folder);
  snprintf(other, sizeof(other), "%s/b", folder);
  int file = -1;
  errno = 77;
  CHECK_EQ(mim_prim_file_create(path, &file), 0);
  CHECK_EQ(mim_prim_file_write(file, "some text", 9), 0);
  CHECK_EQ(mim_prim_file_close(file), 0);
  CHECK_EQ(mim_prim_file_rename(path, other), 0);
  CHECK_EQ(read_file(other, text, sizeof(text)), 9);
  CHECK_STR(text, "some text");
  CHECK_EQ(mim_prim_file_create(other, &file), 0); /* what was there before is gone */
  CHECK_EQ(mim_prim_file_close(file), 0);
  CHECK_EQ(read_file(other, text, sizeof(text)), 0);
  CHECK_EQ(mim_prim_file_remove(other), 0);
  CHECK_EQ(mim_prim_file_remove(other), ENOENT);
  CHECK_EQ(errno, 77);
  CHECK_EQ(rmdir(folder), 0);
}

TEST(file_errors_are_returned) {
  int file = -1;
  CHECK_EQ(mim_prim_file_create("/nowhere/at/all", &file), ENOENT);
  CHECK_EQ(mim_prim_file_rename("/nowhere/a", "/nowhere/b"), ENOENT);
  CHECK_EQ(mim_prim_file_create("/dev/full", &file), 0);
  CHECK_EQ(mim_prim_file_write(file, "x", 1), ENOSPC);
  CHECK_EQ(mim_prim_file_write_mappings(file), ENOSPC);
  CHECK_EQ(mim_prim_file_close(file), 0);
}

TEST(file_gets_the_mappings_of_the_process) {
  static char text[1 << 20];
  char path[] = "/tmp/mim_maps_XXXXXX";
  const int file = mkstemp(path);
  CHECK(file >= 0);
  CHECK_EQ(mim_prim_file_write_mappings(file), 0);
  CHECK_EQ(mim_prim_file_close(file), 0);
  CHECK(read_file(path, text, sizeof(text)) > 100);
  CHECK(strstr(text, " r-xp ") != NULL && strstr(text, "libc") != NULL);
  CHECK_EQ(mim_prim_file_remove(path), 0);
}

TEST_MAIN()
