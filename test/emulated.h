/* emulated.h - whether the tests of this build run under an emulator of another processor. What
 * /proc tells of memory, and limits of it, are the emulator's own then. */
#ifndef MIM_TEST_EMULATED_H
#define MIM_TEST_EMULATED_H

#ifdef MIM_TEST_EMULATOR
#define TEST_IS_EMULATED 1
#else
#define TEST_IS_EMULATED 0
#endif

/* What is resident is the emulator's, too: qemu 7.2 keeps 240 KiB of each thread that has ended. */
#ifdef MIM_TEST_OTHER_PROCESSOR
#define TEST_IS_OTHER_PROCESSOR 1
#else
#define TEST_IS_OTHER_PROCESSOR 0
#endif

/* No unwinder for this C library, or no stack to see (WebAssembly): there are no profiles. */
#ifdef MIM_TEST_NO_UNWINDER
#define TEST_HAS_UNWINDER 0
#else
#define TEST_HAS_UNWINDER 1
#endif

/* WebAssembly: a program can neither start another one nor protect or move memory. */
#ifdef __wasm__
#define TEST_HAS_PROCESSES 0
#define TEST_HAS_PROTECTION 0
#else
#define TEST_HAS_PROCESSES 1
#define TEST_HAS_PROTECTION 1
#endif

#define TEST_NO_PROCESSES "this system has no processes"
#define TEST_NO_PROTECTION "this system can neither protect nor move memory"
#define TEST_NO_UNWINDER "this compiler has no unwinder for this C library or processor"
#define TEST_NO_LIMITS "an emulator does not limit address space"

#endif
