/* crash.h - tells on stderr where a test program faulted. Programs with TEST_MAIN have it where
 * MIM_TEST_TELLS_CRASHES is defined: on Linux, without a sanitizer, which tells it itself. */
#ifndef MIM_TEST_CRASH_H
#define MIM_TEST_CRASH_H

#if defined(__cplusplus)
extern "C"
#endif
  void
  test_tell_crashes(void);

#endif
