/* debug_runtime.h - what the test asks of its debug runtime, besides the functions that have their
 * names from Microsoft's. */
#ifndef MIM_TEST_WINDOWS_DEBUG_RUNTIME_H
#define MIM_TEST_WINDOWS_DEBUG_RUNTIME_H

#include <stddef.h>

/* The last call that came to the runtime itself, and how many there were. */
typedef struct debug_call {
  int count;
  const char* function;
  int kind; /* what the caller has said, where the function is told it */
  const char* file;
  int line;
} debug_call_t;

debug_call_t debug_last_call(void);

/* A block as the runtime made it before it was redirected. */
void* debug_old_block(size_t size);

#endif
