/* plan_check.c - see plan_check.h. The jumps are read here by their definition, not by the
 * planner's own decoder. */
#include "test/redirect/plan_check.h"

#include "test/test.h"

static uint64_t number(const uint8_t* bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++) { value |= (uint64_t)bytes[i] << (8 * i); }
  return value;
}

static uint64_t wrap(const redirect_function_t* function, uint64_t address) {
  return function->machine == REDIRECT_X86 ? (uint32_t)address : address;
}

/* Where `jmp` with a distance of four bytes leads. */
static uint64_t jump_target(const redirect_function_t* function, const uint8_t* bytes,
                            uint64_t address) {
  CHECK_EQ(bytes[0], 0xe9);
  return wrap(function, address + 5 + (uint64_t)(int64_t)(int32_t)number(bytes + 1, 4));
}

/* From the jump at `address`: the relay, unless ours is near enough. */
static uint64_t entry_target(const redirect_function_t* function, uint64_t address, uint64_t target,
                             uint64_t island) {
  const int64_t distance = (int64_t)(target - (address + 5));
  const bool is_near = distance >= INT32_MIN && distance <= INT32_MAX;
  return is_near || function->machine == REDIRECT_X86 ? target : island;
}

static void check_x86(const redirect_function_t* function, uint64_t target, uint64_t island,
                      const redirect_plan_t* plan) {
  if (plan->pad_address != 0) {
    CHECK_EQ(plan->patch_size, 2);
    CHECK_EQ(plan->patch[0], 0xeb);
    CHECK_EQ(plan->patch_address + 2 + (uint64_t)(int64_t)(int8_t)plan->patch[1],
             plan->pad_address);
    CHECK_EQ(plan->pad_address + 5, function->address);
    CHECK(function->before_size >= 5);
    CHECK_EQ(jump_target(function, plan->pad, plan->pad_address),
             entry_target(function, plan->pad_address, target, island));
  } else {
    CHECK_EQ(plan->patch_size, 5);
    CHECK_EQ(jump_target(function, plan->patch, plan->patch_address),
             entry_target(function, plan->patch_address, target, island));
  }
  if (function->machine == REDIRECT_X86) {
    CHECK_EQ(jump_target(function, plan->island, island), target);
  } else {
    CHECK_EQ(number(plan->island, 6), 0x25ff);
    CHECK_EQ(number(plan->island + 6, 8), target);
  }
}

static void check_arm64(const redirect_function_t* function, uint64_t target, uint64_t island,
                        const redirect_plan_t* plan) {
  CHECK_EQ(plan->patch_size, 4);
  CHECK(plan->is_atomic);
  const uint32_t word = (uint32_t)number(plan->patch, 4);
  CHECK_EQ(word >> 26, 5);
  const uint64_t distance = (uint64_t)(word & 0x3ffffff) << 2;
  CHECK_EQ(distance, (island - plan->patch_address) & 0xfffffff);
  CHECK(plan->patch_address - function->address <= 4);
  /* What signs the return address in front of the patch is undone. */
  const uint32_t first = (uint32_t)number(function->code, 4);
  const bool is_signed =
    plan->patch_address != function->address && (first == 0xd503233f || first == 0xd503237f);
  const uint8_t* relay = plan->island;
  if (is_signed) {
    CHECK_EQ(number(relay, 4), first | 0x80);
    relay += 4;
  }
  CHECK_EQ(number(relay, 4), 0x58000050);
  CHECK_EQ(number(relay + 4, 4), 0xd61f0200);
  CHECK_EQ(number(relay + 8, 8), target);
}

redirect_status_t plan_check(const redirect_function_t* function, uint64_t target, uint64_t island,
                             redirect_plan_t* plan) {
  const redirect_status_t status = redirect_plan(function, target, island, plan);
  CHECK((unsigned)status < REDIRECT_STATUS_COUNT);
  if (status != REDIRECT_OK) { return status; }
  CHECK(plan->patch_address >= function->address);
  CHECK(plan->patch_address + plan->patch_size <= function->end);
  CHECK(plan->island_size <= REDIRECT_ISLAND_SIZE);
  CHECK(plan->original > island && plan->original < island + plan->island_size);
  if (plan->is_atomic) {
    CHECK_EQ(plan->patch_address / 8, (plan->patch_address + plan->patch_size - 1) / 8);
  }
  if (function->machine == REDIRECT_ARM64) {
    check_arm64(function, target, island, plan);
  } else {
    check_x86(function, target, island, plan);
  }
  return status;
}
