/* message.h - what the library says to its user: errors, warnings, statistics.
 *
 * Nothing here allocates, takes a lock, or changes errno.  Each line goes to the output function of
 * the program if it registered one (mi_register_output), or to standard error.  A thread that holds
 * one of our locks always writes to standard error, and calls no error handler: the program's own
 * functions may allocate. */
#ifndef MIM_DIAG_MESSAGE_H
#define MIM_DIAG_MESSAGE_H

#include "base/compiler.h"

typedef void mim_output_fun_t(const char* text, void* arg);
typedef void mim_error_fun_t(int code, void* arg);

void mim_message_init(void);
void mim_output_register(mim_output_fun_t* output, void* arg); /* NULL: standard error again */
void mim_error_register(mim_error_fun_t* handler, void* arg);

/* Text as it is, to `output`, or to the registered one if that is NULL. */
void mim_print_to(mim_output_fun_t* output, void* arg, const char* format, ...) MIM_PRINTF(3, 4);
void mim_print_text(mim_output_fun_t* output, void* arg, const char* text);

/* One line each, with a prefix; `code` is the errno value that the error handler gets.
 * An error is printed if show_errors or verbose asks for it, or always if it is_serious. */
void mim_error(int code, bool is_serious, const char* format, ...) MIM_PRINTF(3, 4);
void mim_warn(const char* format, ...) MIM_PRINTF(1, 2);
void mim_verbose(long level, const char* format, ...) MIM_PRINTF(2, 3);

#endif
