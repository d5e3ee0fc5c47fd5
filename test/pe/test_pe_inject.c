/* test_pe_inject.c - adding an import and taking it back, byte for byte. What holds for any file
 * is checked by fuzz_check.c; here is what only some files have. */
#include "pe/pe_inject.h"

#include "pe/pe_bytes.h"
#include "pe/pe_format.h"
#include "pe/pe_imports.h"
#include "test/pe/fuzz_check.h"
#include "test/pe/pe_model.h"
#include "test/test.h"

static uint8_t bytes[MODEL_BYTES_MAX];
static uint8_t output[4 * MODEL_BYTES_MAX];
static uint8_t restored[MODEL_BYTES_MAX];
static pe_image_t before, after;
static pe_plan_t plan;

static pe_status_t plan_model(const pe_model_t* model) {
  const size_t size = pe_model_write(model, bytes);
  CHECK_EQ(pe_image_open(&before, bytes, size), PE_OK);
  return pe_plan_add(&plan, &before, "mimalloc.dll", "mi_version");
}

static void add_to(const pe_model_t* model) {
  CHECK_EQ(plan_model(model), PE_OK);
  CHECK_EQ(pe_plan_write(&plan, output), PE_OK);
  CHECK_EQ(pe_image_open(&after, output, plan.output_size), PE_OK);
}

static size_t remove_again(void) {
  CHECK_EQ(pe_plan_remove(&plan, &after), PE_OK);
  CHECK_EQ(pe_plan_write(&plan, restored), PE_OK);
  return plan.output_size;
}

TEST(made_files_keep_every_promise) {
  for (size_t i = 0; pe_model_of_corpus(i) != NULL; i++) {
    const size_t size = pe_model_write(pe_model_of_corpus(i), bytes);
    CHECK(fuzz_check(bytes, size));
  }
}

TEST(the_dll_becomes_the_first_import) {
  const pe_model_t model = pe_model_usual(PE_MACHINE_X86);
  add_to(&model);
  CHECK_EQ(plan.notes, 0);
  CHECK_STR(pe_imports_get(&after, 0).dll, "mimalloc.dll");
  CHECK_STR(pe_imports_get(&after, 1).dll, "KERNEL32.dll");
  CHECK_STR(pe_imports_get(&after, 2).dll, "api-ms-win-crt-heap-l1-1-0.dll");
  const pe_section_t section = pe_image_section(&after, 2);
  CHECK((section.flags & PE_SECTION_WRITE) != 0); /* the loader writes the function's address */
  CHECK_EQ(section.rva, 0x3000);
  CHECK_EQ(section.raw % 0x200, 0);
  CHECK_EQ(section.raw + section.raw_size, after.size);
  CHECK_EQ(after.image_size, 0x4000);
}

TEST(a_file_without_imports_gets_one) {
  uint32_t count;
  const pe_model_t model = {.machine = PE_MACHINE_X64};
  add_to(&model);
  CHECK_EQ(pe_imports_count(&after, &count), PE_OK);
  CHECK_EQ(count, 1);
}

TEST(a_signature_is_dropped_and_all_else_comes_back) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  model.appended_size = 24;
  model.signature_size = 64;
  add_to(&model);
  CHECK_EQ(plan.notes, PE_NOTE_SIGNATURE | PE_NOTE_APPENDED);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_CERTIFICATE).rva, 0);
  CHECK_EQ(remove_again(), 0xe00 + 24);
  model.signature_size = 0;
  const size_t size = pe_model_write(&model, bytes);
  CHECK_EQ(size, 0xe00 + 24);
  CHECK(memcmp(bytes, restored, size) == 0);
}

TEST(bytes_behind_a_signature_stay_and_so_does_it) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  model.signature_size = 64;
  model.behind_signature = 100;
  add_to(&model);
  CHECK_EQ(plan.kept_size, before.size);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_CERTIFICATE).rva, 0);
  CHECK(memcmp(output + 0xe00, bytes + 0xe00, 164) == 0);
}

