/* minject.c - makes the allocator's DLL the first import of a Windows program, so that it loads
 * before all others; lists, checks, undoes. Runs on Windows and elsewhere, on programs for every
 * machine. The work on bytes is done by tools/pe. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minject/files.h"
#include "minject/names.h"
#include "minject/os.h"
#include "minject/program.h"
#include "minject/report.h"
#include "pe/pe_imports.h"
#include "pe/pe_inject.h"

typedef enum command { COMMAND_INJECT, COMMAND_REMOVE, COMMAND_LIST, COMMAND_CHECK } command_t;

typedef struct options {
  command_t command;
  const char* input;
  const char* output; /* NULL: by rule */
  const char* postfix;
  const char* dll;
  bool is_inplace;
  bool is_forced;
  bool is_verbose;
} options_t;

enum { EXIT_USAGE = 2 };

static const char help_text[] =
  "usage: minject [options] PROGRAM\n"
  "\n"
  "Makes mimalloc.dll the first import of a Windows program or DLL, so that the allocator is\n"
  "loaded before all others. Writes PROGRAM-mi.exe (or .dll); the program itself stays as it is.\n"
  "Works for x86, x64, ARM64, ARM64EC and ARM64X, on Windows and elsewhere.\n"
  "\n"
  "  -h, --help          this text\n"
  "  -v, --verbose       say more\n"
  "  -l, --list          show imports, C runtime, heap functions and load order; change nothing\n"
  "      --check         would redirection work? if not, why; change nothing\n"
  "      --remove        take the import out again; writes PROGRAM without -mi, or with -plain\n"
  "  -o, --output FILE   write FILE\n"
  "  -i, --inplace       change PROGRAM itself; the original is kept as PROGRAM.orig\n"
  "  -f, --force         overwrite files that exist; take a DLL that does not fit\n"
  "      --postfix=NAME  the DLL is mimalloc-NAME.dll\n"
  "      --dll=NAME      the DLL is NAME; it has to export mi_version\n"
  "\n"
  "Without --postfix and --dll it is mimalloc-debug.dll for a program on the debug C runtime,\n"
  "else mimalloc.dll, or mimalloc-override.dll if only that is in the program's folder.\n"
  "Exit code: 0 done, 1 refused or (--check) no, 2 wrong usage.\n";

static int fail_usage(const char* text) {
  fprintf(stderr, "minject: %s; see minject --help\n", text);
  return EXIT_USAGE;
}

/* -- Which DLL, which file */

static char* dll_by_rule(const program_t* program, const options_t* options) {
  if (options->dll != NULL) { return text_join(options->dll, "", ""); }
  if (options->postfix != NULL) { return text_join("mimalloc-", options->postfix, ".dll"); }
  const bool is_debug = report_runtime(program) == RUNTIME_UCRT_DEBUG;
  const char* name = is_debug ? names_dll_debug : names_dll;
  if (program_find_dll(program, program->path, name, NULL, NULL) == DLL_MISSING && !is_debug &&
      program_find_dll(program, program->path, names_dll_second, NULL, NULL) != DLL_MISSING) {
    name = names_dll_second;
  }
  return text_join(name, "", "");
}

/* "prog.exe" and "-mi": "prog-mi.exe". */
static char* path_with_postfix(const char* path, size_t stem_length, const char* postfix) {
  char* const stem = text_join(path, "", "");
  stem[stem_length] = 0;
  char* const result = text_join(stem, postfix, path + path_stem_length(path));
  free(stem);
  return result;
}

static char* output_by_rule(const options_t* options) {
  if (options->is_inplace) { return os_real_path(options->input); }
  if (options->output != NULL) { return text_join(options->output, "", ""); }
  const size_t length = path_stem_length(options->input);
  if (options->command == COMMAND_INJECT) {
    return path_with_postfix(options->input, length, "-mi");
  }
  const bool ends_with_mi = length > 3 && strncmp(options->input + length - 3, "-mi", 3) == 0;
  return ends_with_mi ? path_with_postfix(options->input, length - 3, "")
                      : path_with_postfix(options->input, length, "-plain");
}

/* -- Writing */

