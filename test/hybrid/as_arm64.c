/* as_arm64.c - what ARM64EC code asks of the system before it calls a function that it does not
 * know: whether that is x64 code. In a process for ARM64 (as_arm64.py) nothing is.
 *
 * The answer is a pointer in x11, which is there already, and no register may change. */
#include <stdlib.h>

void as_arm64_nothing(void);
__asm__(".text\n.globl as_arm64_nothing\nas_arm64_nothing:\n  ret\n");

/* Here x64 code would be called, or have called. */
static void as_arm64_fail(void) { abort(); }

void (*__os_arm64x_check_icall)(void) = as_arm64_nothing;
void (*__os_arm64x_dispatch_call_no_redirect)(void) = as_arm64_fail;
void (*__os_arm64x_dispatch_ret)(void) = as_arm64_fail;
