/* test_pe_image.c - which files are opened, and what can be read from them. */
#include "pe/pe_image.h"

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"
#include "test/pe/pe_model.h"
#include "test/test.h"

static uint8_t bytes[MODEL_BYTES_MAX];

static size_t make_usual(uint16_t machine) {
  const pe_model_t model = pe_model_usual(machine);
  return pe_model_write(&model, bytes);
}

static pe_status_t open_with(uint32_t offset, uint32_t value) {
  pe_image_t image;
  const size_t size = make_usual(PE_MACHINE_X64);
  pe_put32(bytes + offset, value);
  return pe_image_open(&image, bytes, size);
}

enum { HEADER = 0x80, OPTIONAL = HEADER + PE_FILE_SIZE, SECTIONS = OPTIONAL + 240 };

TEST(files_for_each_machine_are_opened) {
  static const uint16_t machines[] = {PE_MACHINE_X86, PE_MACHINE_X64, PE_MACHINE_ARM64};
  for (size_t i = 0; i < 3; i++) {
    pe_image_t image;
    const size_t size = make_usual(machines[i]);
    CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
    CHECK_EQ(image.machine, machines[i]);
    CHECK_EQ(image.is_64, machines[i] != PE_MACHINE_X86);
    CHECK_EQ(image.section_count, 2);
    CHECK_EQ(image.base, 0x400000);
    CHECK(!pe_image_is_dll(&image));
  }
}

TEST(what_is_not_a_pe_file_is_not_taken_for_a_damaged_one) {
  pe_image_t image;
  CHECK_EQ(pe_image_open(&image, (const uint8_t*)"", 0), PE_NOT_PE);
  CHECK_EQ(pe_image_open(&image, (const uint8_t*)"\177ELF", 4), PE_NOT_PE);
  CHECK_EQ(pe_image_open(&image, (const uint8_t*)"MZ", 2), PE_TRUNCATED);
  CHECK_EQ(open_with(HEADER, 0x4c45), PE_NOT_PE); /* an old Windows program */
  CHECK_EQ(open_with(PE_DOS_NEW_HEADER, 0), PE_NOT_PE);
  CHECK_EQ(open_with(PE_DOS_NEW_HEADER, UINT32_MAX - 3), PE_TRUNCATED);
}

TEST(a_file_that_was_cut_anywhere_is_refused) {
  pe_image_t image;
  const size_t size = make_usual(PE_MACHINE_X64);
  for (size_t cut = 0; cut < size; cut++) {
    const pe_status_t status = pe_image_open(&image, bytes, cut);
    CHECK(cut < 2 ? status == PE_NOT_PE : status == PE_TRUNCATED);
  }
}

TEST(headers_that_contradict_each_other_are_refused) {
  CHECK_EQ(open_with(HEADER + PE_FILE_MACHINE, 0x1c4 | 2 << 16), PE_BAD_MACHINE);
  CHECK_EQ(open_with(HEADER + PE_FILE_MACHINE, PE_MACHINE_X86 | 2 << 16), PE_BAD_HEADER);
  CHECK_EQ(open_with(HEADER + PE_FILE_OPTIONAL_SIZE, 111), PE_BAD_HEADER);
  CHECK_EQ(open_with(HEADER + PE_FILE_OPTIONAL_SIZE, 200), PE_BAD_HEADER);
  CHECK_EQ(open_with(HEADER + PE_FILE_OPTIONAL_SIZE, 0xffff), PE_TRUNCATED);
  CHECK_EQ(open_with(OPTIONAL + PE_OPT_SECTION_ALIGNMENT, 0x1001), PE_BAD_HEADER);
  CHECK_EQ(open_with(OPTIONAL + PE_OPT_FILE_ALIGNMENT, 0x2000), PE_BAD_HEADER);
  CHECK_EQ(open_with(OPTIONAL + PE_OPT_FILE_ALIGNMENT, 0x20), PE_BAD_ALIGNMENT);
  CHECK_EQ(open_with(OPTIONAL + PE_OPT_HEADERS_SIZE, SECTIONS), PE_BAD_HEADER);
  CHECK_EQ(open_with(OPTIONAL + PE_OPT_HEADERS_SIZE, 0x100000), PE_TRUNCATED);
}