static bool is_equal(const file_bytes_t* a, const file_bytes_t* b) {
  return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* The original, beside it. One that is there is the true original: it is never overwritten, but by
 * force or by the same bytes. */
static bool keep_backup(const program_t* program, const char* output, bool is_forced) {
  char* const path = text_join(output, ".orig", "");
  file_bytes_t there = {NULL, 0};
  bool is_kept = false;
  const char* failure = NULL;
  if (file_exists(path) && !is_forced) {
    failure = file_read(path, &there);
    is_kept = failure == NULL && is_equal(&there, &program->file);
    if (!is_kept && failure == NULL) { failure = "it is there and differs; move it, or --force"; }
    file_free(&there);
  } else {
    failure = file_write(path, &program->file, output);
    is_kept = failure == NULL;
  }
  if (failure != NULL) { program_complain(path, "the original cannot be kept: %s", failure); }
  if (is_kept) { printf("%s: the original is kept as %s\n", output, path); }
  free(path);
  return is_kept;
}

static bool write_output(const program_t* program, const options_t* options, const char* output,
                         const file_bytes_t* result) {
  if (options->is_inplace) {
    if (is_equal(result, &program->file)) { return true; }
    const bool has_backup =
      options->command == COMMAND_REMOVE || keep_backup(program, output, options->is_forced);
    if (!has_backup) { return false; }
  } else if (file_exists(output) && !options->is_forced) {
    program_complain(output,
                     "it exists already; choose another with -o, or overwrite with --force");
    return false;
  }
  const char* const failure = file_write(output, result, program->path);
  if (failure != NULL) { program_complain(output, "it cannot be written: %s", failure); }
  return failure == NULL;
}

/* -- Changing */

static void say_notes(const char* path, unsigned notes) {
  static const struct {
    unsigned note;
    const char* text;
  } texts[] = {
    {PE_NOTE_SIGNATURE, "warning: the signature is dropped, since it would be void; sign it again"},
    {PE_NOTE_INTEGRITY, "warning: Windows loads this program only if it is signed: sign it again"},
    {PE_NOTE_BOUND, "warning: bound imports are dropped; the loader looks functions up instead"},
    {PE_NOTE_MOVED, "note: the PE header moves over the DOS stub, to make room for a section"},
    {PE_NOTE_APPENDED, "note: bytes behind the sections stay where they are, the new one follows"},
  };
  for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
    if ((notes & texts[i].note) != 0) { program_complain(path, "%s", texts[i].text); }
  }
}

static pe_status_t carry_out(const pe_plan_t* plan, file_bytes_t* result) {
  *result = (file_bytes_t){.bytes = memory_get(plan->output_size), .size = plan->output_size};
  const pe_status_t status = pe_plan_write(plan, result->bytes);
  if (status != PE_OK) { file_free(result); }
  return status;
}

static pe_status_t make_removed(const pe_image_t* image, file_bytes_t* result) {
  pe_plan_t plan;
  const pe_status_t status = pe_plan_remove(&plan, image);
  return status == PE_OK ? carry_out(&plan, result) : status;
}

static pe_status_t make_added(const pe_image_t* image, const char* dll, file_bytes_t* result,
                              unsigned* notes) {
  pe_plan_t plan;
  const pe_status_t status = pe_plan_add(&plan, image, dll, names_function);
  *notes = plan.notes;
  return status == PE_OK ? carry_out(&plan, result) : status;
}

/* A program that was injected before is taken back first: so the same command twice gives the same
 * bytes, and another DLL replaces the first one. */
static pe_status_t make_injected(const pe_image_t* image, const char* dll, file_bytes_t* result,
                                 unsigned* notes) {
  *notes = 0;
  if (!pe_is_injected(image)) { return make_added(image, dll, result, notes); }
  file_bytes_t original;
  pe_status_t status = make_removed(image, &original);
  if (status != PE_OK) { return status; }
  pe_image_t before;
  status = pe_image_open(&before, original.bytes, original.size);
  if (status == PE_OK) { status = make_added(&before, dll, result, notes); }
  file_free(&original);
  return status;
}

/* The loader finds the DLL in the folder of the program that is written. */
static bool accept_dll(const program_t* program, const char* output, const char* dll,
                       bool is_forced) {
  const dll_state_t state = program_find_dll(program, output, dll, names_function, NULL);
  if (state == DLL_FITS) { return true; }
  if (state == DLL_MISSING || is_forced) {
    program_complain(output, "warning: %s %s", dll, dll_state_text(state));
    return true;
  }
  program_complain(output, "%s %s (or --force)", dll, dll_state_text(state));
  return false;
}

