/* stdio.h - C: renaming a file. */
#ifndef MIM_STUB_POSIX_STDIO_H
#define MIM_STUB_POSIX_STDIO_H

#include <stddef.h>

typedef struct mim_stub_file FILE;
int rename(const char* from, const char* to);

#endif
