/* test_hybrid.c - both ways into a function of a real ARM64EC DLL, and of the ARM64EC half of an
 * ARM64X one, are found and planned: what the export table names is a thunk of x64 code, and behind
 * it lies the ARM64 code that the DLL's own callers use. */
#include "redirect/hybrid.h"
#include "test/redirect/hybrid_check.h"
#include "test/redirect/loaded.h"
#include "test/test.h"

static void check_file(const char* path) {
  static const uint8_t returns_one[] = {0x20, 0x00, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
  const pe_image_t image = loaded_open(path);
  const uint32_t body = hybrid_check(&image, "f");
  CHECK_EQ(image.machine, PE_MACHINE_X64);
  CHECK(memcmp(pe_image_at(&image, body, sizeof(returns_one)), returns_one, sizeof(returns_one)) ==
        0);
}

TEST(both_ways_into_an_arm64ec_function_are_planned) { check_file(HYBRID_FOLDER "/arm64ec.dll"); }

TEST(both_ways_into_the_arm64ec_half_of_an_arm64x_dll_are_planned) {
  check_file(HYBRID_FOLDER "/arm64x.dll");
}

TEST(data_is_code_of_nobody) {
  const pe_image_t image = loaded_open(HYBRID_FOLDER "/arm64ec.dll");
  const hybrid_t hybrid = hybrid_open(image.bytes, image.base);
  redirect_machine_t machine;
  uint32_t end = image.image_size;
  CHECK(!hybrid_machine(&hybrid, 0, &machine, &end));
  CHECK(!hybrid_machine(&hybrid, image.image_size - 1, &machine, &end));
  CHECK_EQ(end, image.image_size);
}

TEST_MAIN()
