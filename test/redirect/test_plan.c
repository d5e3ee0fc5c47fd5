/* test_plan.c - functions of real runtimes and made ones: which can be redirected, and how. */
#include "redirect/plan.h"

#include "test/redirect/plan_check.h"
#include "test/test.h"

enum { ADDRESS = 0x10001000, ISLAND = 0x10040000, TARGET = 0x20000000 };

typedef struct prologue {
  redirect_machine_t machine;
  const char* name;
  unsigned room;
  const char* before;
  const char* code;
  redirect_status_t status;
} prologue_t;

static const prologue_t prologues[] = {
#define PROLOGUE(machine, name, room, before, code, status) \
  {REDIRECT_##machine, #name, room, before, code, REDIRECT_##status},
#include "test/redirect/prologues.def"
#undef PROLOGUE
};

enum { COUNT = sizeof(prologues) / sizeof(prologues[0]) };

static uint8_t bytes[128];
static redirect_function_t function;
static redirect_plan_t plan;

static size_t read_hex(const char* text, uint8_t* out) {
  size_t size = 0;
  for (unsigned value; sscanf(text + 2 * size, "%2x", &value) == 1; size++) {
    out[size] = (uint8_t)value;
  }
  return size;
}

static void take_prologue(const prologue_t* prologue) {
  memset(bytes, 0, sizeof(bytes));
  const size_t before = read_hex(prologue->before, bytes + 8);
  const size_t size = read_hex(prologue->code, bytes + 8 + before);
  function = (redirect_function_t){
    .machine = prologue->machine,
    .address = ADDRESS,
    .code = bytes + 8 + before,
    .code_size = size,
    .before_size = before,
    .end = ADDRESS + (prologue->room < size ? prologue->room : size),
  };
}

static redirect_status_t plan_prologue(const prologue_t* prologue) {
  take_prologue(prologue);
  return plan_check(&function, TARGET, ISLAND, &plan);
}

static const prologue_t* find(redirect_machine_t machine, const char* name) {
  for (size_t i = 0; i < COUNT; i++) {
    if (prologues[i].machine == machine && strcmp(prologues[i].name, name) == 0) {
      return &prologues[i];
    }
  }
  CHECK(false);
  return NULL;
}

/* The words of the trampoline: code is little-endian, whatever this machine is. */
static uint32_t word_at(size_t index) {
  const uint8_t* const p = plan.island + 32 + 4 * index;
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t number_at(size_t index) {
  return word_at(index) | (uint64_t)word_at(index + 1) << 32;
}

static void check_trampoline(const char* hex) {
  uint8_t expected[REDIRECT_ISLAND_SIZE];
  const size_t size = read_hex(hex, expected);
  CHECK_EQ(plan.island_size, 32 + size);
  for (size_t i = 0; i < size; i++) { CHECK_EQ(plan.island[32 + i], expected[i]); }
}

TEST(each_function_is_redirected_or_refused_for_its_reason) {
  for (size_t i = 0; i < COUNT; i++) {
    const redirect_status_t status = plan_prologue(&prologues[i]);
    if (status != prologues[i].status) { fprintf(stderr, "function %s:\n", prologues[i].name); }
    CHECK_STR(redirect_status_text(status), redirect_status_text(prologues[i].status));
  }
}

TEST(a_function_made_to_be_patched_changes_by_two_bytes) {
  CHECK_EQ(plan_prologue(find(REDIRECT_X86, "hot_patch_point")), REDIRECT_OK);
  CHECK_EQ(plan.pad_address, ADDRESS - 5);
  CHECK(plan.is_atomic);
  check_trampoline("8bff"
                   "e9db0ffcff");
}

TEST(a_call_at_the_start_returns_into_the_function) {
  CHECK_EQ(plan_prologue(find(REDIRECT_X86, "reads_its_own_address")), REDIRECT_OK);
  check_trampoline("6805100010"
                   "e9db0ffcff"
                   "e9d60ffcff");
}

TEST(distances_are_made_anew) {
  CHECK_EQ(plan_prologue(find(REDIRECT_X64, "rip_relative_test")), REDIRECT_OK);
  check_trampoline("833df1312f0000"
                   "e9db0ffcff");
}

TEST(a_short_condition_becomes_a_long_one) {
  CHECK_EQ(plan_prologue(find(REDIRECT_X64, "short_condition")), REDIRECT_OK);
  check_trampoline("4885c9"
                   "0f84e70ffcff"
                   "e9d70ffcff");
}

TEST(nothing_follows_a_return) {
  CHECK_EQ(plan_prologue(find(REDIRECT_X86, "returns_at_once_padded")), REDIRECT_OK);
  check_trampoline("c3");
}

TEST(a_jump_is_followed) {
  CHECK_EQ(plan_prologue(find(REDIRECT_X64, "jump_stub")), REDIRECT_FOLLOW);
  CHECK_EQ(plan.follow, ADDRESS + 0x1000);
  CHECK_EQ(plan_prologue(find(REDIRECT_X86, "short_jump")), REDIRECT_FOLLOW);
  CHECK_EQ(plan.follow, ADDRESS + 0x10);
  CHECK_EQ(plan_prologue(find(REDIRECT_ARM64, "jump_stub")), REDIRECT_FOLLOW);
  CHECK_EQ(plan.follow, ADDRESS + 0x1000);
  CHECK_EQ(plan_prologue(find(REDIRECT_ARM64, "jump_stub_with_mark")), REDIRECT_FOLLOW);
  CHECK_EQ(plan.follow, ADDRESS + 0x1000);
}

TEST(behind_a_fast_forward_thunk_lies_a_body) {
  uint64_t body;
  CHECK_EQ(plan_prologue(find(REDIRECT_X64, "fast_forward_thunk")), REDIRECT_OK);
  CHECK(redirect_find_body(&function, &body));
  CHECK_EQ(body, ADDRESS + 14 + 0xff0);
  function.code_size = 13;
  CHECK(!redirect_find_body(&function, &body));
  plan_prologue(find(REDIRECT_X64, "jump_stub"));
  CHECK(!redirect_find_body(&function, &body));
}

TEST(a_mark_for_indirect_branches_stays) {
  CHECK_EQ(plan_prologue(find(REDIRECT_ARM64, "branch_target_mark")), REDIRECT_OK);
  CHECK_EQ(plan.patch_address, ADDRESS + 4);
  CHECK_EQ(word_at(0), 0xd503245f);
  CHECK_EQ(word_at(1), 0xa9bf7bfd);
  CHECK_EQ(plan.island_size, 32 + 12);
  CHECK_EQ(word_at(2), 0x14000000 | ((uint32_t)(ADDRESS + 8 - (ISLAND + 40)) >> 2 & 0x3ffffff));
}

TEST(four_bytes_are_enough_for_arm64) {
  CHECK_EQ(plan_prologue(find(REDIRECT_ARM64, "four_bytes")), REDIRECT_OK);
  CHECK_EQ(plan.patch_size, 4);
  CHECK_EQ(word_at(0), 0xd65f03c0);
}

TEST(arm64_addresses_are_loaded_as_numbers) {
  CHECK_EQ(plan_prologue(find(REDIRECT_ARM64, "import_stub")), REDIRECT_OK);
  CHECK_EQ(word_at(0), 0x58000050); /* ldr x16, [pc + 8] */
  CHECK_EQ(word_at(1), 0x14000003);
  CHECK_EQ(number_at(2), ADDRESS + 0x1000);
}

TEST(arm64_conditions_lead_over_a_branch) {
  CHECK_EQ(plan_prologue(find(REDIRECT_ARM64, "tests_its_argument")), REDIRECT_OK);
  CHECK_EQ(word_at(0), 0xb4000040);
  CHECK_EQ(word_at(1), 0x14000002);
  CHECK_EQ(word_at(2), 0x14000000 | ((uint32_t)(ADDRESS + 12 - (ISLAND + 40)) >> 2 & 0x3ffffff));
}

/* Plans for one ARM64 instruction alone. */
static void plan_word(uint32_t word) {
  for (int i = 0; i < 4; i++) { bytes[i] = (uint8_t)(word >> 8 * i); }
  function = (redirect_function_t){.machine = REDIRECT_ARM64,
                                   .address = ADDRESS,
                                   .code = bytes,
                                   .code_size = 4,
                                   .end = ADDRESS + 4};
  CHECK_EQ(plan_check(&function, TARGET, ISLAND, &plan), REDIRECT_OK);
}

TEST(arm64_instructions_that_depend_on_their_place_are_replaced) {
  plan_word(0x94000002); /* bl +8: returns into the function */
  CHECK_EQ(word_at(0), 0x5800005e);
  CHECK_EQ(number_at(2), ADDRESS + 4);
  CHECK_EQ(word_at(4), 0x14000000 | ((uint32_t)(ADDRESS + 8 - (ISLAND + 48)) >> 2 & 0x3ffffff));
  plan_word(0x70ffffe3); /* adr x3, -1 */
  CHECK_EQ(word_at(0), 0x58000043);
  CHECK_EQ(number_at(2), ADDRESS - 1);
  plan_word(0xf0fffff0); /* adrp x16, -1 page */
  CHECK_EQ(number_at(2), ADDRESS - 0x1000);
  function.address += 8; /* counts from the start of its OS page */
  function.end += 8;
  CHECK_EQ(plan_check(&function, TARGET, ISLAND, &plan), REDIRECT_OK);
  CHECK_EQ(number_at(2), ADDRESS - 0x1000);
  plan_word(0x37000040); /* tbnz w0, #0, +8 */
  CHECK_EQ(word_at(0), 0x37000040);
  CHECK_EQ(word_at(2), 0x14000000 | ((uint32_t)(ADDRESS + 8 - (ISLAND + 40)) >> 2 & 0x3ffffff));
  plan_word(0x58000085); /* ldr x5, +16 */
  CHECK_EQ(number_at(2), ADDRESS + 16);
  CHECK_EQ(word_at(4), 0xf9400205);
  plan_word(0x9c000081); /* ldr q1, +16 */
  CHECK_EQ(word_at(4), 0x3dc00201);
  plan_word(0xd8000080); /* prfm: a hint */
  CHECK_EQ(word_at(0), 0xd503201f);
}

/* plan_check knows where the jump has to lead. */
TEST(what_is_far_is_reached_by_the_relay) {
  for (size_t i = 0; i < COUNT; i++) {
    const redirect_status_t near_status = plan_prologue(&prologues[i]);
    take_prologue(&prologues[i]);
    const uint64_t target = UINT64_C(0x7ff000000000);
    if (function.machine == REDIRECT_X86) { continue; }
    CHECK_EQ(plan_check(&function, target, ISLAND, &plan), near_status);
  }
}

TEST(an_island_that_is_too_far_is_refused) {
  plan_prologue(find(REDIRECT_ARM64, "four_bytes"));
  CHECK_EQ(redirect_plan(&function, TARGET, ADDRESS + 0x8000000, &plan), REDIRECT_TOO_FAR);
  CHECK_EQ(redirect_plan(&function, TARGET, (ADDRESS + redirect_island_distance(REDIRECT_ARM64)),
                         &plan),
           REDIRECT_OK);
  plan_prologue(find(REDIRECT_X64, "short_condition"));
  CHECK_EQ(redirect_plan(&function, TARGET, UINT64_C(0x110001000), &plan), REDIRECT_TOO_FAR);
  CHECK_EQ(redirect_plan(&function, TARGET, ADDRESS + redirect_island_distance(REDIRECT_X64),
                         &plan),
           REDIRECT_OK);
}

TEST_MAIN()
