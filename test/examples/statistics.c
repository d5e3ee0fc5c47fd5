/* statistics.c - the statistics that MIMALLOC_SHOW_STATS=1 prints at the end, at any time. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

typedef struct text {
  char bytes[16384];
  size_t length;
} text_t;

static void append(const char* message, void* arg) {
  text_t* text = (text_t*)arg;
  const size_t length = strlen(message);
  if (length >= sizeof(text->bytes) - text->length) { return; }
  memcpy(text->bytes + text->length, message, length + 1);
  text->length += length;
}

int main(void) {
  static text_t text;
  void* p = mi_malloc(1000000);
  mi_stats_print_out(&append, &text);
  EXPECT(strstr(text.bytes, "committed") != NULL);
  mi_free(p);
  return 0;
}