TEST(a_signature_that_leads_out_of_the_file_is_refused) {
  const pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  const size_t size = pe_model_write(&model, bytes);
  uint8_t* const entry = bytes + 0x80 + 24 + PE_OPT_DIRECTORIES_64 + 8 * PE_DIR_CERTIFICATE;
  CHECK_EQ(pe_image_open(&before, bytes, size), PE_OK);
  pe_put32(entry, (uint32_t)size);
  pe_put32(entry + 4, 8);
  CHECK_EQ(pe_plan_add(&plan, &before, "a.dll", "f"), PE_BAD_CERTIFICATE);
  pe_put32(entry, 0x600); /* within a section */
  CHECK_EQ(pe_plan_add(&plan, &before, "a.dll", "f"), PE_BAD_CERTIFICATE);
}

TEST(bound_imports_are_unbound_and_bound_again_by_removal) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  model.is_bound = true;
  add_to(&model);
  CHECK_EQ(plan.notes, PE_NOTE_BOUND);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_BOUND_IMPORT).rva, 0);
  CHECK(!pe_imports_get(&after, 1).is_bound);
  const size_t size = remove_again();
  CHECK_EQ(size, before.size);
  CHECK(memcmp(bytes, restored, size) == 0);
  model.has_lookup = false;
  CHECK_EQ(plan_model(&model), PE_BOUND_ONLY);
}

TEST(where_no_room_is_left_the_headers_move_over_the_dos_stub) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  model.section_count = 15; /* 32 bytes are left */
  add_to(&model);
  CHECK_EQ(plan.notes, PE_NOTE_MOVED);
  CHECK_EQ(after.header, 0x40);
  CHECK_EQ(after.section_count, 16);
  for (uint32_t i = after.sections + 16 * PE_SECTION_SIZE; i < 0x400; i++) {
    CHECK_EQ(output[i], 0);
  }
  const size_t size = remove_again();
  CHECK_EQ(size, before.size);
  CHECK(memcmp(bytes, restored, size) == 0);
  model.header = 0x40; /* there is no stub; three sections more fill the room again */
  model.section_count = 17;
  CHECK_EQ(plan_model(&model), PE_NO_ROOM);
}

TEST(bytes_of_others_behind_the_section_table_are_not_overwritten) {
  const pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  const size_t size = pe_model_write(&model, bytes);
  bytes[0x80 + 24 + 240 + 2 * PE_SECTION_SIZE + 10] = 1;
  CHECK_EQ(pe_image_open(&before, bytes, size), PE_OK);
  CHECK_EQ(pe_plan_add(&plan, &before, "mimalloc.dll", "mi_version"), PE_OK);
  CHECK_EQ(plan.notes, PE_NOTE_MOVED);
}

/* The definition: the sum of all 16-bit words with end-around carry, without the field itself, plus
 * the length of the file. */
static uint32_t checksum_of(const uint8_t* file, size_t size, size_t field) {
  uint64_t sum = 0;
  for (size_t i = 0; i < size; i += 2) {
    if (i != field && i != field + 2) { sum += pe_get16(file + i); }
  }
  while (sum > 0xffff) { sum = (sum & 0xffff) + (sum >> 16); }
  return (uint32_t)(sum + size);
}

TEST(a_checksum_is_made_anew_where_there_was_one) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  add_to(&model);
  const uint32_t field = after.optional + PE_OPT_CHECKSUM;
  CHECK_EQ(pe_get32(output + field), 0);
  model.checksum = 1234;
  add_to(&model);
  CHECK_EQ(pe_get32(output + field), checksum_of(output, plan.output_size, field));
  remove_again();
  CHECK_EQ(pe_get32(restored + field), 1234);
}

