/* system.c - what a WebAssembly program can know of itself: little. */
#include "prim/prim.h"

bool mim_prim_is_secure_execution(void) { return false; }

unsigned mim_prim_cpu(void) { return 0; }

/* There is no other one that it could be mixed up with. */
unsigned mim_prim_process_id(void) { return 1; }

/* Memory never shrinks: what there is now is the peak as well.  CPU time is not known. */
void mim_prim_process_info(mim_prim_process_info_t* info) {
  mim_prim_config_t config;
  mim_prim_memory_config(&config);
  const size_t memory = __builtin_wasm_memory_size(0) * config.page_size;
  *info = (mim_prim_process_info_t){.current_rss = memory, .peak_rss = memory};
}
