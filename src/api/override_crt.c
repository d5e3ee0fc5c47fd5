/* override_crt.c - see override_crt.h.
 *
 * They keep to what Microsoft's runtime does where it differs from mi_*: a resize to 0 bytes frees.
 * _strdup, _fullpath and the like call malloc inside, and so need no replacement.
 *
 * A pointer that is not ours is of the time before, or of a heap that the runtime has inside: it
 * goes to the function that the caller meant, which still knows it.  A debug runtime's form has
 * more arguments (kind, file, line), which are handed on then.  No form may declare more of them
 * than its callers pass: on x86 their places on the stack would be the caller's own. */
#include "api/override_crt.h"

#if defined(_WIN32) && MIM_REPLACES_CRT

#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "alloc/malloc_inline.h"
#include "heap/theap.h"
#include "mimalloc.h"

enum { DEBUG_FORM = MIM_REDIRECT_FORMS - 1 };

static bool is_foreign(const void* p) { return p != NULL && mim_page_of(p) == mim_page_none(); }

/* The same where NULL asks for a new block: of ours once all functions are replaced. */
static bool is_passed_on(const void* p) {
  return p == NULL ? !mim_crt_is_replaced() : mim_page_of(p) == mim_page_none();
}

/* ---- functions that take a pointer: one for each place ---- */

/* Their arguments: a pointer, up to four sizes; of the debug form up to three more. */
#define PARAMETERS1 void* p
#define PARAMETERS2 PARAMETERS1, size_t a
#define PARAMETERS3 PARAMETERS2, size_t b
#define PARAMETERS4 PARAMETERS3, size_t c
#define PARAMETERS5 PARAMETERS4, size_t d
#define ARGUMENTS1 p
#define ARGUMENTS2 ARGUMENTS1, a
#define ARGUMENTS3 ARGUMENTS2, b
#define ARGUMENTS4 ARGUMENTS3, c
#define ARGUMENTS5 ARGUMENTS4, d
#define MORE_PARAMETERS0
#define MORE_PARAMETERS1 , intptr_t x
#define MORE_PARAMETERS2 MORE_PARAMETERS1, intptr_t y
#define MORE_PARAMETERS3 MORE_PARAMETERS2, intptr_t z
#define MORE_ARGUMENTS0 , 0, 0, 0
#define MORE_ARGUMENTS1 , x, 0, 0
#define MORE_ARGUMENTS2 , x, y, 0
#define MORE_ARGUMENTS3 , x, y, z

