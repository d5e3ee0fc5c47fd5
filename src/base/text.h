/* text.h - text into a fixed buffer: what printf does, without locale, allocation or state. */
#ifndef MIM_BASE_TEXT_H
#define MIM_BASE_TEXT_H

#include <stdarg.h>

#include "base/compiler.h"

typedef struct mim_text {
  char* start;
  size_t length;   /* without the closing 0 */
  size_t capacity; /* with the closing 0; text that does not fit is cut */
  bool is_cut;
} mim_text_t;

mim_text_t mim_text_in(char* buffer, size_t capacity);
void mim_text_char(mim_text_t* text, char c);

/* Knows %s %c %d %i %u %x %p %% with the lengths l, ll and z, a minimum width, `-` and `0`. */
void mim_text_format(mim_text_t* text, const char* format, ...) MIM_PRINTF(2, 3);
void mim_text_format_list(mim_text_t* text, const char* format, va_list list);

bool mim_text_equal_nocase(const char* a, const char* b, size_t length);
char mim_text_upper(char c);

#endif
