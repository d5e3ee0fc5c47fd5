/* fuzz_libfuzzer.c - the entry that libFuzzer calls: build it with clang -fsanitize=fuzzer.

     out/fuzz/test/fuzz/fuzz-model -max_len=6000 -max_total_time=600 test/fuzz/corpus
     out/fuzz/test/fuzz/fuzz-model -merge=1 test/fuzz/corpus new-findings */
#include <stdlib.h>

#include "fuzz_model.h"

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t byte_count);

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t byte_count) {
  fuzz_settings.is_peer = getenv("FUZZ_PEER") != NULL; /* as --peer of the runner */
  fuzz_run(bytes, byte_count);
  return 0;
}
