/* plan_arm64.c - see plan.h. One instruction is replaced by a branch to the island: functions of
 * four bytes exist, and one aligned store of four bytes is seen whole or not at all.
 *
 * Where indirect branches have to land on a mark (BTI), a function begins with one, or with the
 * signing of its return address (PAC), which is a mark too. That instruction stays, and the one
 * behind it is replaced; the relay takes the signature off again. */
#include "redirect/code.h"
#include "redirect/plan_machine.h"

enum { WORD = 4, SCAN_MAX = 4096, SCRATCH = 16 /* x16: free between functions, by the ABI */ };

#define BTI UINT32_C(0xd503241f)
#define BTI_MASK UINT32_C(0xffffff3f)
#define PACIASP UINT32_C(0xd503233f)
#define PACIBSP UINT32_C(0xd503237f)
#define AUT_OF_PAC UINT32_C(0x80) /* autiasp and autibsp differ from them by this bit */
#define NOP UINT32_C(0xd503201f)

/* The kinds of instructions whose meaning depends on their place. */
typedef enum kind {
  KIND_FREE,
  KIND_B,
  KIND_BL,
  KIND_CONDITION, /* b.cond, cbz, cbnz: 19 bits at 5 */
  KIND_TEST,      /* tbz, tbnz: 14 bits at 5 */
  KIND_ADR,
  KIND_ADRP,
  KIND_LOAD, /* of a literal */
} kind_t;

