/* test_hybrid.c - both ways into a function of a real ARM64EC DLL are found and planned: what the
 * export table names is a thunk of x64 code, and behind it lies the ARM64 code that the DLL's own
 * callers use. */
#include "pe/pe_imports.h"
#include "test/redirect/plan_check.h"
#include "test/test.h"

static uint8_t file[65536];
static pe_image_t image;

static redirect_function_t function_at(redirect_machine_t machine, uint32_t rva) {
  const uint8_t* const code = pe_image_at(&image, rva, 16);
  CHECK(code != NULL);
  return (redirect_function_t){.machine = machine,
                               .address = image.base + rva,
                               .code = code,
                               .code_size = 16,
                               .end = image.base + rva + 16};
}

TEST(both_ways_into_an_arm64ec_function_are_planned) {
  FILE* const stream = fopen(HYBRID_DLL, "rb");
  CHECK(stream != NULL);
  const size_t size = fread(file, 1, sizeof(file), stream);
  fclose(stream);
  uint32_t rva;
  uint64_t body;
  redirect_plan_t plan;
  CHECK_EQ(pe_image_open(&image, file, size), PE_OK);
  CHECK_EQ(pe_export_find(&image, "f", &rva), PE_OK);
  const uint64_t target = image.base + 0x1000000, island = image.base + 0x100000;
  const redirect_function_t thunk = function_at(REDIRECT_X64, rva);
  CHECK(redirect_find_body(&thunk, &body));
  CHECK_EQ(plan_check(&thunk, target, island, &plan), REDIRECT_OK);
  const redirect_function_t code = function_at(REDIRECT_ARM64, (uint32_t)(body - image.base));
  CHECK(memcmp(code.code, "\x20\x00\x80\x52\xc0\x03\x5f\xd6", 8) == 0); /* mov w0, #1; ret */
  CHECK_EQ(plan_check(&code, target, island + 256, &plan), REDIRECT_OK);
}

TEST_MAIN()
