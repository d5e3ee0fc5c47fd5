/* string.h - C: memory and strings. */
#ifndef MIM_STUB_POSIX_STRING_H
#define MIM_STUB_POSIX_STRING_H

#include <stddef.h>

void* memcpy(void* restrict to, const void* restrict from, size_t size);
void* memmove(void* to, const void* from, size_t size);
void* memset(void* p, int value, size_t size);
void* memchr(const void* p, int value, size_t size);
int memcmp(const void* a, const void* b, size_t size);
size_t strlen(const char* s);
int strcmp(const char* a, const char* b);
int strncmp(const char* a, const char* b, size_t length);
char* strdup(const char* s);
char* strndup(const char* s, size_t length);

#endif