/* FUNCTION_original calls what a function was at a place; a cdecl function may get too many. */
#define ORIGINAL(function, type, give, count) \
  static mim_redirect_code_t* function##_originals[MIM_REDIRECT_PLACES]; \
  typedef union function##_original { \
    mim_redirect_code_t* code; \
    type (*plain)(PARAMETERS##count); \
    type (*debug)(PARAMETERS##count MORE_PARAMETERS3); \
  } function##_original_t; \
  static MIM_NOINLINE type function##_original(size_t place, PARAMETERS##count MORE_PARAMETERS3) { \
    const function##_original_t original = {mim_crt_original(function##_originals, place)}; \
    give(place % MIM_REDIRECT_FORMS == DEBUG_FORM \
           ? original.debug(ARGUMENTS##count MORE_ARGUMENTS3) \
           : original.plain(ARGUMENTS##count)); \
  }

#define PLAIN(function, type, give, count, place) \
  static type function##_##place(PARAMETERS##count) { \
    give(function(place, ARGUMENTS##count MORE_ARGUMENTS0)); \
  }
#define DEBUG(function, type, give, count, more, place) \
  static type function##_##place(PARAMETERS##count MORE_PARAMETERS##more) { \
    give(function(place, ARGUMENTS##count MORE_ARGUMENTS##more)); \
  }
#define AT(function, place) (mim_redirect_code_t*)&function##_##place
#define RUNTIME(function, type, give, count, more, first, second, third, debug) \
  PLAIN(function, type, give, count, first) \
  PLAIN(function, type, give, count, second) \
  PLAIN(function, type, give, count, third) \
  DEBUG(function, type, give, count, more, debug)

/* `count` arguments, and `more` of the debug form. */
#define PLACES(function, type, give, count, more) \
  RUNTIME(function, type, give, count, more, 0, 1, 2, 3) \
  RUNTIME(function, type, give, count, more, 4, 5, 6, 7) \
  RUNTIME(function, type, give, count, more, 8, 9, 10, 11) \
  static mim_redirect_code_t* const function##_places[MIM_REDIRECT_PLACES] = { \
    AT(function, 0), AT(function, 1), AT(function, 2),  AT(function, 3), \
    AT(function, 4), AT(function, 5), AT(function, 6),  AT(function, 7), \
    AT(function, 8), AT(function, 9), AT(function, 10), AT(function, 11)};

#define VALUE return
#define NOTHING

#define PASS_ON(function, count) function##_original(place, ARGUMENTS##count MORE_ARGUMENTS3)
#define HANDLER(type, function, count) \
  MIM_INLINE type function(size_t place, PARAMETERS##count MORE_PARAMETERS3)

ORIGINAL(crt_free, void, NOTHING, 1)
static MIM_NOINLINE void crt_free_other(size_t place, mim_page_t* page,
                                        PARAMETERS1 MORE_PARAMETERS3) {
  if (p == NULL || page != mim_page_none()) {
    mim_free_generic(p, page);
  } else {
    PASS_ON(crt_free, 1);
  }
}
HANDLER(void, crt_free, 1) {
  mim_page_t* page;
  if (mim_unlikely(!mim_free_own(p, &page))) {
    crt_free_other(place, page, ARGUMENTS1 MORE_ARGUMENTS3);
  }
}
PLACES(crt_free, void, NOTHING, 1, 1)

ORIGINAL(crt_msize, size_t, VALUE, 1)
HANDLER(size_t, crt_msize, 1) {
  return p == NULL || is_foreign(p) ? PASS_ON(crt_msize, 1) : mim_usable_size(p);
}
PLACES(crt_msize, size_t, VALUE, 1, 1)

ORIGINAL(crt_realloc, void*, VALUE, 2)
HANDLER(void*, crt_realloc, 2) {
  if (is_passed_on(p)) { return PASS_ON(crt_realloc, 2); }
  if (p == NULL || a != 0) { return mim_realloc(p, a, false); }
  mim_free(p);
  return NULL;
}
PLACES(crt_realloc, void*, VALUE, 2, 3)

ORIGINAL(crt_expand, void*, VALUE, 2)
HANDLER(void*, crt_expand, 2) { return is_foreign(p) ? PASS_ON(crt_expand, 2) : mim_expand(p, a); }
PLACES(crt_expand, void*, VALUE, 2, 3)

ORIGINAL(crt_recalloc, void*, VALUE, 3)
HANDLER(void*, crt_recalloc, 3) {
  if (is_passed_on(p)) { return PASS_ON(crt_recalloc, 3); }
  if (p == NULL || (a != 0 && b != 0)) { return mim_reallocn(p, a, b, true); }
  mim_free(p);
  return NULL;
}
PLACES(crt_recalloc, void*, VALUE, 3, 3)

/* ---- aligned: the runtime's own blocks have a header that only its own functions know ---- */

ORIGINAL(crt_aligned_free, void, NOTHING, 1)
HANDLER(void, crt_aligned_free, 1) {
  if (is_foreign(p)) {
    PASS_ON(crt_aligned_free, 1);
  } else {
    mim_free(p);
  }
}
PLACES(crt_aligned_free, void, NOTHING, 1, 0)

ORIGINAL(crt_aligned_msize, size_t, VALUE, 3)
HANDLER(size_t, crt_aligned_msize, 3) {
  return p == NULL || is_foreign(p) ? PASS_ON(crt_aligned_msize, 3) : mim_usable_size(p);
}
PLACES(crt_aligned_msize, size_t, VALUE, 3, 0)

ORIGINAL(crt_aligned_realloc, void*, VALUE, 3)
HANDLER(void*, crt_aligned_realloc, 3) {
  if (is_passed_on(p)) { return PASS_ON(crt_aligned_realloc, 3); }
  if (p == NULL || a != 0) { return mi_realloc_aligned(p, a, b); }
  mim_free(p);
  return NULL;
}
PLACES(crt_aligned_realloc, void*, VALUE, 3, 2)

ORIGINAL(crt_aligned_recalloc, void*, VALUE, 4)
HANDLER(void*, crt_aligned_recalloc, 4) {
  if (is_passed_on(p)) { return PASS_ON(crt_aligned_recalloc, 4); }
  if (p == NULL || (a != 0 && b != 0)) { return mi_aligned_recalloc(p, a, b, c); }
  mim_free(p);
  return NULL;
}
PLACES(crt_aligned_recalloc, void*, VALUE, 4, 2)

ORIGINAL(crt_offset_realloc, void*, VALUE, 4)
HANDLER(void*, crt_offset_realloc, 4) {
  if (is_passed_on(p)) { return PASS_ON(crt_offset_realloc, 4); }
  if (p == NULL || a != 0) { return mi_realloc_aligned_at(p, a, b, c); }
  mim_free(p);
  return NULL;
}
PLACES(crt_offset_realloc, void*, VALUE, 4, 2)

ORIGINAL(crt_offset_recalloc, void*, VALUE, 5)
HANDLER(void*, crt_offset_recalloc, 5) {
  if (is_passed_on(p)) { return PASS_ON(crt_offset_recalloc, 5); }
  if (p == NULL || (a != 0 && b != 0)) { return mi_aligned_offset_recalloc(p, a, b, c, d); }
  mim_free(p);
  return NULL;
}
PLACES(crt_offset_recalloc, void*, VALUE, 5, 2)

/* ---- functions that only allocate: the same at every place ---- */

static void* crt_malloc(size_t size) { return mim_malloc(size); }
static void* crt_calloc(size_t count, size_t size) { return mim_calloc(count, size); }

#if !defined(MI_SHARED_LIB_EXPORT)
/* ---- the same functions under their own names, in a program that links the allocator ----
 *
 * Names, and pointers to them as an import table has them: with only one of the two, the linker
 * would take the other from the C runtime, and with it the first once more. */

#if defined(__i386__)
#define LABEL "_"
#else
#define LABEL ""
#endif

#define NAMED(name, function, type, parameters) \
  type named_##function parameters __asm__(LABEL name); \
  extern mim_redirect_code_t* const import_##function __asm__("__imp_" LABEL name); \
  mim_redirect_code_t* const import_##function = (mim_redirect_code_t*)&named_##function; \
  type named_##function parameters

NAMED("malloc", malloc, void*, (size_t size)) { return mim_malloc(size); }
NAMED("calloc", calloc, void*, (size_t count, size_t size)) { return mim_calloc(count, size); }
NAMED("realloc", realloc, void*, (PARAMETERS2)) { return crt_realloc_0(ARGUMENTS2); }
NAMED("free", free, void, (PARAMETERS1)) { crt_free(0, ARGUMENTS1 MORE_ARGUMENTS0); }
NAMED("_msize", msize, size_t, (PARAMETERS1)) { return crt_msize_0(p); }
NAMED("_expand", expand, void*, (PARAMETERS2)) { return crt_expand_0(ARGUMENTS2); }
NAMED("_recalloc", recalloc, void*, (PARAMETERS3)) { return crt_recalloc_0(ARGUMENTS3); }
NAMED("_aligned_malloc", aligned_malloc, void*, (size_t size, size_t alignment)) {
  return mi_malloc_aligned(size, alignment);
}
NAMED("_aligned_free", aligned_free, void, (PARAMETERS1)) { crt_aligned_free_0(p); }
NAMED("_aligned_msize", aligned_msize, size_t, (PARAMETERS3)) {
  return crt_aligned_msize_0(ARGUMENTS3);
}
NAMED("_aligned_realloc", aligned_realloc, void*, (PARAMETERS3)) {
  return crt_aligned_realloc_0(ARGUMENTS3);
}
NAMED("_aligned_recalloc", aligned_recalloc, void*, (PARAMETERS4)) {
  return crt_aligned_recalloc_0(ARGUMENTS4);
}
NAMED("_aligned_offset_malloc", offset_malloc, void*,
      (size_t size, size_t alignment, size_t offset)) {
  return mi_malloc_aligned_at(size, alignment, offset);
}
NAMED("_aligned_offset_realloc", offset_realloc, void*, (PARAMETERS4)) {
  return crt_offset_realloc_0(ARGUMENTS4);
}
NAMED("_aligned_offset_recalloc", offset_recalloc, void*, (PARAMETERS5)) {
  return crt_offset_recalloc_0(ARGUMENTS5);
}
NAMED("_strdup", strdup, char*, (const char* s)) { return mim_strdup(s); }
NAMED("strdup", posix_strdup, char*, (const char* s)) { return mim_strdup(s); }
NAMED("_wcsdup", wcsdup, wchar_t*, (const wchar_t* s)) { return mi_wcsdup(s); }
NAMED("wcsdup", posix_wcsdup, wchar_t*, (const wchar_t* s)) { return mi_wcsdup(s); }
NAMED("_mbsdup", mbsdup, unsigned char*, (const unsigned char* s)) { return mi_mbsdup(s); }
#endif

#define SAME(function) \
  static mim_redirect_code_t* const function##_same[MIM_REDIRECT_PLACES] = {SAME4(function), \
                                                                            SAME4(function), \
                                                                            SAME4(function)};
#define SAME1(function) (mim_redirect_code_t*)&function
#define SAME4(function) SAME1(function), SAME1(function), SAME1(function), SAME1(function)

SAME(crt_malloc)
SAME(crt_calloc)
SAME(mi_malloc_aligned)
SAME(mi_malloc_aligned_at)

#define ALLOCATES(name, function) \
  { name, function##_same, NULL }
#define TAKES(name, function) \
  { name, function##_places, function##_originals }

const mim_redirect_function_t mim_crt_functions[] = {
  TAKES("free", crt_free),
  TAKES("_msize", crt_msize),
  TAKES("_expand", crt_expand),
  TAKES("_aligned_free", crt_aligned_free),
  TAKES("_aligned_msize", crt_aligned_msize),
  TAKES("realloc", crt_realloc),
  TAKES("_recalloc", crt_recalloc),
  TAKES("_aligned_realloc", crt_aligned_realloc),
  TAKES("_aligned_recalloc", crt_aligned_recalloc),
  TAKES("_aligned_offset_realloc", crt_offset_realloc),
  TAKES("_aligned_offset_recalloc", crt_offset_recalloc),
  ALLOCATES("malloc", crt_malloc),
  ALLOCATES("calloc", crt_calloc),
  ALLOCATES("_aligned_malloc", mi_malloc_aligned),
  ALLOCATES("_aligned_offset_malloc", mi_malloc_aligned_at),
};
const size_t mim_crt_function_count = sizeof(mim_crt_functions) / sizeof(mim_crt_functions[0]);

#endif

typedef int mim_override_crt_t; /* ISO C forbids an empty file */
