/* crash.h - a program that includes this tells on stderr where it faulted; on Linux, if no
 * sanitizer tells it already: where MIM_TEST_TELLS_CRASHES is defined. */
#ifndef MIM_TEST_CRASH_H
#define MIM_TEST_CRASH_H

#if defined(MIM_TEST_TELLS_CRASHES)
#if defined(__cplusplus)
extern "C" {
#endif
void test_tell_crashes(void);
#if defined(__cplusplus)
}
#endif

__attribute__((constructor)) static void test_crashes_are_told(void) { test_tell_crashes(); }
#endif

#endif
