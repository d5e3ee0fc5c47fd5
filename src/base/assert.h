/* assert.h - four kinds of claim, from free to costly.
 *
 *   _Static_assert       a fact about types and constants
 *   mim_check            must hold in every build; a failure is an attack or memory corruption
 *   mim_assert           a contract between layers            (MIM_ASSERT_LEVEL >= 1)
 *   mim_assert_full      walks a data structure, may be O(n)   (MIM_ASSERT_LEVEL >= 2)
 */
#ifndef MIM_BASE_ASSERT_H
#define MIM_BASE_ASSERT_H

#include "base/config.h"

/* Where a failed claim is reported before the process aborts; set once by diag/. */
typedef void mim_fail_sink_t(const char* claim, const char* file, int line);
extern mim_fail_sink_t* mim_fail_sink;

MIM_COLD MIM_NORETURN void mim_fail(const char* claim, const char* file, int line);

#define mim_check(c) (mim_likely(c) ? (void)0 : mim_fail(#c, __FILE__, __LINE__))
/* A static analyser may rely on every assertion, also where the build leaves them out. */
#if defined(__clang_analyzer__)
#define MIM_ASSERTS_AT(n) 1
#else
#define MIM_ASSERTS_AT(n) (MIM_ASSERT_LEVEL >= (n))
#endif
/* A disabled assertion is still compiled, so it can neither rot nor cause unused warnings. */
#define mim_assert_at(n, c) \
  (!MIM_ASSERTS_AT(n) || mim_likely(c) ? (void)0 : mim_fail(#c, __FILE__, __LINE__))
#define mim_assert(c) mim_assert_at(1, c)
#define mim_assert_full(c) mim_assert_at(2, c)

#endif
