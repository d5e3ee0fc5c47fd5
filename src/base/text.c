/* text.c - see text.h. */
#include "base/text.h"

#include "base/bits.h"

mim_text_t mim_text_in(char* buffer, size_t capacity) {
  buffer[0] = 0;
  return (mim_text_t){.start = buffer, .capacity = capacity};
}

void mim_text_char(mim_text_t* text, char c) {
  if (text->length + 1 >= text->capacity) {
    text->is_cut = true;
    return;
  }
  text->start[text->length++] = c;
  text->start[text->length] = 0;
}

char mim_text_upper(char c) { return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); }

bool mim_text_equal_nocase(const char* a, const char* b, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (mim_text_upper(a[i]) != mim_text_upper(b[i])) { return false; }
    if (a[i] == 0) { return true; }
  }
  return true;
}

typedef struct field {
  size_t width;
  bool is_left;
  char fill;
} field_t;

static void text_pad(mim_text_t* text, size_t count, char fill) {
  for (size_t i = 0; i < count; i++) { mim_text_char(text, fill); }
}

static void text_bytes(mim_text_t* text, const char* bytes, size_t length, field_t field) {
  const size_t pad = field.width > length ? field.width - length : 0;
  if (!field.is_left) { text_pad(text, pad, ' '); }
  for (size_t i = 0; i < length; i++) { mim_text_char(text, bytes[i]); }
  if (field.is_left) { text_pad(text, pad, ' '); }
}

static void text_string(mim_text_t* text, const char* string, field_t field) {
  if (string == NULL) { string = "(null)"; }
  size_t length = 0;
  while (string[length] != 0) { length++; }
  text_bytes(text, string, length, field);
}

static void text_number(mim_text_t* text, bool is_negative, uint64_t value, unsigned base,
                        field_t field) {
  char digits[24];
  size_t count = 0;
  do {
    digits[sizeof(digits) - ++count] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value != 0);
  if (field.fill == '0') {
    const size_t wanted = mim_min(field.width, sizeof(digits) - 1);
    while (count + is_negative < wanted) { digits[sizeof(digits) - ++count] = '0'; }
  }
  if (is_negative) { digits[sizeof(digits) - ++count] = '-'; }
  text_bytes(text, &digits[sizeof(digits) - count], count, field);
}

typedef enum length_modifier { LENGTH_INT, LENGTH_LONG, LENGTH_LONG_LONG, LENGTH_SIZE } length_t;

/* A va_list may be an array type: only a pointer to a struct that holds it can be handed on. */
typedef struct argument_list {
  va_list list;
} argument_list_t;

static int64_t next_signed(argument_list_t* a, length_t length) {
  switch (length) {
    case LENGTH_LONG: return va_arg(a->list, long);
    case LENGTH_LONG_LONG: return va_arg(a->list, long long);
    case LENGTH_SIZE: return va_arg(a->list, ptrdiff_t);
    default: return va_arg(a->list, int);
  }
}

static uint64_t next_unsigned(argument_list_t* a, length_t length) {
  switch (length) {
    case LENGTH_LONG: return va_arg(a->list, unsigned long);
    case LENGTH_LONG_LONG: return va_arg(a->list, unsigned long long);
    case LENGTH_SIZE: return va_arg(a->list, size_t);
    default: return va_arg(a->list, unsigned);
  }
}

static const char* parse_field(const char* f, field_t* field) {
  *field = (field_t){.fill = ' '};
  for (;; f++) {
    if (*f == '-') {
      field->is_left = true;
    } else if (*f == '0') {
      field->fill = '0';
    } else {
      break;
    }
  }
  for (; *f >= '0' && *f <= '9'; f++) { field->width = 10 * field->width + (size_t)(*f - '0'); }
  return f;
}

static const char* parse_length(const char* f, length_t* length) {
  *length = LENGTH_INT;
  if (*f == 'z') {
    *length = LENGTH_SIZE;
    return f + 1;
  }
  if (*f != 'l') { return f; }
  *length = (f[1] == 'l' ? LENGTH_LONG_LONG : LENGTH_LONG);
  return f + (f[1] == 'l' ? 2 : 1);
}

static void text_conversion(mim_text_t* text, char kind, field_t field, length_t length,
                            argument_list_t* arguments) {
  switch (kind) {
    case 'd':
    case 'i': {
      const int64_t value = next_signed(arguments, length);
      text_number(text, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10, field);
      break;
    }
    case 'u': text_number(text, false, next_unsigned(arguments, length), 10, field); break;
    case 'x': text_number(text, false, next_unsigned(arguments, length), 16, field); break;
    case 'p':
      text_string(text, "0x", (field_t){0});
      text_number(text, false, (uintptr_t)va_arg(arguments->list, void*), 16, field);
      break;
    case 's': text_string(text, va_arg(arguments->list, const char*), field); break;
    case 'c': mim_text_char(text, (char)va_arg(arguments->list, int)); break;
    default: mim_text_char(text, kind); break;
  }
}

void mim_text_format_list(mim_text_t* text, const char* format, va_list list) {
  argument_list_t arguments;
  va_copy(arguments.list, list);
  for (const char* f = format; *f != 0; f++) {
    if (*f != '%') {
      mim_text_char(text, *f);
      continue;
    }
    field_t field;
    length_t length;
    f = parse_length(parse_field(f + 1, &field), &length);
    if (*f == 0) { break; }
    text_conversion(text, *f, field, length, &arguments);
  }
  va_end(arguments.list);
}

void mim_text_format(mim_text_t* text, const char* format, ...) {
  va_list list;
  va_start(list, format);
  mim_text_format_list(text, format, list);
  va_end(list);
}
