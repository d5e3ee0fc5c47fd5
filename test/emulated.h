/* emulated.h - whether the tests of this build run under an emulator of another processor. What
 * /proc tells of memory, and limits of it, are the emulator's own then. */
#ifndef MIM_TEST_EMULATED_H
#define MIM_TEST_EMULATED_H

#ifdef MIM_TEST_EMULATOR
#define TEST_IS_EMULATED 1
#else
#define TEST_IS_EMULATED 0
#endif

/* No unwinder for this C library: there are no profiles. */
#ifdef MIM_TEST_NO_UNWINDER
#define TEST_HAS_UNWINDER 0
#else
#define TEST_HAS_UNWINDER 1
#endif

#define TEST_NO_UNWINDER "this compiler has no unwinder for this C library"
#define TEST_NO_LIMITS "an emulator does not limit address space"

#endif
