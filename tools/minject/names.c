/* names.c - see names.h. */
#include "minject/names.h"

#include <stddef.h>
#include <string.h>

#include "pe/pe_imports.h"

const char names_dll[] = "mimalloc.dll";
const char names_dll_second[] = "mimalloc-override.dll";
const char names_dll_debug[] = "mimalloc-debug.dll";
const char names_function[] = "mi_version";

/* An ARM64X program runs as what it is started as; its native half is the usual one. */
static const struct {
  const char* machine;
  const char* dll;
} companions[] = {
  {"x64", "mimalloc-redirect.dll"},          {"x86", "mimalloc-redirect32.dll"},
  {"ARM64", "mimalloc-redirect-arm64.dll"},  {"ARM64EC", "mimalloc-redirect-arm64ec.dll"},
  {"ARM64X", "mimalloc-redirect-arm64.dll"},
};

const char* names_companion(const char* machine, const char* dll_machine) {
  if (strcmp(machine, "x64") == 0 && strncmp(dll_machine, "ARM64", 5) == 0) { machine = "ARM64EC"; }
  for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]); i++) {
    if (strcmp(companions[i].machine, machine) == 0) { return companions[i].dll; }
  }
  return "";
}

/* Whether `name` begins with `start`, whatever the case of its letters. */
static bool begins_with(const char* name, const char* start) {
  char head[32];
  const size_t length = strlen(start);
  if (length >= sizeof(head) || strlen(name) < length) { return false; }
  memcpy(head, name, length);
  head[length] = 0;
  return pe_names_equal(head, start);
}

runtime_t names_runtime(const char* dll) {
  if (pe_names_equal(dll, "ucrtbase.dll")) { return RUNTIME_UCRT; }
  if (begins_with(dll, "api-ms-win-crt-")) { return RUNTIME_UCRT; }
  if (pe_names_equal(dll, "ucrtbased.dll")) { return RUNTIME_UCRT_DEBUG; }
  if (pe_names_equal(dll, "msvcrt.dll")) { return RUNTIME_MSVCRT; }
  return begins_with(dll, "msvcr") ? RUNTIME_OLD : RUNTIME_NONE;
}

const char* names_runtime_text(runtime_t runtime) {
  switch (runtime) {
    case RUNTIME_UCRT: return "the UCRT (ucrtbase.dll)";
    case RUNTIME_UCRT_DEBUG: return "the debug UCRT (ucrtbased.dll)";
    case RUNTIME_MSVCRT: return "msvcrt.dll";
    case RUNTIME_OLD: return "a runtime older than the UCRT";
    case RUNTIME_NONE: break;
  }
  return "none as a DLL";
}

/* Whether `function` is [_o_]name[_base|_dbg]. */
static bool is_form_of(const char* function, const char* name) {
  if (strncmp(function, "_o_", 3) == 0) { function += 3; }
  const size_t length = strlen(name);
  if (strncmp(function, name, length) != 0) { return false; }
  const char* const rest = function + length;
  return rest[0] == 0 || strcmp(rest, "_base") == 0 || strcmp(rest, "_dbg") == 0;
}

bool names_is_heap_function(const char* function) {
#define MIM_REDIRECTED(name) #name,
  static const char* const names[] = {
#include "win/redirect/functions.def"
  };
#undef MIM_REDIRECTED
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (is_form_of(function, names[i])) { return true; }
  }
  return false;
}

bool names_is_api_set(const char* dll) {
  return begins_with(dll, "api-ms-") || begins_with(dll, "ext-ms-");
}
