/* program.c - see program.h. */
#include "minject/program.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "pe/pe_imports.h"

void program_complain(const char* path, const char* format, ...) {
  fprintf(stderr, "minject: %s: ", path);
  va_list list;
  va_start(list, format);
  vfprintf(stderr, format, list);
  va_end(list);
  fputc('\n', stderr);
}

/* NULL, or why the bytes are not a program that can be worked on. */
static const char* program_understand(program_t* program) {
  pe_status_t status = pe_image_open(&program->image, program->file.bytes, program->file.size);
  if (status == PE_OK) { status = pe_imports_count(&program->image, &program->import_count); }
  if (status == PE_OK) { status = pe_config_read(&program->image, &program->config); }
  if (status != PE_OK) { return pe_status_text(status); }
  program->machine = pe_config_machine_name(&program->image, &program->config);
  return NULL;
}

/* NULL, or why not; then nothing is held. */
static const char* program_load(program_t* program, const char* path) {
  *program = (program_t){.path = path};
  const char* failure = file_read(path, &program->file);
  if (failure != NULL) { return failure; }
  failure = program_understand(program);
  if (failure != NULL) { file_free(&program->file); }
  return failure;
}

bool program_open(program_t* program, const char* path) {
  const char* const failure = program_load(program, path);
  if (failure != NULL) { program_complain(path, "%s", failure); }
  return failure == NULL;
}

void program_close(program_t* program) { file_free(&program->file); }

/* An ARM64X DLL has a half for each kind of process on ARM. */
static bool is_same_machine(const program_t* program, const program_t* dll) {
  const bool is_x = dll->config.is_hybrid && dll->image.machine == PE_MACHINE_ARM64;
  return dll->image.machine == program->image.machine ||
         (is_x && program->image.machine == PE_MACHINE_X64);
}

static dll_state_t dll_state(const program_t* program, const program_t* dll, const char* function) {
  if (!is_same_machine(program, dll)) { return DLL_OTHER_MACHINE; }
  if (function == NULL) { return DLL_FITS; }
  return pe_export_find(&dll->image, function, NULL) == PE_OK ? DLL_FITS : DLL_NO_FUNCTION;
}

dll_state_t program_find_dll(const program_t* program, const char* path, const char* dll,
                             const char* function, const char** machine) {
  char* const found = path_find_beside(path, dll);
  if (found == NULL) { return DLL_MISSING; }
  program_t other;
  dll_state_t state = DLL_UNREADABLE;
  if (program_load(&other, found) == NULL) {
    state = dll_state(program, &other, function);
    if (machine != NULL) { *machine = other.machine; }
    program_close(&other);
  }
  free(found);
  return state;
}

const char* dll_state_text(dll_state_t state) {
  switch (state) {
    case DLL_FITS: break;
    case DLL_MISSING: return "is not in the folder of the program; put it there";
    case DLL_UNREADABLE: return "is damaged, or not a DLL; copy it again";
    case DLL_OTHER_MACHINE: return "is for another processor; take the one for the program's";
    case DLL_NO_FUNCTION:
      return "does not export mi_version: it is not the allocator; take another";
  }
  return "";
}
