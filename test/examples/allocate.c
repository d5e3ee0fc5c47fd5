/* allocate.c - blocks are allocated, resized, asked for their size, and freed. */
#include <errno.h>
#include <mimalloc.h>
#include <stdint.h>
#include <string.h>

#include "example.h"

static void use_text(void) {
  char* text = mi_strdup("hello");
  text = (char*)mi_realloc(text, 100); /* keeps the contents */
  strcat(text, ", world");
  EXPECT(strcmp(text, "hello, world") == 0);
  EXPECT(mi_usable_size(text) >= 100);
  char* start = mi_strndup(text, 5);
  EXPECT(strcmp(start, "hello") == 0);
  mi_free(start);
  mi_free(text);
}

static void use_arrays(void) {
  int* numbers = (int*)mi_calloc(100, sizeof(int));
  EXPECT(numbers[99] == 0);
  numbers[99] = 7;
  numbers = (int*)mi_reallocn(numbers, 1000, sizeof(int));
  EXPECT(numbers[99] == 7);
  mi_free(numbers);
  /* A product that overflows is an error, not a small block. */
  volatile size_t count = SIZE_MAX / 2;
  EXPECT(mi_mallocn(count, sizeof(int)) == NULL && errno == ENOMEM);
}

static void use_slack(void) {
  const size_t size = mi_good_size(1000); /* what a request of 1000 bytes really gets */
  void* p = mi_malloc(1000);
  EXPECT(mi_usable_size(p) == size && size >= 1000);
  EXPECT(mi_expand(p, size) == p); /* in place */
  EXPECT(mi_expand(p, 10 * size) == NULL);
  mi_free(p);
}

int main(void) {
  use_text();
  use_arrays();
  use_slack();
  mi_free(NULL); /* does nothing */
  return 0;
}
