/* fuzz_shrink.c - delta debugging over records. A failing stream kills its process, so each
   candidate is tried in a child; a failure that needs the same addresses may not repeat, then
   the stream stays as long as it is. */
#include "fuzz_shrink.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fuzz_stream.h"

#include "test/again.h"

extern char** environ;

static const char* shrink_program;
static const char* shrink_path;
static time_t shrink_end;

void fuzz_write_file(const char* path, const uint8_t* bytes, size_t byte_count) {
  FILE* file = fopen(path, "wb");
  if (file == NULL || fwrite(bytes, 1, byte_count, file) != byte_count || fclose(file) != 0) {
    fprintf(stderr, "fuzz: cannot write %s; run it in a folder that can be written\n", path);
    exit(2);
  }
}

bool fuzz_child_succeeds(const char* program, const char* path, bool is_output_wanted) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!is_output_wanted) {
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  const again_t again =
    again_command_of(program, (const char*[]){program, "--replay", path,
                                              is_output_wanted ? "--trace" : NULL, NULL});
  pid_t child;
  int status = -1;
  if (posix_spawn(&child, again.path, &actions, NULL, again.arguments, environ) != 0 ||
      waitpid(child, &status, 0) != child) {
    perror("fuzz: cannot start a child");
    exit(2);
  }
  posix_spawn_file_actions_destroy(&actions);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool still_fails(const uint8_t* bytes, size_t byte_count) {
  if (time(NULL) >= shrink_end) { return false; }
  fuzz_write_file(shrink_path, bytes, byte_count);
  return !fuzz_child_succeeds(shrink_program, shrink_path, false);
}

/* Tries to leave out each run of `chunk` records. Returns the new record count. */
static size_t remove_chunks(uint8_t* bytes, size_t count, size_t chunk) {
  uint8_t* candidate = malloc(count * FUZZ_RECORD_SIZE + 1);
  if (candidate == NULL) { return count; }
  for (size_t at = count; at > 0;) {
    at = at > chunk ? at - chunk : 0;
    const size_t cut = at + chunk > count ? count - at : chunk;
    const size_t rest = (count - at - cut) * FUZZ_RECORD_SIZE;
    memcpy(candidate, bytes, at * FUZZ_RECORD_SIZE);
    memcpy(candidate + at * FUZZ_RECORD_SIZE, bytes + (at + cut) * FUZZ_RECORD_SIZE, rest);
    if (cut > 0 && still_fails(candidate, (count - cut) * FUZZ_RECORD_SIZE)) {
      count -= cut;
      memcpy(bytes, candidate, count * FUZZ_RECORD_SIZE);
    }
  }
  free(candidate);
  return count;
}

/* Simpler values for one byte of a record: the same thread, no alignment, a smaller size. */
static void simplify_byte(uint8_t* bytes, size_t count, size_t at, uint8_t simpler) {
  const uint8_t before = bytes[at];
  if (simpler >= before) { return; }
  bytes[at] = simpler;
  if (!still_fails(bytes, count * FUZZ_RECORD_SIZE)) { bytes[at] = before; }
}

static void simplify_records(uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const size_t at = i * FUZZ_RECORD_SIZE;
    simplify_byte(bytes, count, at + 5, 0);
    simplify_byte(bytes, count, at + 5, bytes[at + 5] & 3);
    simplify_byte(bytes, count, at + 4, 0);
    simplify_byte(bytes, count, at + 2, 0);
    simplify_byte(bytes, count, at + 2, bytes[at + 2] / 2);
    simplify_byte(bytes, count, at + 3, 0);
  }
}

size_t fuzz_shrink(const char* program, const char* path, uint8_t* bytes, size_t byte_count,
                   unsigned seconds) {
  shrink_program = program;
  shrink_path = path;
  shrink_end = time(NULL) + (time_t)seconds;
  size_t count = byte_count / FUZZ_RECORD_SIZE;
  for (size_t chunk = (count + 1) / 2; chunk > 0; chunk /= 2) {
    count = remove_chunks(bytes, count, chunk);
  }
  for (size_t before = count + 1; count < before;) {
    before = count;
    count = remove_chunks(bytes, count, 1);
  }
  if (count <= 64) { simplify_records(bytes, count); }
  fuzz_write_file(path, bytes, count * FUZZ_RECORD_SIZE);
  return count * FUZZ_RECORD_SIZE;
}
