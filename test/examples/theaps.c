/* theaps.c - a part of the program allocates in a heap of its own, without knowing of it. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

/* Code of somebody else: it calls mi_malloc. */
static char* parse(const char* text) { return mi_strdup(text); }

int main(void) {
  mi_heap_t* heap = mi_heap_new();
  mi_theap_t* before = mi_theap_set_default(mi_heap_theap(heap)); /* for this thread */
  char* parsed = parse("words");
  mi_theap_set_default(before);
  EXPECT(mi_heap_of(parsed) == heap && strcmp(parsed, "words") == 0);

  /* Through the theap itself: the quickest way into a heap, for its own thread only. */
  mi_theap_t* theap = mi_heap_theap(heap);
  long* p = (long*)mi_theap_zalloc(theap, sizeof(long));
  EXPECT(*p == 0 && mi_heap_contains(heap, p));
  mi_free(p);
  mi_theap_collect(theap, false);

  char* other = parse("other");
  EXPECT(mi_heap_of(other) == mi_heap_main());
  mi_free(other);
  mi_heap_destroy(heap);
  return 0;
}
