/* string.c - copies of strings. */
#include <string.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"

static char* copy_string(mim_theap_t* theap, const char* s, size_t length) {
  char* const copy = mim_malloc_in(theap, length + 1, false);
  if (copy == NULL) { return NULL; }
  memcpy(copy, s, length);
  copy[length] = 0;
  return copy;
}

char* mim_strdup_in(mim_theap_t* theap, const char* s) {
  return s == NULL ? NULL : copy_string(theap, s, strlen(s));
}

char* mim_strndup_in(mim_theap_t* theap, const char* s, size_t n) {
  if (s == NULL) { return NULL; }
  const char* const end = memchr(s, 0, n);
  return copy_string(theap, s, end == NULL ? n : (size_t)(end - s));
}