static uint32_t read_word(const redirect_function_t* function, size_t at) {
  const uint8_t* const p = function->code + at;
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static kind_t kind_of(uint32_t word) {
  if (word >> 26 == 0x05) { return KIND_B; }
  if (word >> 26 == 0x25) { return KIND_BL; }
  if (word >> 24 == 0x54 || (word >> 25 & 0x3f) == 0x1a) { return KIND_CONDITION; }
  if ((word >> 25 & 0x3f) == 0x1b) { return KIND_TEST; }
  if ((word & 0x9f000000) == 0x10000000) { return KIND_ADR; }
  if ((word & 0x9f000000) == 0x90000000) { return KIND_ADRP; }
  if ((word & 0x3b000000) == 0x18000000) { return KIND_LOAD; }
  return KIND_FREE;
}

/* `bits` bits of the word from `at` on, with their sign. */
static int64_t signed_field(uint32_t word, unsigned at, unsigned bits) {
  const uint32_t field = word >> at & ((UINT32_C(1) << bits) - 1);
  return (int64_t)field - (int64_t)((uint64_t)(field >> (bits - 1)) << bits);
}

/* What the instruction at `address` refers to. */
static uint64_t destination_of(uint32_t word, kind_t kind, uint64_t address) {
  const int64_t adr = signed_field(word, 5, 19) * 4 + (word >> 29 & 3);
  switch (kind) {
    case KIND_B:
    case KIND_BL: return address + (uint64_t)(signed_field(word, 0, 26) * 4);
    case KIND_TEST: return address + (uint64_t)(signed_field(word, 5, 14) * 4);
    case KIND_ADR: return address + (uint64_t)adr;
    case KIND_ADRP: return (address & ~UINT64_C(0xfff)) + ((uint64_t)adr << 12);
    default: return address + (uint64_t)(signed_field(word, 5, 19) * 4);
  }
}

/* -- Writing */

static void put(code_t* code, uint32_t word) { code_number(code, word, WORD); }

/* Whether `b` at `from` reaches `to`. */
static bool is_near(uint64_t from, uint64_t to) {
  const int64_t distance = (int64_t)(to - from);
  return distance >= -(1 << 27) && distance < 1 << 27;
}

static void put_branch(code_t* code, uint64_t to) {
  const uint64_t distance = to - code_here(code);
  if (!is_near(code_here(code), to)) { code->is_too_large = true; }
  put(code, UINT32_C(0x14000000) | ((uint32_t)(distance >> 2) & 0x3ffffff));
}

/* ldr x<target>, [pc + 8]; b over it; the number. */
static void put_number(code_t* code, unsigned target, uint64_t number) {
  put(code, UINT32_C(0x58000040) | target);
  put(code, UINT32_C(0x14000003));
  code_number(code, number, 8);
}

/* ldr x16, [pc + 8]; br x16; the address: reaches everything. */
static void put_far_jump(code_t* code, uint64_t destination) {
  put(code, UINT32_C(0x58000040) | SCRATCH);
  put(code, UINT32_C(0xd61f0000) | SCRATCH << 5);
  code_number(code, destination, 8);
}

/* Into the middle of a function only a direct branch is sure to be allowed (BTI). */
static void put_jump(code_t* code, uint64_t destination) {
  if (is_near(code_here(code), destination)) {
    put_branch(code, destination);
  } else {
    put_far_jump(code, destination);
  }
}

/* The same condition leads over one branch to another, which reaches further. */
static void move_condition(code_t* code, uint32_t word, uint32_t mask, uint64_t destination) {
  put(code, (word & ~(mask << 5)) | 2 << 5);
  put(code, UINT32_C(0x14000002));
  put_branch(code, destination);
}

/* The callee returns to the function itself. */
static void move_call(code_t* code, uint64_t next, uint64_t destination) {
  put_number(code, 30, next);
  put_jump(code, destination);
}

/* The literal's address goes into the register itself, or into x16 if that is one for numbers with
 * a point. prfm is only a hint. */
static void move_load(code_t* code, uint32_t word, uint64_t address) {
  static const uint32_t loads[2][4] = {{UINT32_C(0xb9400000), UINT32_C(0xf9400000),
                                        UINT32_C(0xb9800000), NOP},
                                       {UINT32_C(0xbd400000), UINT32_C(0xfd400000),
                                        UINT32_C(0x3dc00000), 0}};
  const bool is_vector = (word >> 26 & 1) != 0;
  const uint32_t load = loads[is_vector][word >> 30];
  if (load == NOP || load == 0) {
    put(code, load == NOP ? NOP : word);
    return;
  }
  put_number(code, SCRATCH, address);
  put(code, load | SCRATCH << 5 | (word & 31));
}

static void move_instruction(code_t* code, uint32_t word, uint64_t address) {
  const kind_t kind = kind_of(word);
  const uint64_t destination = destination_of(word, kind, address);
  switch (kind) {
    case KIND_FREE: put(code, word); break;
    case KIND_B: put_jump(code, destination); break;
    case KIND_BL: move_call(code, address + WORD, destination); break;
    case KIND_CONDITION: move_condition(code, word, 0x7ffff, destination); break;
    case KIND_TEST: move_condition(code, word, 0x3fff, destination); break;
    case KIND_ADR:
    case KIND_ADRP: put_number(code, word & 31, destination); break;
    case KIND_LOAD: move_load(code, word, destination); break;
  }
}

/* -- The plan */

/* Indirect branches may lead to it. */
static bool is_mark(uint32_t word) {
  return (word & BTI_MASK) == BTI || word == PACIASP || word == PACIBSP;
}

/* How many bytes stay in front of the instruction that is replaced. */
static size_t replaced_at(const redirect_function_t* function) {
  return is_mark(read_word(function, 0)) ? WORD : 0;
}

/* A branch of the function to the instruction that is replaced, as far as `room` goes. */
static bool has_branch_to(const redirect_function_t* function, size_t room, uint64_t address) {
  for (size_t at = 0; at + WORD <= room && at < SCAN_MAX; at += WORD) {
    const uint32_t word = read_word(function, at);
    const kind_t kind = kind_of(word);
    const bool is_branch = kind == KIND_B || kind == KIND_CONDITION || kind == KIND_TEST;
    if (is_branch && destination_of(word, kind, function->address + at) == address) { return true; }
  }
  return false;
}

static void put_relay(code_t* relay, uint32_t mark, uint64_t target) {
  if (mark == PACIASP || mark == PACIBSP) { put(relay, mark | AUT_OF_PAC); }
  put_far_jump(relay, target);
}

static redirect_status_t plan_at(const redirect_function_t* function, size_t at, uint64_t target,
                                 uint64_t island, redirect_plan_t* plan) {
  const uint64_t replaced = function->address + at;
  const uint32_t mark = at != 0 ? read_word(function, 0) : 0;
  code_t relay = {.bytes = plan->island, .capacity = REDIRECT_TRAMPOLINE, .address = island};
  code_t code = {.bytes = plan->island + REDIRECT_TRAMPOLINE,
                 .capacity = REDIRECT_ISLAND_SIZE - REDIRECT_TRAMPOLINE,
                 .address = island + REDIRECT_TRAMPOLINE};
  code_t patch = {.bytes = plan->patch, .capacity = WORD, .address = replaced};
  put_relay(&relay, mark, target);
  if (at != 0) { put(&code, mark); }
  move_instruction(&code, read_word(function, at), replaced);
  put_branch(&code, replaced + WORD);
  put_branch(&patch, island);
  plan->patch_address = replaced;
  plan->patch_size = WORD;
  plan->is_atomic = true;
  plan->island_size = REDIRECT_TRAMPOLINE + code.size;
  plan->original = code.address;
  return relay.is_too_large || code.is_too_large || patch.is_too_large ? REDIRECT_TOO_FAR
                                                                       : REDIRECT_OK;
}

redirect_status_t redirect_plan_arm64(const redirect_function_t* function, uint64_t target,
                                      uint64_t island, redirect_plan_t* plan) {
  const size_t room = redirect_room(function);
  if (room < WORD) { return REDIRECT_TOO_SHORT; }
  if (function->address % WORD != 0) { return REDIRECT_UNKNOWN; }
  const size_t at = replaced_at(function);
  if (room < at + WORD) { return REDIRECT_TOO_SHORT; }
  const uint32_t word = read_word(function, at);
  if (kind_of(word) == KIND_B) {
    plan->follow = destination_of(word, KIND_B, function->address + at);
    return REDIRECT_FOLLOW;
  }
  if (at != 0 && has_branch_to(function, room, function->address + at)) {
    return REDIRECT_BRANCH_INTO;
  }
  return plan_at(function, at, target, island, plan);
}
