/* plan.c - see plan.h. */
#include "redirect/plan.h"

#include <string.h>

#include "redirect/plan_machine.h"

static const char* const status_text[REDIRECT_STATUS_COUNT] = {
#define REDIRECT_STATUS(name, text) text,
  REDIRECT_STATUSES(REDIRECT_STATUS)
#undef REDIRECT_STATUS
};

const char* redirect_status_text(redirect_status_t status) {
  return (unsigned)status < REDIRECT_STATUS_COUNT ? status_text[status] : "";
}

uint64_t redirect_island_distance(redirect_machine_t machine) {
  /* Less than a jump reaches: the island itself and the function's own branches need some. */
  return machine == REDIRECT_ARM64 ? UINT64_C(0x7f00000) : UINT64_C(0x7ff00000);
}

redirect_status_t redirect_plan(const redirect_function_t* function, uint64_t target,
                                uint64_t island, redirect_plan_t* plan) {
  memset(plan, 0, sizeof(*plan));
  if (function->end <= function->address) { return REDIRECT_TOO_SHORT; }
  return function->machine == REDIRECT_ARM64 ? redirect_plan_arm64(function, target, island, plan)
                                             : redirect_plan_x86(function, target, island, plan);
}

/* mov rax, rsp; mov [rax + 32], rbx; push rbp; pop rbp; jmp body: what the ARM64EC ABI has linkers
 * write, so that the emulator knows it at a glance. */
bool redirect_find_body(const redirect_function_t* function, uint64_t* body) {
  static const uint8_t thunk[] = {0x48, 0x8b, 0xc4, 0x48, 0x89, 0x58, 0x20, 0x55, 0x5d, 0xe9};
  const uint8_t* const code = function->code;
  _Static_assert(sizeof(thunk) + 4 == REDIRECT_THUNK_SIZE, "and the distance behind it");
  if (function->machine != REDIRECT_X64 || function->code_size < REDIRECT_THUNK_SIZE) {
    return false;
  }
  if (memcmp(code, thunk, sizeof(thunk)) != 0) { return false; }
  const uint32_t distance = (uint32_t)code[10] | (uint32_t)code[11] << 8 |
                            (uint32_t)code[12] << 16 | (uint32_t)code[13] << 24;
  *body = function->address + REDIRECT_THUNK_SIZE + (uint64_t)(int64_t)(int32_t)distance;
  return true;
}
