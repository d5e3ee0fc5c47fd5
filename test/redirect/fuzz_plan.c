/* fuzz_plan.c - libFuzzer's target for the planner: any bytes, as a function of any machine. */
#include <stdlib.h>
#include <string.h>

#include "test/redirect/plan_check.h"

int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size);

/* Three bytes choose machine, room and distance; five lie in front of the function. A copy, so that
 * AddressSanitizer sees any access beside it. */
int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static const int64_t distances[] = {0x10000, -0x10000, 0x7f00000, -0x7f00000, 0x7ff00000};
  if (size < 9) { return 0; }
  uint8_t* const copy = malloc(size - 3);
  if (copy == NULL) { abort(); }
  memcpy(copy, bytes + 3, size - 3);
  const uint64_t address = bytes[2] & 0x80 ? UINT64_C(0x90001008) : UINT64_C(0x9000100d);
  redirect_function_t function = {
    .machine = (redirect_machine_t)(bytes[0] % 3),
    .address = bytes[0] % 3 == REDIRECT_ARM64 ? address & ~UINT64_C(3) : address,
    .code = copy + 5,
    .code_size = size - 8,
    .before_size = 5,
  };
  const uint64_t room = bytes[1] % 64;
  function.end = function.address + (room < function.code_size ? room : function.code_size);
  const uint64_t island = (function.address + (uint64_t)distances[bytes[2] % 5]) & ~UINT64_C(15);
  redirect_plan_t plan;
  uint64_t body;
  (void)plan_check(&function, UINT64_C(0x10203040), island & UINT32_MAX, &plan);
  (void)redirect_find_body(&function, &body);
  free(copy);
  return 0;
}
