/* fuzz_shrink.h - running a stream in a process of its own, and cutting a failing one short. */
#ifndef MIM_TEST_FUZZ_SHRINK_H
#define MIM_TEST_FUZZ_SHRINK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs `program --replay path` in a child. True: it ended well. Its output is shown on request. */
bool fuzz_child_succeeds(const char* program, const char* path, bool is_output_wanted);

/* Removes records from the failing stream, then simplifies the rest, as long as it still fails.
   `path` is the scratch file that the children read. Returns the new length in bytes. Gives up
   improving after `seconds`. */
size_t fuzz_shrink(const char* program, const char* path, uint8_t* bytes, size_t byte_count,
                   unsigned seconds);

/* Writes the file or ends the program. */
void fuzz_write_file(const char* path, const uint8_t* bytes, size_t byte_count);

#endif
