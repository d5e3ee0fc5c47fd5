/* plan_x86.c - see plan.h. A jump of five bytes takes the place of whole instructions, which move
 * into the island. Where there is no room for it, two bytes jump to five that lie unused in front
 * of the function: so do functions that were made to be patched, whose first instruction is
 * `mov edi, edi`. */
#include <string.h>

#include "redirect/code.h"
#include "redirect/plan_machine.h"
#include "redirect/x86_decode.h"

enum { JUMP_SIZE = 5, SHORT_JUMP_SIZE = 2, SCAN_MAX = 4096 };

typedef struct planner {
  const redirect_function_t* function;
  bool is_64;
  size_t room;    /* bytes of the function */
  size_t changed; /* bytes that the patch takes */
  size_t moved;   /* bytes of the instructions that move */
  bool has_ended; /* nothing of the function is left behind them */
  code_t code;    /* the trampoline */
} planner_t;

/* -- Writing */

/* A distance of four bytes, from behind it to `destination`; x86 wraps around. */
static void put_distance(code_t* code, bool is_64, uint64_t destination) {
  const int64_t distance = (int64_t)(destination - (code_here(code) + 4));
  if (is_64 && distance != (int32_t)distance) { code->is_too_large = true; }
  code_number(code, (uint64_t)distance, 4);
}

static void put_jump(code_t* code, bool is_64, uint64_t destination) {
  code_byte(code, 0xe9);
  put_distance(code, is_64, destination);
}

static void put_relay(code_t* code, bool is_64, uint64_t target) {
  if (!is_64) {
    put_jump(code, is_64, target);
    return;
  }
  code_number(code, 0x25ff, 6); /* jmp [rip] */
  code_number(code, target, 8);
}

/* -- Moving instructions */

/* Where the instruction at `at` leads to. */
static uint64_t destination_of(const planner_t* planner, size_t at,
                               const x86_instruction_t* instruction) {
  const redirect_function_t* const function = planner->function;
  const uint64_t destination = function->address + at + instruction->length +
                               (uint64_t)x86_distance(function->code + at, instruction);
  return planner->is_64 ? destination : (uint32_t)destination;
}

static bool is_changed(const planner_t* planner, uint64_t destination) {
  const uint64_t place = destination - planner->function->address;
  return place > 0 && place < planner->changed;
}

/* The callee returns to the function itself, which goes on behind the call: a call has five bytes,
 * so it is the last that moves. x86 code reads its own address that way. On x64 a return has to
 * match its call (shadow stacks), and unwinders do not look here. */
static void move_call(planner_t* planner, uint64_t next, uint64_t destination) {
  if (planner->is_64) {
    code_byte(&planner->code, 0xe8);
    put_distance(&planner->code, true, destination);
  } else {
    code_byte(&planner->code, 0x68); /* push */
    code_number(&planner->code, next, 4);
    put_jump(&planner->code, false, destination);
  }
}

static redirect_status_t move_branch(planner_t* planner, size_t at,
                                     const x86_instruction_t* instruction) {
  uint64_t destination = destination_of(planner, at, instruction);
  if (is_changed(planner, destination)) { return REDIRECT_BRANCH_INTO; }
  if (destination == planner->function->address) { destination = planner->code.address; }
  const uint8_t opcode = instruction->opcode;
  const bool is_conditional =
    (instruction->map == 0 && opcode >> 4 == 7) || (instruction->map == 1 && opcode >> 4 == 8);
  if (is_conditional) {
    code_byte(&planner->code, 0x0f);
    code_byte(&planner->code, (uint8_t)(0x80 | (opcode & 15)));
    put_distance(&planner->code, planner->is_64, destination);
  } else if (opcode == 0xe8) {
    move_call(planner, planner->function->address + at + instruction->length, destination);
  } else if (opcode == 0xe9 || opcode == 0xeb) {
    put_jump(&planner->code, planner->is_64, destination);
  } else {
    return REDIRECT_CANNOT_MOVE; /* loop, jecxz: there is no long form */
  }
  return REDIRECT_OK;
}

static redirect_status_t move_instruction(planner_t* planner, size_t at,
                                          const x86_instruction_t* instruction) {
  const uint8_t* const bytes = planner->function->code + at;
  if (instruction->is_branch) { return move_branch(planner, at, instruction); }
  /* xbegin hides a distance in what looks like a number. */
  if (instruction->map == 0 && instruction->opcode == 0xc7 && instruction->modrm == 0xf8) {
    return REDIRECT_CANNOT_MOVE;
  }
  const uint64_t end = code_here(&planner->code) + instruction->length;
  for (size_t i = 0; i < instruction->length; i++) { code_byte(&planner->code, bytes[i]); }
  if (instruction->relative_at == 0 || planner->code.is_too_large) { return REDIRECT_OK; }
  const int64_t distance = (int64_t)(destination_of(planner, at, instruction) - end);
  if (distance != (int32_t)distance) { return REDIRECT_TOO_FAR; }
  code_t place = {.bytes = planner->code.bytes + planner->code.size - instruction->length +
                           instruction->relative_at,
                  .capacity = 4};
  code_number(&place, (uint64_t)distance, 4);
  return REDIRECT_OK;
}

static bool is_padding(const uint8_t* bytes, size_t size) {
  for (size_t i = 0; i < size; i++) {
    if (bytes[i] != 0xcc && bytes[i] != 0x90) { return false; }
  }
  return true;
}

/* Moves instructions until `changed` bytes are free. Behind a return there is only padding, which
 * is free. */
