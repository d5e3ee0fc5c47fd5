/* fuzz_runner.c - the fuzzer without libFuzzer: for CI, and to repeat what was found.

     fuzz-runner --corpus DIR             every file of the corpus, each in a process of its own
     fuzz-runner --streams N [--ops M] [--seed S]    N pseudo-random streams from seed S on
     fuzz-runner --replay FILE [--trace]  one stream in this process
     options: --shrink-seconds N (default 60), --peer (another library is tested, which promises
     less: 8-byte alignment of small blocks, no errno, no huge alignment at an offset)

   A failing stream is cut to the shortest that still fails, kept as fuzz-failure-<name>.bin in
   the current folder, and printed with its last operations. Exit code 0: no failure. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_model.h"
#include "fuzz_shrink.h"
#include "fuzz_stream.h"
#include "test/emulated.h"

enum { STREAM_BYTES_MAX = FUZZ_OPS_MAX * FUZZ_RECORD_SIZE, REPLAY_SECONDS_MAX = 120 };

typedef struct arguments {
  const char* corpus;
  const char* replay;
  unsigned long streams;
  unsigned long ops;
  unsigned long seed;
  unsigned shrink_seconds;
} arguments_t;

static uint8_t stream[STREAM_BYTES_MAX];
static char program_path[4096];

static size_t read_stream(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "fuzz-runner: cannot open the stream %s\n", path);
    exit(2);
  }
  const size_t byte_count = fread(stream, 1, sizeof(stream), file);
  fclose(file);
  return byte_count;
}

static void report_failure(const char* name, size_t byte_count, unsigned shrink_seconds) {
  char path[512];
  snprintf(path, sizeof(path), "fuzz-failure-%s.bin", name);
  fprintf(stderr, "fuzz-runner: stream %s of %zu operations fails; cutting it short\n", name,
          byte_count / FUZZ_RECORD_SIZE);
  byte_count = fuzz_shrink(program_path, path, stream, byte_count, shrink_seconds);
  fprintf(stderr, "fuzz-runner: %zu operations are left, in %s:\n", byte_count / FUZZ_RECORD_SIZE,
          path);
  if (fuzz_child_succeeds(program_path, path, true)) {
    fprintf(stderr, "fuzz-runner: it did not fail again: the failure depends on addresses\n");
  }
}

/* The stream goes through a file, so that the child needs nothing but its name.  Where there are no
 * processes it runs here: the first that fails ends the program. */
static int run_in_child(const char* name, size_t byte_count, const arguments_t* arguments) {
  char path[512];
  if (!TEST_HAS_PROCESSES) {
    fuzz_run(stream, byte_count);
    return 0;
  }
  snprintf(path, sizeof(path), "fuzz-candidate-%ld.bin", (long)getpid());
  fuzz_write_file(path, stream, byte_count);
  const bool is_good = fuzz_child_succeeds(program_path, path, false);
  unlink(path);
  if (!is_good) { report_failure(name, byte_count, arguments->shrink_seconds); }
  return is_good ? 0 : 1;
}

static int compare_names(const struct dirent** a, const struct dirent** b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int run_corpus(const arguments_t* arguments) {
  struct dirent** entries;
  const int entry_count = scandir(arguments->corpus, &entries, NULL, compare_names);
  int failures = 0, files = 0;
  for (int i = 0; i < entry_count; i++) {
    char path[4096 + 256];
    snprintf(path, sizeof(path), "%s/%s", arguments->corpus, entries[i]->d_name);
    if (entries[i]->d_name[0] != '.') {
      failures += run_in_child(entries[i]->d_name, read_stream(path), arguments);
      files++;
    }
    free(entries[i]);
  }
  if (files == 0) {
    fprintf(stderr, "fuzz-runner: the corpus %s holds no file\n", arguments->corpus);
    return 2;
  }
  free(entries);
  printf("corpus: %d files, %d failed\n", files, failures);
  return failures == 0 ? 0 : 1;
}

static int run_streams(const arguments_t* arguments) {
  unsigned long failures = 0;
  for (unsigned long seed = arguments->seed; seed < arguments->seed + arguments->streams; seed++) {
    char name[64];
    snprintf(name, sizeof(name), "seed-%lu-ops-%lu", seed, arguments->ops);
    fuzz_generate(seed, arguments->ops, stream);
    failures += (unsigned long)run_in_child(name, arguments->ops * FUZZ_RECORD_SIZE, arguments);
    if (failures >= 3) { break; } /* more of them rarely tell more */
  }
  printf("streams: seeds %lu to %lu, %lu operations each, %lu failed\n", arguments->seed,
         arguments->seed + arguments->streams - 1, arguments->ops, failures);
  return failures == 0 ? 0 : 1;
}

static unsigned long number_of(const char* name, const char* text) {
  char* end;
  const unsigned long number = text != NULL ? strtoul(text, &end, 10) : 0;
  if (text == NULL || end == text || *end != 0) {
    fprintf(stderr, "fuzz-runner: %s needs a number\n", name);
    exit(2);
  }
  return number;
}

static arguments_t parse(int argc, char** argv) {
  arguments_t arguments = {.ops = 2000, .seed = 1, .shrink_seconds = 60};
  for (int i = 1; i < argc; i++) {
    const char* name = argv[i];
    const char* value = argv[i + 1];
    if (strcmp(name, "--trace") == 0) {
      fuzz_settings.is_tracing = 1;
      continue;
    }
    if (strcmp(name, "--peer") == 0) {
      setenv("FUZZ_PEER", "1", 1); /* children inherit it */
      continue;
    }
    if (strcmp(name, "--corpus") == 0 && value != NULL) {
      arguments.corpus = value;
    } else if (strcmp(name, "--replay") == 0 && value != NULL) {
      arguments.replay = value;
    } else if (strcmp(name, "--streams") == 0) {
      arguments.streams = number_of(name, value);
    } else if (strcmp(name, "--ops") == 0) {
      arguments.ops = number_of(name, value);
    } else if (strcmp(name, "--seed") == 0) {
      arguments.seed = number_of(name, value);
    } else if (strcmp(name, "--shrink-seconds") == 0) {
      arguments.shrink_seconds = (unsigned)number_of(name, value);
    } else {
      fprintf(stderr, "fuzz-runner: unknown argument '%s'; see the head of fuzz_runner.c\n", name);
      exit(2);
    }
    i++;
  }
  if (arguments.ops > FUZZ_OPS_MAX) { arguments.ops = FUZZ_OPS_MAX; }
  return arguments;
}

int main(int argc, char** argv) {
  const arguments_t arguments = parse(argc, argv);
  fuzz_settings.is_peer = getenv("FUZZ_PEER") != NULL;
  if (arguments.replay != NULL) {
    alarm(REPLAY_SECONDS_MAX); /* a stream that hangs is a failing one */
    fuzz_run(stream, read_stream(arguments.replay));
    return 0;
  }
  if (TEST_HAS_PROCESSES &&
      readlink("/proc/self/exe", program_path, sizeof(program_path) - 1) <= 0) {
    fprintf(stderr, "fuzz-runner: cannot read /proc/self/exe; mount /proc\n");
    return 2;
  }
  if (arguments.corpus == NULL && arguments.streams == 0) {
    fprintf(stderr, "fuzz-runner: name a --corpus, a number of --streams or a --replay\n");
    return 2;
  }
  const int corpus_code = arguments.corpus != NULL ? run_corpus(&arguments) : 0;
  const int stream_code = arguments.streams != 0 ? run_streams(&arguments) : 0;
  return corpus_code != 0 ? corpus_code : stream_code;
}
