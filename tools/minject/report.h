/* report.h - what minject tells about a program: --list and --check. */
#ifndef MIM_TOOLS_MINJECT_REPORT_H
#define MIM_TOOLS_MINJECT_REPORT_H

#include "minject/names.h"
#include "minject/program.h"

/* The runtime that the import table of the program itself names. */
runtime_t report_runtime(const program_t* program);

/* Imports, runtime, heap functions, load order; each imported function if `is_verbose`. False if a
 * table is damaged. */
bool report_list(const program_t* program, bool is_verbose);

/* Whether redirection by `dll` would work; prints each reason why not. */
bool report_check(const program_t* program, const char* dll);

#endif
