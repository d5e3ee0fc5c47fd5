/* test_pe_imports.c - the tables of imports and exports, whole and damaged. */
#include "pe/pe_imports.h"

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"
#include "test/pe/pe_model.h"
#include "test/test.h"

static uint8_t bytes[MODEL_BYTES_MAX];
static pe_image_t image;

static void open_model(const pe_model_t* model) {
  const size_t size = pe_model_write(model, bytes);
  CHECK_EQ(pe_image_open(&image, bytes, size), PE_OK);
}

static void open_usual(uint16_t machine) {
  const pe_model_t model = pe_model_usual(machine);
  open_model(&model);
}

/* Where the import table lies in `bytes`. */
static uint8_t* table(void) {
  return bytes + 0x600 + (pe_image_directory(&image, PE_DIR_IMPORT).rva - MODEL_DATA_RVA);
}

static pe_status_t count_with(uint32_t offset, uint32_t value) {
  uint32_t count;
  open_usual(PE_MACHINE_X64);
  pe_put32(table() + offset, value);
  return pe_imports_count(&image, &count);
}

TEST(imports_are_read_in_their_order) {
  static const uint16_t machines[] = {PE_MACHINE_X86, PE_MACHINE_X64};
  for (size_t i = 0; i < 2; i++) {
    uint32_t count;
    const char* name;
    open_usual(machines[i]);
    CHECK_EQ(pe_imports_count(&image, &count), PE_OK);
    CHECK_EQ(count, 2);
    CHECK_STR(pe_imports_get(&image, 0).dll, "KERNEL32.dll");
    const pe_import_t second = pe_imports_get(&image, 1);
    CHECK_STR(second.dll, "api-ms-win-crt-heap-l1-1-0.dll");
    CHECK_EQ(pe_import_function(&image, &second, 0, &name), PE_OK);
    CHECK_STR(name, "malloc");
    CHECK_EQ(pe_import_function(&image, &second, 1, &name), PE_OK);
    CHECK_STR(name, ""); /* by number */
    CHECK_EQ(pe_import_function(&image, &second, 2, &name), PE_OK);
    CHECK(name == NULL);
  }
}

TEST(without_a_lookup_table_the_address_table_holds_the_names) {
  const char* name;
  pe_model_t model = pe_model_usual(PE_MACHINE_X86);
  model.has_lookup = false;
  open_model(&model);
  const pe_import_t import = pe_imports_get(&image, 0);
  CHECK_EQ(pe_import_function(&image, &import, 0, &name), PE_OK);
  CHECK_STR(name, "malloc");
  model.is_bound = true; /* then it holds addresses */
  open_model(&model);
  const pe_import_t bound = pe_imports_get(&image, 0);
  CHECK_EQ(pe_import_function(&image, &bound, 0, &name), PE_BOUND_ONLY);
}

TEST(import_tables_that_lead_out_of_the_file_are_refused) {
  const uint32_t end = MODEL_DATA_RVA + MODEL_DATA_SIZE;
  CHECK_EQ(count_with(PE_IMPORT_NAME, UINT32_MAX), PE_BAD_IMPORTS);
  CHECK_EQ(count_with(PE_IMPORT_NAME, end), PE_BAD_IMPORTS);
  CHECK_EQ(count_with(PE_IMPORT_NAME, 0x40), PE_BAD_IMPORTS); /* in the headers */
  CHECK_EQ(count_with(PE_IMPORT_LOOKUP, end - 4), PE_BAD_IMPORTS);
  CHECK_EQ(count_with(PE_IMPORT_ADDRESSES, end - 4), PE_BAD_IMPORTS);
  CHECK_EQ(count_with(PE_IMPORT_NAME, 0), PE_OK); /* the end */
}

TEST(a_table_without_an_end_is_refused) {
  uint32_t count;
  open_usual(PE_MACHINE_X64);
  uint8_t* const start = table();
  for (size_t i = 1; start + (i + 1) * PE_IMPORT_SIZE <= bytes + 0xe00; i++) {
    memcpy(start + i * PE_IMPORT_SIZE, start, PE_IMPORT_SIZE);
  }
  CHECK_EQ(pe_imports_count(&image, &count), PE_BAD_IMPORTS);
}

TEST(a_file_without_imports_has_none) {
  uint32_t count = 7;
  const pe_model_t model = {.machine = PE_MACHINE_X64};
  open_model(&model);
  CHECK_EQ(pe_imports_count(&image, &count), PE_OK);
  CHECK_EQ(count, 0);
}

TEST(exports_are_found_by_name) {
  uint32_t rva;
  const pe_model_t model = {.machine = PE_MACHINE_X64, .exported_rva = 0x1010};
  open_model(&model);
  CHECK(pe_image_is_dll(&image));
  CHECK_EQ(pe_export_find(&image, "mi_version", &rva), PE_OK);
  CHECK_EQ(rva, 0x1010);
  CHECK_EQ(pe_export_find(&image, "mi_versio", &rva), PE_NOT_FOUND);
  open_usual(PE_MACHINE_X64);
  CHECK_EQ(pe_export_find(&image, "mi_version", NULL), PE_NOT_FOUND);
}

TEST(export_tables_that_lead_out_of_the_file_are_refused) {
  static const uint32_t fields[] = {PE_EXPORT_ADDRESS_COUNT, PE_EXPORT_NAME_COUNT,
                                    PE_EXPORT_ADDRESSES, PE_EXPORT_NAMES, PE_EXPORT_ORDINALS};
  const pe_model_t model = {.machine = PE_MACHINE_X64, .exported_rva = 0x1010};
  for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
    open_model(&model);
    uint8_t* const exports =
      bytes + 0x600 + (pe_image_directory(&image, PE_DIR_EXPORT).rva - MODEL_DATA_RVA);
    pe_put32(exports + fields[i], UINT32_MAX);
    CHECK_EQ(pe_export_find(&image, "mi_version", NULL), PE_BAD_EXPORTS);
  }
}

TEST(an_export_whose_number_is_too_large_is_refused) {
  const pe_model_t model = {.machine = PE_MACHINE_X64, .exported_rva = 0x1010};
  open_model(&model);
  const uint8_t* const exports = pe_image_at(&image, pe_image_directory(&image, 0).rva, 40);
  pe_put16(bytes + 0x600 + (pe_get32(exports + PE_EXPORT_ORDINALS) - MODEL_DATA_RVA), 1);
  CHECK_EQ(pe_export_find(&image, "mi_version", NULL), PE_BAD_EXPORTS);
}

TEST(names_of_dlls_are_equal_whatever_the_case) {
  CHECK(pe_names_equal("KERNEL32.dll", "kernel32.DLL"));
  CHECK(!pe_names_equal("kernel32.dll", "kernel32.dl"));
  CHECK(!pe_names_equal("kernel32.dl", "kernel32.dll"));
  CHECK(!pe_names_equal("a[", "a{")); /* not letters */
}

TEST_MAIN()
