/* compiler.h - every compiler difference in the code base lives here. */
#ifndef MIM_BASE_COMPILER_H
#define MIM_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define mim_likely(x) (__builtin_expect(!!(x), 1))
#define mim_unlikely(x) (__builtin_expect(!!(x), 0))
#define MIM_COLD __attribute__((noinline, cold))
/* Of the paths that every malloc and free takes, now and then or always: they lie side by side, at
 * the start of the code, where changes elsewhere do not move them. */
#define MIM_HOT __attribute__((hot))
#define MIM_NOINLINE __attribute__((noinline))
#define MIM_NORETURN __attribute__((noreturn))
#define MIM_INLINE static inline __attribute__((always_inline, unused))
#define MIM_EXPORT __attribute__((visibility("default")))
#define MIM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define MIM_ALIGNED(n) __attribute__((aligned(n)))
#define MIM_MAY_ALIAS __attribute__((may_alias))
#define MIM_WEAK __attribute__((weak))
#define MIM_CONSTRUCTOR __attribute__((constructor)) static
#define MIM_DESTRUCTOR __attribute__((destructor)) static
/* The compiler forgets where x came from: keeps it from "simplifying" an address computation that
 * the addressing mode does for nothing. */
#define mim_opaque(x) __asm__("" : "+r"(x))
#else
#define mim_likely(x) (x)
#define mim_unlikely(x) (x)
#define MIM_COLD __declspec(noinline)
#define MIM_HOT
#define MIM_NOINLINE __declspec(noinline)
#define MIM_NORETURN __declspec(noreturn)
#define MIM_INLINE static __forceinline
#define MIM_EXPORT __declspec(dllexport)
#define MIM_PRINTF(f, a)
#define MIM_ALIGNED(n) __declspec(align(n))
#define MIM_MAY_ALIAS
#define mim_opaque(x) ((void)(x))
#endif

/* True where ThreadSanitizer watches: it must see each access, so benign shortcuts are off. */
#if defined(__SANITIZE_THREAD__)
#define MIM_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MIM_TSAN 1
#endif
#endif
#ifndef MIM_TSAN
#define MIM_TSAN 0
#endif

#endif
