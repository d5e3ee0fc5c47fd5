/* test_pe_config.c - hybrid images, and what the loader changes in them. */
#include "pe/pe_config.h"

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"
#include "test/pe/pe_model.h"
#include "test/test.h"

static uint8_t bytes[MODEL_BYTES_MAX];
static pe_image_t image;
static pe_config_t config;

static void read_model(const pe_model_t* model) {
  const size_t size = pe_model_write(model, bytes);
  CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
  CHECK_EQ(pe_config_read(&image, &config), PE_OK);
}

static uint8_t* config_bytes(void) {
  return bytes + 0x600 + (pe_image_directory(&image, PE_DIR_LOAD_CONFIG).rva - MODEL_DATA_RVA);
}

TEST(hybrid_images_are_told_from_plain_ones) {
  static const struct {
    uint16_t machine;
    bool is_hybrid;
    const char* name;
  } cases[] = {
    {PE_MACHINE_X86, false, "x86"},     {PE_MACHINE_X64, false, "x64"},
    {PE_MACHINE_X64, true, "ARM64EC"},  {PE_MACHINE_ARM64, false, "ARM64"},
    {PE_MACHINE_ARM64, true, "ARM64X"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    pe_model_t model = pe_model_usual(cases[i].machine);
    model.is_hybrid = cases[i].is_hybrid;
    read_model(&model);
    CHECK_STR(pe_config_machine_name(&image, &config), cases[i].name);
  }
}

TEST(programs_that_look_for_dlls_in_system32_are_noticed) {
  static const uint16_t machines[] = {PE_MACHINE_X86, PE_MACHINE_X64};
  for (size_t i = 0; i < 2; i++) {
    pe_model_t model = {.machine = machines[i], .load_flags = 0x800};
    read_model(&model);
    CHECK(config.loads_from_system);
    model.load_flags = 0x100;
    read_model(&model);
    CHECK(!config.loads_from_system);
  }
}

TEST(an_old_short_configuration_is_read_as_far_as_it_goes) {
  const pe_model_t model = {.machine = PE_MACHINE_X64, .load_flags = 0x800, .is_hybrid = true};
  read_model(&model);
  pe_put32(config_bytes(), PE_CONFIG_LOAD_FLAGS_64);
  CHECK_EQ(pe_config_read(&image, &config), PE_OK);
  CHECK(!config.loads_from_system);
  CHECK(!config.is_hybrid);
}

static bool is_changed(uint32_t rva, uint32_t size) {
  bool answer;
  CHECK_EQ(pe_config_find_fixup(&image, &config, rva, size, &answer), PE_OK);
  return answer;
}

TEST(what_the_loader_changes_is_found_to_the_byte) {
  const pe_model_t model = {.machine = PE_MACHINE_ARM64, .is_hybrid = true, .fixup_rva = 0x2100};
  read_model(&model);
  CHECK(config.fixups_size == 16);
  CHECK(is_changed(0x2100, 4));
  CHECK(is_changed(0x2103, 1));
  CHECK(!is_changed(0x2104, 8));
  CHECK(!is_changed(0x20f8, 8));
  CHECK(is_changed(0x20f8, 9));
  CHECK(!is_changed(0x3100, 4));
}

TEST(deltas_and_zeros_are_measured_too) {
  const pe_model_t model = {.machine = PE_MACHINE_ARM64, .is_hybrid = true, .fixup_rva = 0x2100};
  read_model(&model);
  uint8_t* const block = bytes + 0x600 + (config.fixups_rva - MODEL_DATA_RVA);
  pe_put16(block + 8, 0x100 | PE_FIXUP_DELTA << 12);
  pe_put16(block + 10, 0xffff);
  pe_put16(block + 12, 0x200 | PE_FIXUP_ZERO << 12 | 3 << 14);
  CHECK(is_changed(0x2103, 1));
  CHECK(!is_changed(0x2104, 1));
  CHECK(is_changed(0x2207, 1));
  CHECK(!is_changed(0x2208, 1));
}

TEST(lists_that_lead_out_of_the_file_are_refused) {
  bool answer;
  const pe_model_t model = {.machine = PE_MACHINE_ARM64, .is_hybrid = true, .fixup_rva = 0x2100};
  read_model(&model);
  uint8_t* const block = bytes + 0x600 + (config.fixups_rva - MODEL_DATA_RVA);
  pe_put32(block + 4, 0); /* a block that would never end */
  CHECK_EQ(pe_config_find_fixup(&image, &config, 0, 4, &answer), PE_BAD_CONFIG);
  pe_put32(block + 4, 17);
  CHECK_EQ(pe_config_find_fixup(&image, &config, 0, 4, &answer), PE_BAD_CONFIG);
  read_model(&model);
  pe_put16(config_bytes() + PE_CONFIG_DYNAMIC_SECTION_64, 3);
  CHECK_EQ(pe_config_read(&image, &config), PE_BAD_CONFIG);
  read_model(&model);
  pe_put32(config_bytes() + PE_CONFIG_DYNAMIC_OFFSET_64, UINT32_MAX);
  CHECK_EQ(pe_config_read(&image, &config), PE_BAD_CONFIG);
  read_model(&model);
  pe_put32(config_bytes(), UINT32_MAX);
  CHECK_EQ(pe_config_read(&image, &config), PE_BAD_CONFIG);
}

TEST_MAIN()
