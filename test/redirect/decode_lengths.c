/* decode_lengths.c - decode-lengths 32|64: reads lines of instructions in hex, as another
 * disassembler has cut them, and fails if x86_decode cuts differently. It may refuse, but not more
 * than one in a hundred. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redirect/x86_decode.h"

/* The longest instruction and what could follow it. */
enum { SIZE = 32 };

static size_t read_line(const char* line, uint8_t* bytes) {
  size_t size = 0;
  for (unsigned value; size < SIZE && sscanf(line + 2 * size, "%2x", &value) == 1; size++) {
    bytes[size] = (uint8_t)value;
  }
  return size;
}

int main(int argc, char** argv) {
  static char line[256];
  unsigned long count = 0, refused = 0, wrong = 0;
  const bool is_64 = argc > 1 && strcmp(argv[1], "64") == 0;
  while (fgets(line, sizeof(line), stdin) != NULL) {
    uint8_t bytes[SIZE] = {0};
    x86_instruction_t instruction;
    const size_t size = read_line(line, bytes);
    count++;
    if (!x86_decode(bytes, SIZE, is_64, &instruction)) {
      refused++;
    } else if (instruction.length != size) {
      if (wrong++ < 10) { printf("%u bytes, not %zu: %s", instruction.length, size, line); }
    }
  }
  printf("%lu instructions: %lu refused, %lu cut wrongly\n", count, refused, wrong);
  return count > 5000 && wrong == 0 && refused <= count / 100 ? 0 : 1;
}
