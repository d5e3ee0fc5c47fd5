/* fuzz_check.h - what has to hold for any bytes, taken for a PE file. */
#ifndef MIM_TEST_PE_FUZZ_CHECK_H
#define MIM_TEST_PE_FUZZ_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads all there is; adds an import, removes it, adds it again; ends the process if a promise of
 * tools/pe is not kept. Whether an import could be added. */
bool fuzz_check(const uint8_t* bytes, size_t size);

#endif
