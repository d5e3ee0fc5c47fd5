/* system.c - what a WebAssembly program can know of itself: little. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <unistd.h>

#include "prim/prim.h"

enum { WASM_PAGE_SIZE = 65536 };

bool mim_prim_is_secure_execution(void) { return false; }

unsigned mim_prim_cpu(void) { return 0; }

/* There is no other one that it could be mixed up with. */
unsigned mim_prim_process_id(void) { return 1; }

bool mim_prim_random(void* buffer, size_t size) {
  const int saved_errno = errno;
  const bool is_filled = getentropy(buffer, size) == 0;
  errno = saved_errno;
  return is_filled;
}

/* Memory never shrinks: what there is now is the peak as well.  CPU time is not known. */
void mim_prim_process_info(mim_prim_process_info_t* info) {
  const size_t memory = __builtin_wasm_memory_size(0) * (size_t)WASM_PAGE_SIZE;
  *info = (mim_prim_process_info_t){.current_rss = memory, .peak_rss = memory};
}
