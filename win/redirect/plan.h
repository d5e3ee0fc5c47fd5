/* plan.h - how a function of the C runtime is redirected to one of ours: which bytes to write
 * where, or why it cannot be done. Pure: bytes and addresses in, bytes and addresses out, so it is
 * tested and fuzzed anywhere, for every machine; win/redirect/patch writes what is planned.
 *
 *   function:  jump ---------> island: relay ---------> ours (any distance)
 *              displaced...            trampoline: the displaced instructions, made to work
 *              rest  <-----------------  here, and a jump behind them
 *
 * The island is memory near the function that the patcher has got. On x86, and on x64 where ours is
 * within 2 GiB, the jump leads straight to it. Calls of `original` get the function as it was. Only
 * the first bytes of a function are changed, and none from `end` on: the next function may begin
 * after four bytes.
 */
#ifndef MIM_WIN_REDIRECT_PLAN_H
#define MIM_WIN_REDIRECT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each with its sentence; `FOLLOW` is the only one besides OK that is not a refusal. */
#define REDIRECT_STATUSES(X) \
  X(OK, "it can be redirected") \
  X(FOLLOW, "it only jumps to another function, which is the one to redirect") \
  X(TOO_SHORT, "the function is shorter than a jump, and the bytes around it are in use") \
  X(UNKNOWN, "its first instructions are not understood") \
  X(BRANCH_INTO, "code in it jumps to the bytes that would be replaced") \
  X(CANNOT_MOVE, "one of its first instructions works only where it is") \
  X(TOO_FAR, "no memory was found that is near enough for a jump")

typedef enum redirect_status {
#define REDIRECT_STATUS(name, text) REDIRECT_##name,
  REDIRECT_STATUSES(REDIRECT_STATUS)
#undef REDIRECT_STATUS
    REDIRECT_STATUS_COUNT
} redirect_status_t;

/* ARM64EC code is ARM64 code; its x64 callers come through thunks of x64 code: plan both. */
typedef enum redirect_machine {
  REDIRECT_X86,
  REDIRECT_X64,
  REDIRECT_ARM64,
  REDIRECT_MACHINES
} redirect_machine_t;

typedef struct redirect_function {
  redirect_machine_t machine;
  uint64_t address;
  const uint8_t* code; /* what is at `address` */
  size_t code_size;    /* readable bytes from there */
  size_t before_size;  /* readable bytes of code in front of it */
  uint64_t end;        /* where the next function begins; at most address + code_size */
} redirect_function_t;

enum { REDIRECT_PATCH_MAX = 16, REDIRECT_ISLAND_SIZE = 128 };

typedef struct redirect_plan {
  uint64_t follow;        /* FOLLOW: where the function jumps to */
  uint64_t patch_address; /* where `patch` goes; first all of the island has to be there */
  uint8_t patch[REDIRECT_PATCH_MAX];
  size_t patch_size;
  bool is_atomic; /* one aligned store of at most 8 bytes can write it: nobody sees half of it */
  uint64_t pad_address; /* x86 and x64: a jump in the bytes before the function, or 0; */
  uint8_t pad[5];       /* written before the patch, which leads to it */
  uint8_t island[REDIRECT_ISLAND_SIZE];
  size_t island_size;
  uint64_t original; /* calls of this address find the function as it was */
} redirect_plan_t;

/* `island` is the address of REDIRECT_ISLAND_SIZE bytes, aligned to 16; `target` our function. */
redirect_status_t redirect_plan(const redirect_function_t* function, uint64_t target,
                                uint64_t island, redirect_plan_t* plan);

/* Whether the x64 function is the fast-forward thunk of an ARM64EC one, whose address is `body`. */
enum { REDIRECT_THUNK_SIZE = 14 };
bool redirect_find_body(const redirect_function_t* function, uint64_t* body);

/* How far from the function an island may lie, in bytes. */
uint64_t redirect_island_distance(redirect_machine_t machine);

const char* redirect_status_text(redirect_status_t status);

#endif
