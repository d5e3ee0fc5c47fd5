/* assert.h - C: assertions. */
#undef assert
#define assert(claim) ((void)0)
#ifndef static_assert
#define static_assert _Static_assert
#endif
