/* larson.c - server churn over malloc and free (see larson_inline.h). */
#include "larson_inline.h"

#include <stdlib.h>

static void* larson_allocate(size_t size) { return malloc(size); }

static void larson_release(void* p, size_t size) {
  (void)size;
  free(p);
}

int main(int argc, char** argv) { return larson_run(argc, argv); }
