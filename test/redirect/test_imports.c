/* test_imports.c - the import slots of images as they lie in memory: made ones, cut off at every
 * byte, and damaged.  Under AddressSanitizer a byte too far is found. */
#include "redirect/imports.h"

#include <stdlib.h>

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"
#include "test/test.h"

enum { HEADER = 0x80, OPTIONAL_HEADER = HEADER + PE_FILE_SIZE, DESCRIPTORS = 0x200, SIZE = 0x400 };

static const uint32_t tables[] = {0x280, 0x2c0}; /* two DLLs: three slots, and one */
static uint8_t image[SIZE];

static void put_slot(uint32_t slot, bool is_64, uint64_t address) {
  if (is_64) {
    pe_put64(image + slot, address);
  } else {
    pe_put32(image + slot, (uint32_t)address);
  }
}

static uint32_t directories_of(bool is_64) {
  return OPTIONAL_HEADER + (is_64 ? PE_OPT_DIRECTORIES_64 : PE_OPT_DIRECTORIES_32);
}

static void make_image(bool is_64) {
  const uint32_t size = is_64 ? 8 : 4;
  memset(image, 0, sizeof(image));
  memcpy(image, "MZ", 2);
  pe_put32(image + PE_DOS_NEW_HEADER, HEADER);
  memcpy(image + HEADER, "PE\0\0", 4);
  pe_put16(image + OPTIONAL_HEADER, is_64 ? PE_MAGIC_64 : PE_MAGIC_32);
  pe_put32(image + OPTIONAL_HEADER + PE_OPT_IMAGE_SIZE, SIZE);
  pe_put32(image + directories_of(is_64) - 4, PE_DIR_MAX);
  pe_put32(image + directories_of(is_64) + PE_DIR_IMPORT * PE_DIR_SIZE, DESCRIPTORS);
  for (uint32_t i = 0; i < 2; i++) {
    pe_put32(image + DESCRIPTORS + i * PE_IMPORT_SIZE + PE_IMPORT_ADDRESSES, tables[i]);
  }
  for (uint32_t i = 0; i < 3; i++) { put_slot(tables[0] + i * size, is_64, 0x7000 + i); }
  put_slot(tables[1], is_64, is_64 ? 0x7ff612345678u : 0xfffffff0u);
}

static void check_slots(bool is_64) {
  const uint32_t size = is_64 ? 8 : 4;
  make_image(is_64);
  CHECK_EQ(imports_image_size(image, SIZE), SIZE);
  imports_t imports = imports_open(image, SIZE);
  uint64_t address;
  for (uint32_t i = 0; i < 3; i++) {
    CHECK_EQ(imports_next(&imports, &address), tables[0] + i * size);
    CHECK_EQ(address, 0x7000 + i);
  }
  CHECK_EQ(imports_next(&imports, &address), tables[1]);
  CHECK(address == (is_64 ? 0x7ff612345678u : 0xfffffff0u));
  CHECK_EQ(imports_next(&imports, &address), 0);
  CHECK_EQ(imports_next(&imports, &address), 0);
}

TEST(imports_of_both_widths_are_found) {
  check_slots(true);
  check_slots(false);
}

static size_t count_slots(const uint8_t* bytes, uint32_t size) {
  imports_t imports = imports_open(bytes, size);
  uint64_t address;
  size_t count = 0;
  while (imports_next(&imports, &address) != 0) { count++; }
  return count;
}

TEST(imports_of_no_image_are_none) {
  make_image(true);
  image[0] = 'Z';
  CHECK_EQ(imports_image_size(image, SIZE), 0);
  CHECK_EQ(count_slots(image, SIZE), 0);
  make_image(true);
  image[HEADER] = 'N'; /* a program for 16-bit Windows */
  CHECK_EQ(count_slots(image, SIZE), 0);
  CHECK_EQ(count_slots(image, 0), 0);
}

TEST(imports_without_a_directory_are_none) {
  make_image(true);
  pe_put32(image + directories_of(true) + PE_DIR_IMPORT * PE_DIR_SIZE, 0);
  CHECK_EQ(count_slots(image, SIZE), 0);
  make_image(true);
  pe_put32(image + directories_of(true) - 4, PE_DIR_IMPORT);
  CHECK_EQ(count_slots(image, SIZE), 0);
}

TEST(imports_that_lead_out_of_the_image_end_there) {
  make_image(true);
  pe_put32(image + DESCRIPTORS + PE_IMPORT_ADDRESSES, SIZE - 8);
  pe_put64(image + SIZE - 8, 1);
  CHECK_EQ(count_slots(image, SIZE), 2); /* and the other DLL's */
  pe_put32(image + DESCRIPTORS + PE_IMPORT_ADDRESSES, 0xfffffff8u);
  CHECK_EQ(count_slots(image, SIZE), 1);
  pe_put32(image + directories_of(true) + PE_DIR_IMPORT * PE_DIR_SIZE, 0xfffffff0u);
  CHECK_EQ(count_slots(image, SIZE), 0);
}

TEST(imports_that_are_not_aligned_are_left_out) {
  make_image(true);
  pe_put32(image + DESCRIPTORS + PE_IMPORT_ADDRESSES, tables[0] + 4);
  CHECK_EQ(count_slots(image, SIZE), 1);
}

/* Of a block of just that size. */
static void check_copy(uint32_t size) {
  uint8_t* const copy = malloc(size > 0 ? size : 1);
  memcpy(copy, image, size);
  imports_image_size(copy, size);
  CHECK(count_slots(copy, size) <= SIZE);
  free(copy);
}

TEST(imports_of_what_is_cut_off_are_read_within_it) {
  for (int width = 0; width < 2; width++) {
    make_image(width == 1);
    for (uint32_t size = 0; size < SIZE; size++) { check_copy(size); }
  }
}

TEST(imports_of_what_is_damaged_are_read_within_it) {
  uint32_t seed = 1;
  for (int run = 0; run < 20000; run++) {
    make_image(run % 2 == 1);
    for (int i = 0; i < 6; i++) {
      seed = seed * 1664525 + 1013904223;
      image[(seed >> 8) % SIZE] = (uint8_t)(seed >> 24);
    }
    check_copy(SIZE);
  }
}

TEST_MAIN()
