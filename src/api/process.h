/* process.h - start and end of the process, as far as the library takes notice. */
#ifndef MIM_API_PROCESS_H
#define MIM_API_PROCESS_H

#include "base/compiler.h"

void mim_process_start(void);
void mim_process_end(void);
uint64_t mim_process_elapsed_ms(void);

#endif
