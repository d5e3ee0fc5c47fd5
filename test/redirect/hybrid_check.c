/* hybrid_check.c - see hybrid_check.h. */
#include "test/redirect/hybrid_check.h"

#include "pe/pe_imports.h"
#include "redirect/hybrid.h"
#include "test/redirect/plan_check.h"
#include "test/test.h"

enum { ISLAND = 0x1000000, TARGET = 0x7000000, BYTES = 16, FOLLOW_MAX = 8 };

static redirect_function_t function_at(const pe_image_t* image, const hybrid_t* hybrid,
                                       uint32_t rva) {
  uint32_t end = image->image_size;
  redirect_machine_t machine;
  CHECK(hybrid_machine(hybrid, rva, &machine, &end));
  CHECK(end > rva && end < image->image_size);
  const uint8_t* const code = pe_image_at(image, rva, BYTES);
  CHECK(code != NULL);
  return (redirect_function_t){.machine = machine,
                               .address = image->base + rva,
                               .code = code,
                               .code_size = BYTES,
                               .end = image->base + (end - rva < BYTES ? end : rva + BYTES)};
}

/* A function that only jumps is another name for where it jumps to. */
static void check_planned(const pe_image_t* image, const hybrid_t* hybrid,
                          redirect_function_t function) {
  const uint64_t behind = image->base + image->image_size;
  redirect_status_t status = REDIRECT_FOLLOW;
  redirect_plan_t plan;
  for (int follows = 0; follows < FOLLOW_MAX; follows++) {
    status = plan_check(&function, behind + TARGET, behind + ISLAND, &plan);
    if (status != REDIRECT_FOLLOW) { break; }
    function = function_at(image, hybrid, (uint32_t)(plan.follow - image->base));
  }
  CHECK_EQ(status, REDIRECT_OK);
}

uint32_t hybrid_check(const pe_image_t* image, const char* name) {
  const hybrid_t hybrid = hybrid_open(image->bytes, image->base);
  uint32_t rva;
  uint64_t body;
  CHECK(hybrid.metadata != NULL);
  CHECK_EQ(pe_export_find(image, name, &rva), PE_OK);
  const redirect_function_t thunk = function_at(image, &hybrid, rva);
  CHECK_EQ(thunk.machine, REDIRECT_X64);
  CHECK(redirect_find_body(&thunk, &body));
  const redirect_function_t code = function_at(image, &hybrid, (uint32_t)(body - image->base));
  CHECK_EQ(code.machine, REDIRECT_ARM64);
  check_planned(image, &hybrid, thunk);
  check_planned(image, &hybrid, code);
  return (uint32_t)(body - image->base);
}
