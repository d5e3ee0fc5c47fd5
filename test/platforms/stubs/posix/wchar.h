/* wchar.h - C: wide strings. */
#ifndef MIM_STUB_POSIX_WCHAR_H
#define MIM_STUB_POSIX_WCHAR_H

#include <stddef.h>

size_t wcslen(const wchar_t* s);

#endif
