/* message.c - see message.h. */
#include "diag/message.h"

#include <stdatomic.h>

#include "base/assert.h"
#include "base/text.h"
#include "diag/options.h"
#include "prim/lock.h"
#include "prim/prim.h"

enum { LINE_MAX_LENGTH = 512 };

/* A function and its argument are two words.  The argument is written first, and a registration
 * happens rarely and early: a reader that meets a new function with an old argument would need a
 * program that registers twice while another thread prints, which the documentation excludes. */
static _Atomic(mim_output_fun_t*) output_fun;
static _Atomic(void*) output_arg;
static _Atomic(mim_error_fun_t*) error_fun;
static _Atomic(void*) error_arg;
static _Atomic(long) error_count;
static _Atomic(long) warning_count;

void mim_output_register(mim_output_fun_t* output, void* arg) {
  atomic_store_explicit(&output_arg, arg, memory_order_relaxed);
  atomic_store_explicit(&output_fun, output, memory_order_release);
}

void mim_error_register(mim_error_fun_t* handler, void* arg) {
  atomic_store_explicit(&error_arg, arg, memory_order_relaxed);
  atomic_store_explicit(&error_fun, handler, memory_order_release);
}

void mim_print_text(mim_output_fun_t* output, void* arg, const char* text) {
  if (output == NULL && !mim_lock_is_any_held()) {
    output = atomic_load_explicit(&output_fun, memory_order_acquire);
    arg = atomic_load_explicit(&output_arg, memory_order_relaxed);
  }
  if (output != NULL) {
    output(text, arg);
    return;
  }
  size_t length = 0;
  while (text[length] != 0) { length++; }
  mim_prim_write_error(text, length);
}

void mim_print_to(mim_output_fun_t* output, void* arg, const char* format, ...) {
  char line[LINE_MAX_LENGTH];
  mim_text_t text = mim_text_in(line, sizeof(line));
  va_list arguments;
  va_start(arguments, format);
  mim_text_format_list(&text, format, arguments);
  va_end(arguments);
  mim_print_text(output, arg, line);
}

static void print_line(const char* prefix, const char* format, va_list arguments) {
  char line[LINE_MAX_LENGTH];
  mim_text_t text = mim_text_in(line, sizeof(line) - 1); /* room for the line's end */
  mim_text_format(&text, "%s", prefix);
  mim_text_format_list(&text, format, arguments);
  text.capacity++;
  mim_text_char(&text, '\n');
  mim_print_text(NULL, NULL, line);
}

/* True for the first `option` times. */
static bool is_within(mim_option_t option, _Atomic(long)* count) {
  const long most = mim_option_get(option);
  return most < 0 || atomic_fetch_add_explicit(count, 1, memory_order_relaxed) < most;
}

void mim_error(int code, bool is_serious, const char* format, ...) {
  const bool is_wanted = is_serious || mim_option_is_enabled(MIM_OPTION_show_errors) ||
                         mim_option_is_enabled(MIM_OPTION_verbose);
  if (is_wanted && is_within(MIM_OPTION_max_errors, &error_count)) {
    va_list arguments;
    va_start(arguments, format);
    print_line("mimalloc: error: ", format, arguments);
    va_end(arguments);
  }
  mim_error_fun_t* const handler = atomic_load_explicit(&error_fun, memory_order_acquire);
  if (handler != NULL && !mim_lock_is_any_held()) {
    handler(code, atomic_load_explicit(&error_arg, memory_order_relaxed));
  }
}

void mim_warn(const char* format, ...) {
  if (!is_within(MIM_OPTION_max_warnings, &warning_count)) { return; }
  va_list arguments;
  va_start(arguments, format);
  print_line("mimalloc: warning: ", format, arguments);
  va_end(arguments);
}

void mim_verbose(long level, const char* format, ...) {
  if (mim_option_get(MIM_OPTION_verbose) < level) { return; }
  va_list arguments;
  va_start(arguments, format);
  print_line("mimalloc: ", format, arguments);
  va_end(arguments);
}

static void print_failed_claim(const char* claim, const char* file, int line) {
  mim_print_to(NULL, NULL, "mimalloc: assertion failed: %s (%s:%d)\n", claim, file, line);
}

void mim_message_init(void) { mim_fail_sink = &print_failed_claim; }
