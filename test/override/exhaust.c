/* exhaust.c - how much malloc hands out before it says NULL, in blocks of each size named: on a
 * 32-bit machine the address space ends before memory does.
 *
 * usage: exhaust LIMIT SIZE...
 *
 * LIMIT is where the addresses of the process end, as with a kernel that keeps the others to
 * itself. A SIZE is a number of bytes, or LOW-HIGH: sizes between them, each doubling as often.
 * Prints a line "SIZE MIB" for each. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MISSES = 64 }; /* of a mix of sizes: a smaller one may still fit */

/* Nothing can be mapped any more at or above the limit. */
static void close_above(uintptr_t limit) {
  for (size_t step = (size_t)1 << 28; step >= 4096; step /= 2) {
    for (uintptr_t at = limit; at >= limit && at <= UINTPTR_MAX - step; at += step) {
      (void)mmap((void*)at, step, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    }
  }
}

static uint32_t random_state = 1;

static size_t random_below(size_t limit) {
  random_state = random_state * 1664525u + 1013904223u;
  return (random_state >> 4) % limit;
}

static size_t random_size(size_t low, size_t high) {
  size_t doublings = 0;
  while (low << doublings < high) { doublings++; }
  if (doublings == 0) { return low; }
  const size_t from = low << random_below(doublings);
  const size_t size = from + random_below(from);
  return size < high ? size : high;
}

static void allocate_until_null(const char* name, size_t low, size_t high) {
  uint64_t total = 0;
  for (int misses = 0; misses < (low == high ? 1 : MISSES);) {
    const size_t size = random_size(low, high);
    if (malloc(size) == NULL) {
      misses++;
    } else {
      total += size;
    }
  }
  char line[100]; /* no memory is left for stdio */
  const int length = snprintf(line, sizeof(line), "%s %" PRIu64 "\n", name, total >> 20);
  if (write(STDOUT_FILENO, line, (size_t)length) != length) { _exit(1); }
  _exit(0);
}

int main(int argc, char** argv) {
  if (argc < 3) { return 2; }
  close_above(strtoul(argv[1], NULL, 0));
  for (int i = 2; i < argc; i++) {
    char* end;
    const size_t low = strtoul(argv[i], &end, 10);
    const size_t high = *end == '-' ? strtoul(end + 1, NULL, 10) : low;
    const pid_t child = fork();
    if (child == 0) { allocate_until_null(argv[i], low, high); }
    int status;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) { return 1; }
  }
  return 0;
}
