/* fail.c - the end of the line for a claim that does not hold. */
#include <stdlib.h>

#include "base/assert.h"

mim_fail_sink_t* mim_fail_sink;

void mim_fail(const char* claim, const char* file, int line) {
  mim_fail_sink_t* const sink = mim_fail_sink;
  mim_fail_sink = NULL; /* a claim that fails inside the sink must not come back here */
  if (sink != NULL) { sink(claim, file, line); }
  abort();
}
