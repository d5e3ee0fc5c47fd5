/* hybrid.h - images with code of two processors (ARM64EC, ARM64X), as they lie in memory: whose
 * code is where.
 *
 *   x64 caller -----> thunk (x64) -----+
 *                                      v
 *   the image's own code -----------> body (ARM64)
 *
 * An exported function has both ways in: redirected at the thunk only, it would still be the old
 * one for the image itself.  Pure, as plan.h. */
#ifndef MIM_WIN_REDIRECT_HYBRID_H
#define MIM_WIN_REDIRECT_HYBRID_H

#include "redirect/plan.h"

typedef struct hybrid {
  const uint8_t* image;    /* laid out, and trusted: the loader has checked it */
  const uint8_t* metadata; /* NULL: all code is of one processor */
} hybrid_t;

/* `base` is the address that the image's pointers are made for: where it was loaded. */
hybrid_t hybrid_open(const uint8_t* image, uint64_t base);

/* Whose code is at `rva`; *end is lowered to where this kind of code ends. False: none is there. */
bool hybrid_machine(const hybrid_t* hybrid, uint32_t rva, redirect_machine_t* machine,
                    uint32_t* end);

/* The ARM64 functions of an image that calls itself x64: two words each, the first is where the
 * function starts.  How many words. */
size_t hybrid_unwind_words(const hybrid_t* hybrid, const uint32_t** words);

#endif
