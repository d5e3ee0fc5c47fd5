/* fuzz_pe.c - libFuzzer's target for tools/pe. */
#include "test/pe/fuzz_check.h"

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  (void)fuzz_check(bytes, size);
  return 0;
}
