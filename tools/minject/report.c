/* report.c - see report.h. */
#include "minject/report.h"

#include <stdio.h>

#include "minject/order.h"
#include "pe/pe_format.h"
#include "pe/pe_imports.h"
#include "pe/pe_inject.h"

runtime_t report_runtime(const program_t* program) {
  runtime_t found = RUNTIME_NONE;
  for (uint32_t i = 0; i < program->import_count; i++) {
    const runtime_t runtime = names_runtime(pe_imports_get(&program->image, i).dll);
    /* The best one: it decides whether redirection can work. */
    if (runtime != RUNTIME_NONE && (found == RUNTIME_NONE || runtime < found)) { found = runtime; }
  }
  return found;
}

/* -- --list */

/* Prints the names that are wanted, and counts all. */
static pe_status_t list_functions(const program_t* program, const pe_import_t* import,
                                  bool is_verbose, uint32_t* count) {
  const bool is_runtime = names_runtime(import->dll) != RUNTIME_NONE;
  const char* name;
  for (*count = 0;; (*count)++) {
    const pe_status_t status = pe_import_function(&program->image, import, *count, &name);
    if (status != PE_OK || name == NULL) { return status; }
    const bool is_heap = is_runtime && names_is_heap_function(name);
    if (is_verbose || is_heap) {
      printf("        %s%s\n", name[0] != 0 ? name : "(by number)", is_heap ? "  (heap)" : "");
    }
  }
}

static bool list_imports(const program_t* program, bool is_verbose) {
  for (uint32_t i = 0; i < program->import_count; i++) {
    const pe_import_t import = pe_imports_get(&program->image, i);
    const bool is_ours = i == 0 && pe_is_injected(&program->image);
    printf("  %3u  %s%s%s\n", (unsigned)i + 1, import.dll, import.is_bound ? "  (bound)" : "",
           is_ours ? "  (added by minject)" : "");
    uint32_t count;
    const pe_status_t status = list_functions(program, &import, is_verbose, &count);
    if (status == PE_BOUND_ONLY) {
      printf("        (its names are gone: bound)\n");
    } else if (status != PE_OK) {
      program_complain(program->path, "%s", pe_status_text(status));
      return false;
    }
    if (is_verbose) { printf("        %u functions\n", (unsigned)count); }
  }
  return true;
}

static void list_order(const program_t* program) {
  order_t order;
  order_make(&order, program->path, &program->image, NULL);
  printf("load order (DLLs in the program's folder are followed):\n");
  for (unsigned number = 1; number <= order.number_last; number++) {
    const order_entry_t* const entry = order_get(&order, number);
    const char* const place = entry->is_broken               ? "damaged"
                              : entry->is_beside             ? "in the folder"
                              : names_is_api_set(entry->dll) ? "API set"
                                                             : "system";
    printf("  %3u  %s  (%s)\n", number, entry->dll, place);
  }
  order_free(&order);
}

bool report_list(const program_t* program, bool is_verbose) {
  const pe_image_t* const image = &program->image;
  printf("%s: %s for %s, %u sections, imports of %u DLLs\n", program->path,
         pe_image_is_dll(image) ? "DLL" : "program", program->machine,
         (unsigned)image->section_count, (unsigned)program->import_count);
  printf("C runtime: %s\n", names_runtime_text(report_runtime(program)));
  printf("imports, with the heap functions among them:\n");
  if (!list_imports(program, is_verbose)) { return false; }
  list_order(program);
  return true;
}

/* -- --check */

static bool say_problem(const char* text) {
  printf("  no   %s\n", text);
  return false;
}

static bool say_fact(const char* a, const char* b, const char* c) {
  printf("  yes  %s%s%s\n", a, b, c);
  return true;
}

static bool check_runtime(const order_t* order) {
  if (order_has_runtime(order, RUNTIME_UCRT)) {
    return say_fact("the program, or a DLL in its folder, uses ", names_runtime_text(RUNTIME_UCRT),
                    "");
  }
  if (order_has_runtime(order, RUNTIME_UCRT_DEBUG)) {
    return say_fact("the program, or a DLL in its folder, uses ",
                    names_runtime_text(RUNTIME_UCRT_DEBUG), "");
  }
  if (order_has_runtime(order, RUNTIME_MSVCRT)) {
    return say_problem("it uses msvcrt.dll, which is redirected on request only: run it with "
                       "MIMALLOC_REDIRECT_MSVCRT=1, or build it for the UCRT if you can");
  }
  if (order_has_runtime(order, RUNTIME_OLD)) {
    return say_problem("its C runtime is older than the UCRT; build it with a newer compiler");
  }
  return say_problem(
    "it imports no C runtime: that is linked statically (build with /MD), or there "
    "is none (Go, for instance)");
}

static bool check_dll(const program_t* program, const char* dll, const char* function) {
  const dll_state_t state = program_find_dll(program, program->path, dll, function, NULL);
  if (state == DLL_FITS) { return say_fact(dll, " is in its folder and fits", ""); }
  printf("  no   %s %s\n", dll, dll_state_text(state));
  return false;
}

static bool check_companion(const program_t* program, const char* dll) {
  const char* dll_machine = program->machine;
  program_find_dll(program, program->path, dll, NULL, &dll_machine);
  return check_dll(program, names_companion(program->machine, dll_machine), NULL);
}

static bool check_first(const program_t* program, const char* dll) {
  if (program->import_count > 0 && pe_names_equal(pe_imports_get(&program->image, 0).dll, dll)) {
    return say_fact(dll, " is its first import", "");
  }
  pe_plan_t plan;
  const pe_status_t status = pe_plan_add(&plan, &program->image, dll, names_function);
  if (status != PE_OK && status != PE_INJECTED) {
    printf("  no   %s cannot be made its first import: %s\n", dll, pe_status_text(status));
    return false;
  }
  printf("  no   %s is not its first import; make it that: minject --dll=%s %s\n", dll, dll,
         program->path);
  return false;
}

static bool check_loader(const program_t* program) {
  bool is_good = true;
  if (program->config.loads_from_system) {
    is_good = say_problem("it looks for DLLs in System32 only; link it without /DEPENDENTLOADFLAG");
  }
  const bool is_signed = pe_image_directory(&program->image, PE_DIR_CERTIFICATE).rva != 0;
  const bool has_to_be = (pe_image_dll_flags(&program->image) & PE_DLL_FORCE_INTEGRITY) != 0;
  if (has_to_be && !is_signed) {
    is_good = say_problem("it is not loaded without a signature; sign it");
  }
  if (pe_image_directory(&program->image, PE_DIR_CLR).rva != 0) {
    is_good = say_problem(pe_status_text(PE_MANAGED));
  }
  return is_good;
}

bool report_check(const program_t* program, const char* dll) {
  order_t order;
  order_make(&order, program->path, &program->image, dll); /* it has a runtime itself */
  printf("%s (%s):\n", program->path, program->machine);
  bool is_good = check_runtime(&order);
  is_good = check_loader(program) && is_good;
  is_good = check_dll(program, dll, names_function) && is_good;
  is_good = check_companion(program, dll) && is_good;
  is_good = check_first(program, dll) && is_good;
  printf("redirection %s work\n", is_good ? "should" : "would not");
  order_free(&order);
  return is_good;
}
