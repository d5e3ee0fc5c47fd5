/* larson_sized.cpp - server churn over operator new and sized delete (see larson_inline.h):
   the allocator is told the size at the free and may save the look-up. */
#include "larson_inline.h"

#include <new>

static void* larson_allocate(size_t size) { return ::operator new(size); }

static void larson_release(void* p, size_t size) { ::operator delete(p, size); }

int main(int argc, char** argv) { return larson_run(argc, argv); }
