/* test_execute.c - plans carried out: x64 code does the same here as on Windows, so functions are
 * patched and called, both as redirected and as they were. */
#include <sys/mman.h>

#include "test/redirect/plan_check.h"
#include "test/test.h"

typedef int function_t(int);

enum { ROOM = 64, SPACE = 65536 };

static int target(int x) { return 1000 + x; }

/* Memory that holds code: functions at its start, islands behind them. */
static uint8_t* space;
static size_t used;

static function_t* as_function(uint64_t address) { return (function_t*)(uintptr_t)address; }

static uint64_t address_of(const void* p) { return (uint64_t)(uintptr_t)p; }

static void need_x64(void) {
  if (!HOST_IS_X64) { SKIP("x64 code runs on x64 processors only"); }
  if (space != NULL) { return; }
  space = mmap(NULL, SPACE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (space == MAP_FAILED) { SKIP("this system maps no memory that can be written and executed"); }
  memset(space, 0xcc, SPACE);
}

static redirect_function_t put_function(const char* code, size_t size, size_t room) {
  uint8_t* const place = space + used;
  memcpy(place, code, size);
  used += 128;
  return (redirect_function_t){
    .machine = REDIRECT_X64,
    .address = address_of(place),
    .code = place,
    .code_size = ROOM,
    .before_size = used > 128 ? 5 : 0,
    .end = address_of(place) + room,
  };
}

/* As the patcher would: the island, what lies in front, then the function. */
static uint64_t redirect(const redirect_function_t* function) {
  redirect_plan_t plan;
  uint8_t* const island = space + SPACE / 2 + used;
  CHECK_EQ(plan_check(function, address_of((const void*)(uintptr_t)target), address_of(island),
                      &plan),
           REDIRECT_OK);
  memcpy(island, plan.island, plan.island_size);
  if (plan.pad_address != 0) { memcpy((void*)(uintptr_t)plan.pad_address, plan.pad, 5); }
  memcpy((void*)(uintptr_t)plan.patch_address, plan.patch, plan.patch_size);
  return plan.original;
}

/* The function answers the same for these arguments through its trampoline. */
static void check_function(const char* code, size_t size, size_t room) {
  need_x64();
  int before[5];
  const redirect_function_t function = put_function(code, size, room);
  for (int x = -2; x <= 2; x++) { before[x + 2] = as_function(function.address)(x); }
  const uint64_t original = redirect(&function);
  for (int x = -2; x <= 2; x++) {
    CHECK_EQ(as_function(function.address)(x), 1000 + x);
    CHECK_EQ(as_function(original)(x), before[x + 2]);
  }
}

#define CHECK_FUNCTION(code, room) check_function(code, sizeof(code) - 1, room)

TEST(plain_instructions_move) {
  /* push rbx; mov ebx, edi; lea eax, [rbx + 5]; pop rbx; ret */
  CHECK_FUNCTION("\x53\x89\xfb\x8d\x43\x05\x5b\xc3", 8);
}

TEST(a_function_that_is_shorter_than_a_jump_uses_its_padding) {
  CHECK_FUNCTION("\x8d\x47\x07\xc3", 16); /* lea eax, [rdi + 7]; ret */
}

TEST(a_function_of_four_bytes_uses_the_bytes_in_front) {
  need_x64();
  (void)put_function("\xc3", 1, 1);
  CHECK_FUNCTION("\x8d\x47\x09\xc3", 4);
}

TEST(a_condition_leads_to_both_sides) {
  /* test edi, edi; je +4; lea eax, [rdi + 1]; ret; mov eax, 100; ret */
  CHECK_FUNCTION("\x85\xff\x74\x04\x8d\x47\x01\xc3\xb8\x64\x00\x00\x00\xc3", 14);
}

TEST(data_is_found_by_its_distance) {
  /* mov eax, [rip + 3]; add eax, edi; ret; the number 77 */
  CHECK_FUNCTION("\x8b\x05\x03\x00\x00\x00\x01\xf8\xc3\x4d\x00\x00\x00", 9);
}

TEST(a_call_comes_back) {
  /* push rdi; call +5; pop rcx; add eax, ecx; ret; (callee) mov eax, 3; add eax, edi; ret */
  CHECK_FUNCTION("\x57\xe8\x04\x00\x00\x00\x59\x01\xc8\xc3\xb8\x03\x00\x00\x00\x01\xf8\xc3", 18);
}

TEST(a_jump_in_the_moved_part_ends_it) {
  /* mov eax, edi; jmp +1; int3; add eax, 6; ret */
  CHECK_FUNCTION("\x89\xf8\xeb\x01\xcc\x83\xc0\x06\xc3", 9);
}

/* The compiler's own: whatever it made of them. */
__attribute__((noinline)) static int sum_of(int x) {
  volatile int sum = 0;
  for (int i = 0; i <= (x & 7); i++) { sum += i * x; }
  return sum;
}

__attribute__((noinline)) static int sign_of(int x) {
  volatile int value = x;
  return value < 0 ? -1 : value > 0;
}

__attribute__((noinline)) static int compare_with(int x) {
  char text[32];
  snprintf(text, sizeof(text), "%d", x);
  return (int)strlen(text);
}

TEST(functions_of_this_compiler_are_redirected) {
  static function_t* const functions[] = {sum_of, sign_of, compare_with};
  need_x64();
  for (size_t i = 0; i < 3; i++) {
    const uint64_t address = address_of((const void*)(uintptr_t)functions[i]);
    uint8_t* const os_page = (uint8_t*)(uintptr_t)(address & ~UINT64_C(4095));
    uint8_t* const island = mmap(os_page + (1 << 24), SPACE, PROT_READ | PROT_WRITE | PROT_EXEC,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(island != MAP_FAILED);
    CHECK_EQ(mprotect(os_page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
    const redirect_function_t function = {.machine = REDIRECT_X64,
                                          .address = address,
                                          .code = (const uint8_t*)(uintptr_t)address,
                                          .code_size = ROOM,
                                          .end = address + ROOM};
    redirect_plan_t plan;
    const int before = functions[i](5);
    CHECK_EQ(plan_check(&function, address_of((const void*)(uintptr_t)target), address_of(island),
                        &plan),
             REDIRECT_OK);
    memcpy(island, plan.island, plan.island_size);
    memcpy((void*)(uintptr_t)plan.patch_address, plan.patch, plan.patch_size);
    function_t* volatile entry = functions[i];
    CHECK_EQ(entry(5), 1005);
    CHECK_EQ(as_function(plan.original)(5), before);
    munmap(island, SPACE);
  }
}

TEST_MAIN()
