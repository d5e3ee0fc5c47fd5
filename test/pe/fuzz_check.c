/* fuzz_check.c - see fuzz_check.h. Buffers have the exact size, so that AddressSanitizer sees any
 * access beside them. */
#include "test/pe/fuzz_check.h"

#include <stdlib.h>
#include <string.h>

#include "pe/pe_config.h"
#include "pe/pe_format.h"
#include "pe/pe_imports.h"
#include "pe/pe_inject.h"
#include "test/test.h"

static const char dll_name[] = "mimalloc.dll";
static const char function_name[] = "mi_version";

static void read_imports(const pe_image_t* image) {
  uint32_t count;
  if (pe_imports_count(image, &count) != PE_OK) { return; }
  for (uint32_t i = 0; i < count && i < 64; i++) {
    const pe_import_t import = pe_imports_get(image, i);
    const char* name = "";
    for (uint32_t k = 0; k < 64 && name != NULL; k++) {
      if (pe_import_function(image, &import, k, &name) != PE_OK) { break; }
    }
    CHECK(strlen(import.dll) <= PE_NAME_MAX);
  }
}

static void read_all(const pe_image_t* image) {
  pe_config_t config;
  bool is_changed;
  uint32_t rva;
  read_imports(image);
  (void)pe_export_find(image, function_name, &rva);
  (void)pe_image_is_dll(image);
  (void)pe_image_section_of(image, 0x2000);
  if (pe_config_read(image, &config) != PE_OK) { return; }
  CHECK(pe_config_machine_name(image, &config) != NULL);
  (void)pe_config_find_fixup(image, &config, image->directories, 8, &is_changed);
}

static uint8_t* write_plan(const pe_plan_t* plan, pe_status_t* status) {
  uint8_t* const output = malloc(plan->output_size);
  CHECK(output != NULL);
  *status = pe_plan_write(plan, output);
  return output;
}

/* The same imports as before, behind ours. */
static void check_imports(const pe_image_t* before, const pe_image_t* after) {
  uint32_t count_before, count_after;
  CHECK_EQ(pe_imports_count(before, &count_before), PE_OK);
  CHECK_EQ(pe_imports_count(after, &count_after), PE_OK);
  CHECK_EQ(count_after, count_before + 1);
  const pe_import_t first = pe_imports_get(after, 0);
  const char* name;
  CHECK_STR(first.dll, dll_name);
  CHECK_EQ(pe_import_function(after, &first, 0, &name), PE_OK);
  CHECK_STR(name, function_name);
  CHECK_EQ(pe_import_function(after, &first, 1, &name), PE_OK);
  CHECK(name == NULL);
  for (uint32_t i = 0; i < count_before; i++) {
    const pe_import_t a = pe_imports_get(before, i), b = pe_imports_get(after, i + 1);
    CHECK(strcmp(a.dll, b.dll) == 0);
    CHECK(memcmp(a.descriptor, b.descriptor, PE_IMPORT_TIME) == 0);
    CHECK(memcmp(a.descriptor + PE_IMPORT_NAME, b.descriptor + PE_IMPORT_NAME, 8) == 0);
    CHECK(!b.is_bound);
  }
}

/* Adding to `image` gives these bytes. */
static void check_same_again(const pe_image_t* image, const uint8_t* output, size_t size) {
  pe_plan_t plan;
  pe_status_t status;
  CHECK_EQ(pe_plan_add(&plan, image, dll_name, function_name), PE_OK);
  CHECK_EQ(plan.output_size, size);
  uint8_t* const again = write_plan(&plan, &status);
  CHECK_EQ(status, PE_OK);
  CHECK(memcmp(again, output, size) == 0);
  free(again);
}

static void check_removal(const pe_plan_t* added, const pe_image_t* after) {
  pe_plan_t plan;
  pe_status_t status;
  pe_image_t image;
  CHECK_EQ(pe_plan_add(&plan, after, dll_name, function_name), PE_INJECTED);
  CHECK_EQ(pe_plan_remove(&plan, after), PE_OK);
  CHECK_EQ(plan.output_size, added->kept_size);
  uint8_t* const output = write_plan(&plan, &status);
  CHECK_EQ(status, PE_OK);
  CHECK_EQ(pe_image_open(&image, output, plan.output_size), PE_OK);
  if ((added->notes & PE_NOTE_SIGNATURE) == 0) {
    CHECK(memcmp(output, added->image.bytes, plan.output_size) == 0);
  }
  check_same_again(&image, after->bytes, after->size);
  free(output);
}

static bool check_addition(const pe_image_t* image) {
  pe_plan_t plan;
  pe_status_t status;
  pe_image_t after;
  if (pe_plan_add(&plan, image, dll_name, function_name) != PE_OK) { return false; }
  CHECK(plan.output_size <= image->size + 3 * (size_t)image->file_alignment + image->headers_size +
                              20 * (size_t)plan.import_count + 200);
  uint8_t* const output = write_plan(&plan, &status);
  CHECK_EQ(status, PE_OK);
  CHECK_EQ(pe_image_open(&after, output, plan.output_size), PE_OK);
  CHECK_EQ(after.section_count, image->section_count + 1);
  /* Nothing behind the headers is changed or moved. */
  const size_t headers_size = image->headers_size;
  CHECK(memcmp(output + headers_size, image->bytes + headers_size, plan.kept_size - headers_size) ==
        0);
  check_imports(image, &after);
  check_removal(&plan, &after);
  free(output);
  return true;
}

/* A record that somebody else may have written. */
static void check_foreign_record(const pe_image_t* image) {
  pe_plan_t plan;
  pe_status_t status;
  if (pe_plan_remove(&plan, image) != PE_OK) { return; }
  CHECK(plan.output_size < image->size);
  free(write_plan(&plan, &status));
}

bool fuzz_check(const uint8_t* bytes, size_t size) {
  pe_image_t image;
  if (pe_image_open(&image, bytes, size) != PE_OK) { return false; }
  read_all(&image);
  check_foreign_record(&image);
  return check_addition(&image);
}