static int inject(const program_t* program, const options_t* options, const char* output) {
  char* const dll = dll_by_rule(program, options);
  file_bytes_t result = {NULL, 0};
  unsigned notes;
  bool is_done = accept_dll(program, output, dll, options->is_forced);
  if (is_done) {
    const pe_status_t status = make_injected(&program->image, dll, &result, &notes);
    is_done = status == PE_OK;
    if (!is_done) { program_complain(program->path, "%s", pe_status_text(status)); }
  }
  if (is_done) {
    say_notes(program->path, notes);
    if (program->config.loads_from_system) {
      program_complain(program->path, "warning: it looks for DLLs in System32 only, not beside it; "
                                      "link it without /DEPENDENTLOADFLAG");
    }
    is_done = write_output(program, options, output, &result);
  }
  if (is_done) {
    const bool was_so = is_equal(&result, &program->file);
    printf("%s: %s is %s its first import\n", output, dll, was_so ? "already" : "now");
  }
  file_free(&result);
  free(dll);
  return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int remove_injection(const program_t* program, const options_t* options,
                            const char* output) {
  file_bytes_t result;
  const pe_status_t status = make_removed(&program->image, &result);
  if (status != PE_OK) {
    program_complain(program->path, "%s", pe_status_text(status));
    return EXIT_FAILURE;
  }
  const bool is_done = write_output(program, options, output, &result);
  if (is_done) { printf("%s: its imports are the original ones\n", output); }
  file_free(&result);
  return is_done ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int change(const program_t* program, const options_t* options) {
  char* const output = output_by_rule(options);
  if (output == NULL) {
    program_complain(options->input, "the file is gone");
    return EXIT_FAILURE;
  }
  if (options->is_verbose) { report_list(program, true); }
  const int code = options->command == COMMAND_INJECT ? inject(program, options, output)
                                                      : remove_injection(program, options, output);
  free(output);
  return code;
}

static int check(const program_t* program, const options_t* options) {
  char* const dll = dll_by_rule(program, options);
  const bool is_good = report_check(program, dll);
  free(dll);
  return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(const options_t* options) {
  program_t program;
  if (!program_open(&program, options->input)) { return EXIT_FAILURE; }
  int code;
  switch (options->command) {
    case COMMAND_LIST:
      code = report_list(&program, options->is_verbose) ? EXIT_SUCCESS : EXIT_FAILURE;
      break;
    case COMMAND_CHECK: code = check(&program, options); break;
    default: code = change(&program, options); break;
  }
  program_close(&program);
  return code;
}

/* -- Options */

enum { OPTION_CHECK = 256, OPTION_REMOVE, OPTION_POSTFIX, OPTION_DLL };

static const struct option long_options[] = {
  {"help", no_argument, NULL, 'h'},
  {"verbose", no_argument, NULL, 'v'},
  {"list", no_argument, NULL, 'l'},
  {"check", no_argument, NULL, OPTION_CHECK},
  {"remove", no_argument, NULL, OPTION_REMOVE},
  {"output", required_argument, NULL, 'o'},
  {"inplace", no_argument, NULL, 'i'},
  {"force", no_argument, NULL, 'f'},
  {"postfix", required_argument, NULL, OPTION_POSTFIX},
  {"dll", required_argument, NULL, OPTION_DLL},
  {NULL, 0, NULL, 0},
};

/* Not the last command wins: --remove --list must not change anything. */
static bool set_command(options_t* options, command_t command) {
  const bool is_first = options->command == COMMAND_INJECT || options->command == command;
  options->command = command;
  return is_first;
}

/* False: the option is unknown, or a second command. */
static bool take_option(options_t* options, int option) {
  switch (option) {
    case 'v': options->is_verbose = true; return true;
    case 'i': options->is_inplace = true; return true;
    case 'f': options->is_forced = true; return true;
    case 'o': options->output = optarg; return true;
    case OPTION_POSTFIX: options->postfix = optarg; return true;
    case OPTION_DLL: options->dll = optarg; return true;
    case 'l': return set_command(options, COMMAND_LIST);
    case OPTION_CHECK: return set_command(options, COMMAND_CHECK);
    case OPTION_REMOVE: return set_command(options, COMMAND_REMOVE);
    default: return false;
  }
}

/* A name alone: the loader looks for it in the folder of the program. */
static bool is_file_name(const char* name) {
  const size_t length = strlen(name);
  return length > 0 && length < 200 && strpbrk(name, "/\\:*?\"<>|") == NULL;
}

/* NULL, or what is wrong with the options taken together. */
static const char* find_contradiction(const options_t* options) {
  const bool is_change = options->command == COMMAND_INJECT || options->command == COMMAND_REMOVE;
  if (options->input == NULL) { return "name one program or DLL"; }
  if (options->postfix != NULL && options->dll != NULL) {
    return "--postfix and --dll both name the DLL; give one of them";
  }
  if (options->postfix != NULL && !is_file_name(options->postfix)) {
    return "--postfix wants a part of a file name, which may not be empty: --postfix=debug";
  }
  if (options->dll != NULL && !is_file_name(options->dll)) {
    return "--dll wants the name of a file, without a folder: --dll=mimalloc.dll";
  }
  if (options->is_inplace && options->output != NULL) {
    return "--inplace and --output both say where to write; give one of them";
  }
  if (!is_change && (options->is_inplace || options->output != NULL)) {
    return "--list and --check write nothing; leave out --inplace and --output";
  }
  return NULL;
}

int main(int argc, char** argv) {
  options_t options = {.command = COMMAND_INJECT};
  int option;
  while ((option = getopt_long(argc, argv, "hvlo:if", long_options, NULL)) != -1) {
    if (option == 'h') {
      fputs(help_text, stdout);
      return EXIT_SUCCESS;
    }
    /* getopt has named an option that it does not know. */
    if (option == '?') { return fail_usage("the options were not understood"); }
    if (!take_option(&options, option)) {
      return fail_usage("give one of --list, --check and --remove");
    }
  }
  if (argc - optind == 1) { options.input = argv[optind]; }
  const char* const contradiction = find_contradiction(&options);
  return contradiction != NULL ? fail_usage(contradiction) : run(&options);
}