TEST(the_loader_may_write_where_the_address_tables_are) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  add_to(&model);
  const pe_directory_t own = pe_image_directory(&before, PE_DIR_IAT);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_IAT).rva, own.rva);
  model.has_iat = false;
  add_to(&model);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_IAT).rva, MODEL_DATA_RVA);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_IAT).size, MODEL_DATA_SIZE);
  model.is_writable = true;
  add_to(&model);
  CHECK_EQ(pe_image_directory(&after, PE_DIR_IAT).rva, 0);
}

TEST(programs_that_have_to_be_signed_are_named) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  model.dll_flags = PE_DLL_FORCE_INTEGRITY;
  add_to(&model);
  CHECK_EQ(plan.notes, PE_NOTE_INTEGRITY);
}

TEST(what_cannot_work_is_refused) {
  pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  model.is_managed = true;
  CHECK_EQ(plan_model(&model), PE_MANAGED);
  model.is_managed = false;
  CHECK_EQ(plan_model(&model), PE_OK);
  CHECK_EQ(pe_plan_add(&plan, &before, "", "f"), PE_BAD_NAME);
  CHECK_EQ(pe_plan_add(&plan, &before, "a.dll", ""), PE_BAD_NAME);
}

TEST(an_arm64x_file_whose_halves_have_import_tables_of_their_own_is_refused) {
  pe_model_t model = pe_model_usual(PE_MACHINE_ARM64);
  model.is_hybrid = true;
  model.fixup_rva = MODEL_TEXT_RVA;
  CHECK_EQ(plan_model(&model), PE_OK);
  model.fixup_rva = before.directories + PE_DIR_IMPORT * PE_DIR_SIZE;
  CHECK_EQ(plan_model(&model), PE_HYBRID_IMPORTS);
  model.fixup_rva = pe_image_directory(&before, PE_DIR_IMPORT).rva + PE_IMPORT_SIZE;
  CHECK_EQ(plan_model(&model), PE_HYBRID_IMPORTS);
  model.fixup_rva = MODEL_TEXT_RVA;
  model.section_count = 15; /* what the loader changes in the headers may not move */
  CHECK_EQ(plan_model(&model), PE_NO_ROOM);
}

TEST(only_what_was_added_is_removed) {
  const pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  CHECK_EQ(plan_model(&model), PE_OK);
  CHECK_EQ(pe_plan_remove(&plan, &before), PE_NOT_INJECTED);
}

/* Sets a word of the record or the headers, and tries to remove. */
static pe_status_t remove_with(size_t offset, uint32_t value) {
  const pe_model_t model = pe_model_usual(PE_MACHINE_X64);
  add_to(&model);
  pe_put32(output + offset, value);
  CHECK_EQ(pe_image_open(&after, output, plan.output_size), PE_OK);
  const pe_status_t status = pe_plan_remove(&plan, &after);
  return status == PE_OK ? pe_plan_write(&plan, restored) : status;
}

TEST(a_damaged_record_is_refused) {
  const size_t record = 0xe00, headers = record + 32;
  CHECK_EQ(remove_with(record + 40, 0), PE_OK); /* a byte of the DOS header */
  CHECK_EQ(remove_with(record, 0), PE_BAD_RECORD);
  CHECK_EQ(remove_with(record + 8, 2), PE_BAD_RECORD);
  CHECK_EQ(remove_with(record + 12, 0x300), PE_BAD_RECORD);
  CHECK_EQ(remove_with(record + 16, 0), PE_BAD_RECORD);
  CHECK_EQ(remove_with(record + 16, 0xe01), PE_BAD_RECORD);
  CHECK_EQ(remove_with(record + 20, 0), PE_BAD_RECORD);
  CHECK_EQ(remove_with(headers, 0), PE_BAD_RECORD);
  CHECK_EQ(remove_with(headers + 0x80 + 6, 1), PE_BAD_RECORD);
  /* Another tool gave the file another import table. */
  CHECK_EQ(remove_with(0x80 + 24 + PE_OPT_DIRECTORIES_64 + 8, 0x2000), PE_BAD_RECORD);
}

TEST_MAIN()