TEST(sections_that_overlap_or_leave_the_image_are_refused) {
  const uint32_t second = SECTIONS + PE_SECTION_SIZE;
  CHECK_EQ(open_with(HEADER + PE_FILE_SECTION_COUNT, 0), PE_BAD_SECTION);
  CHECK_EQ(open_with(second + PE_SECTION_RVA, 0x1000), PE_BAD_SECTION);
  CHECK_EQ(open_with(second + PE_SECTION_RVA, 0x2200), PE_BAD_SECTION);
  CHECK_EQ(open_with(second + PE_SECTION_VIRTUAL_SIZE, 0x1001), PE_BAD_SECTION);
  CHECK_EQ(open_with(second + PE_SECTION_VIRTUAL_SIZE, UINT32_MAX), PE_BAD_SECTION);
  CHECK_EQ(open_with(second + PE_SECTION_RAW, 0x404), PE_BAD_SECTION);
  CHECK_EQ(open_with(second + PE_SECTION_RAW, UINT32_MAX - 0x1ff), PE_TRUNCATED);
  CHECK_EQ(open_with(second + PE_SECTION_RAW_SIZE, UINT32_MAX), PE_TRUNCATED);
}

TEST(only_bytes_that_lie_in_the_file_can_be_read) {
  pe_image_t image;
  const size_t size = make_usual(PE_MACHINE_X64);
  CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
  CHECK(pe_image_at(&image, 0, 0x400) == bytes);
  CHECK(pe_image_at(&image, 0, 0x401) == NULL);
  CHECK(pe_image_at(&image, MODEL_TEXT_RVA, 0x200) == bytes + 0x400);
  CHECK(pe_image_at(&image, MODEL_TEXT_RVA + 0x1ff, 1) == bytes + 0x5ff);
  CHECK(pe_image_at(&image, MODEL_TEXT_RVA + 0x1ff, 2) == NULL);
  CHECK(pe_image_at(&image, MODEL_TEXT_RVA + 0x200, 0) == NULL);
  CHECK(pe_image_at(&image, MODEL_DATA_RVA, UINT32_MAX) == NULL);
  CHECK(pe_image_at(&image, UINT32_MAX, UINT32_MAX) == NULL);
}

TEST(a_text_ends_within_its_section) {
  pe_image_t image;
  const size_t size = make_usual(PE_MACHINE_X64);
  CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
  CHECK(pe_image_string(&image, MODEL_TEXT_RVA) == NULL); /* nothing but code */
  memcpy(bytes + 0x5fa, "last\0", 6);
  CHECK_STR(pe_image_string(&image, MODEL_TEXT_RVA + 0x1fa), "last");
  bytes[0x5fe] = bytes[0x5ff] = 'x';
  CHECK(pe_image_string(&image, MODEL_TEXT_RVA + 0x1fa) == NULL);
}

TEST(directories_that_are_not_there_are_empty) {
  pe_image_t image;
  const size_t size = make_usual(PE_MACHINE_X64);
  pe_put32(bytes + OPTIONAL + PE_OPT_DIRECTORIES_64 - 4, 1);
  CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
  CHECK_EQ(pe_image_directory(&image, PE_DIR_IMPORT).rva, 0);
  CHECK_EQ(pe_image_directory(&image, PE_DIR_MAX).rva, 0);
}

TEST(each_status_has_a_sentence) {
  for (int i = 0; i < PE_STATUS_COUNT; i++) { CHECK(strlen(pe_status_text((pe_status_t)i)) > 10); }
}

TEST_MAIN()
