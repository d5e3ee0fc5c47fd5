/* random.h - numbers that a program cannot guess: keys of free lists.  Any thread may call. */
#ifndef MIM_DIAG_RANDOM_H
#define MIM_DIAG_RANDOM_H

#include "base/compiler.h"

uintptr_t mim_random(void);

/* One step of a permutation of all words (a multiply and xor-shift mixer). */
uintptr_t mim_random_mix(uintptr_t x);

#endif