static redirect_status_t move_start(planner_t* planner) {
  const uint8_t* const code = planner->function->code;
  while (planner->moved < planner->changed) {
    x86_instruction_t instruction;
    const size_t at = planner->moved;
    if (planner->has_ended) {
      const bool has_room = planner->changed <= planner->room;
      return has_room && is_padding(code + at, planner->changed - at) ? REDIRECT_OK
                                                                      : REDIRECT_TOO_SHORT;
    }
    if (at >= planner->room) { return REDIRECT_TOO_SHORT; }
    if (!x86_decode(code + at, planner->function->code_size - at, planner->is_64, &instruction)) {
      return REDIRECT_UNKNOWN;
    }
    if (instruction.length > planner->room - at) { return REDIRECT_TOO_SHORT; }
    const redirect_status_t status = move_instruction(planner, at, &instruction);
    if (status != REDIRECT_OK) { return status; }
    planner->moved += instruction.length;
    planner->has_ended = x86_is_end(&instruction);
  }
  return REDIRECT_OK;
}

/* Whether a branch in the rest of the function leads into what is changed, as far as the code can
 * be followed: data in it (jump tables) ends the search. */
static bool has_branch_into(const planner_t* planner) {
  const size_t size = planner->room < SCAN_MAX ? planner->room : SCAN_MAX;
  x86_instruction_t instruction;
  for (size_t at = planner->moved; at < size; at += instruction.length) {
    const uint8_t* const code = planner->function->code + at;
    if (!x86_decode(code, planner->room - at, planner->is_64, &instruction)) { return false; }
    if (instruction.is_branch && is_changed(planner, destination_of(planner, at, &instruction))) {
      return true;
    }
  }
  return false;
}

/* -- The plan */

static redirect_status_t finish_island(planner_t* planner, uint64_t target, uint64_t island,
                                       redirect_plan_t* plan) {
  code_t relay = {.bytes = plan->island, .capacity = REDIRECT_TRAMPOLINE, .address = island};
  put_relay(&relay, planner->is_64, target);
  if (!planner->has_ended) {
    put_jump(&planner->code, planner->is_64, planner->function->address + planner->moved);
  }
  plan->original = planner->code.address;
  plan->island_size = REDIRECT_TRAMPOLINE + planner->code.size;
  return planner->code.is_too_large ? REDIRECT_TOO_FAR : REDIRECT_OK;
}

/* Straight to ours, which most often is near enough; else by the relay. */
static redirect_status_t put_entry(const planner_t* planner, uint64_t target, uint64_t island,
                                   code_t code) {
  code_t relayed = code;
  put_jump(&code, planner->is_64, target);
  if (!code.is_too_large) { return REDIRECT_OK; }
  put_jump(&relayed, planner->is_64, island);
  return relayed.is_too_large ? REDIRECT_TOO_FAR : REDIRECT_OK;
}

static bool is_in_one_word(uint64_t address, size_t size) { return address % 8 + size <= 8; }

static redirect_status_t plan_with(const redirect_function_t* function, size_t changed,
                                   uint64_t target, uint64_t island, redirect_plan_t* plan) {
  planner_t planner = {
    .function = function,
    .is_64 = function->machine == REDIRECT_X64,
    .room = redirect_room(function),
    .changed = changed,
    .code = {.bytes = plan->island + REDIRECT_TRAMPOLINE,
             .capacity = REDIRECT_ISLAND_SIZE - REDIRECT_TRAMPOLINE,
             .address = island + REDIRECT_TRAMPOLINE},
  };
  redirect_status_t status = move_start(&planner);
  if (status == REDIRECT_OK && has_branch_into(&planner)) { status = REDIRECT_BRANCH_INTO; }
  if (status == REDIRECT_OK) { status = finish_island(&planner, target, island, plan); }
  if (status != REDIRECT_OK) { return status; }
  plan->patch_address = function->address;
  plan->patch_size = changed;
  plan->is_atomic = is_in_one_word(function->address, changed);
  code_t entry = {.bytes = plan->patch, .capacity = JUMP_SIZE, .address = function->address};
  if (changed == SHORT_JUMP_SIZE) {
    plan->pad_address = function->address - JUMP_SIZE;
    code_byte(&entry, 0xeb); /* to the five bytes in front */
    code_byte(&entry, (uint8_t)(-JUMP_SIZE - SHORT_JUMP_SIZE));
    entry = (code_t){.bytes = plan->pad, .capacity = JUMP_SIZE, .address = plan->pad_address};
  }
  return put_entry(&planner, target, island, entry);
}

static bool has_pad(const redirect_function_t* function) {
  return function->before_size >= JUMP_SIZE && is_padding(function->code - JUMP_SIZE, JUMP_SIZE);
}

static bool is_made_for_it(const redirect_function_t* function) {
  return redirect_room(function) >= 2 && function->code[0] == 0x8b && function->code[1] == 0xff;
}

redirect_status_t redirect_plan_x86(const redirect_function_t* function, uint64_t target,
                                    uint64_t island, redirect_plan_t* plan) {
  x86_instruction_t first;
  const bool is_64 = function->machine == REDIRECT_X64;
  if (x86_decode(function->code, redirect_room(function), is_64, &first) && first.map == 0 &&
      (first.opcode == 0xe9 || first.opcode == 0xeb)) {
    const planner_t planner = {.function = function, .is_64 = is_64};
    plan->follow = destination_of(&planner, 0, &first);
    return REDIRECT_FOLLOW;
  }
  if (is_made_for_it(function) && has_pad(function)) {
    return plan_with(function, SHORT_JUMP_SIZE, target, island, plan);
  }
  const redirect_status_t status = plan_with(function, JUMP_SIZE, target, island, plan);
  if (status != REDIRECT_TOO_SHORT && status != REDIRECT_BRANCH_INTO) { return status; }
  if (!has_pad(function)) { return status; }
  memset(plan, 0, sizeof(*plan));
  return plan_with(function, SHORT_JUMP_SIZE, target, island, plan);
}
