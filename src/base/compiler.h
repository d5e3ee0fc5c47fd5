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
/* On Windows the public header says what a DLL exports. */
#if defined(_WIN32)
#define MIM_EXPORT
#else
#define MIM_EXPORT __attribute__((visibility("default")))
#endif
/* The formatter is our own: not what Microsoft's C runtime makes of a format. */
#if defined(__MINGW32__) && !defined(__clang__)
#define MIM_PRINTF(f, a) __attribute__((format(gnu_printf, f, a)))
#else
#define MIM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#endif
#define MIM_ALIGNED(n) __attribute__((aligned(n)))
#define MIM_MAY_ALIAS __attribute__((may_alias))
#define MIM_WEAK __attribute__((weak))
#define MIM_CONSTRUCTOR __attribute__((constructor)) static
/* A function at the end of the process, or of the DLL: Microsoft's runtime does not call what clang
 * makes of `destructor`, so there the start asks for it. */
#if defined(_MSC_VER)
#include <stdlib.h>
#define MIM_DESTRUCTOR(name) \
  static void name(void); \
  MIM_CONSTRUCTOR void name##_ask(void) { (void)atexit(&name); } \
  static void name(void)
#else
#define MIM_DESTRUCTOR(name) __attribute__((destructor)) static void name(void)
#endif
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

/* A variable of each thread is declared with MIM_THREAD_LOCAL and used as mim_tls(name).
 *
 * gcc for Windows knows no such variables but an emulation of its own, which calls malloc.  The PE
 * format has them: each module has a template in its section .tls, each thread a copy of it, and
 * the thread's block a table of these copies.  What other compilers write for _Thread_local is
 * written here by hand; by the distance from the template's start, since Debian's ld spoils the
 * relocation that exists for it.  A call may load a module, which moves the table: hence the input
 * of the assembly that it does not use. */
#if defined(__MINGW32__) && !defined(__clang__)
#define MIM_THREAD_LOCAL __attribute__((section(".tls$")))
/* Both of the C runtime's start code: this module's place in the table, its template. */
extern unsigned _tls_index;
extern char _tls_start;
MIM_INLINE uintptr_t mim_tls_distance(void) {
  uintptr_t* copies;
#if defined(__x86_64__)
  __asm__("movq %%gs:0x58, %0" : "=r"(copies) : "m"(_tls_index));
#else
  __asm__("movl %%fs:0x2c, %0" : "=r"(copies) : "m"(_tls_index));
#endif
  return copies[_tls_index] - (uintptr_t)&_tls_start;
}
#define mim_tls(name) (*(__typeof__(&(name)))((uintptr_t) & (name) + mim_tls_distance()))
#elif defined(_MSC_VER) && !defined(__clang__)
#define MIM_THREAD_LOCAL __declspec(thread)
#define mim_tls(name) (name)
#else
#define MIM_THREAD_LOCAL _Thread_local
#define mim_tls(name) (name)
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
