/* override_crt.c - see override_crt.h.
 *
 * They keep to what Microsoft's runtime does where it differs from mi_*: a resize to 0 bytes frees.
 * Whatever the form of a function that was called, its first arguments are the same; a debug
 * runtime's has more (where the call stands), which are handed on to an original, or left alone.
 *
 * _strdup, _fullpath and the like call malloc inside, and so need no replacement.
 *
 * A pointer that is not ours is of the time before, or of a heap that the runtime has inside: it
 * goes to the function that the caller meant, which still knows it. */
#include "api/override_crt.h"

#if defined(_WIN32) && defined(MI_SHARED_LIB_EXPORT) && MIM_WIN_REDIRECT

#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "alloc/malloc_inline.h"
#include "heap/theap.h"
#include "mimalloc.h"

/* An argument that is handed on: a pointer, a size, or a number. */
typedef uintptr_t word_t;

#define WORDS3 word_t x, word_t y, word_t z
#define GIVE3 x, y, z

static bool is_foreign(const void* p) { return p != NULL && mim_page_of(p) == mim_page_none(); }

/* The same where NULL asks for a new block: of ours once all functions are redirected. */
static bool is_passed_on(const void* p) {
  return p == NULL ? !mim_is_redirected() : mim_page_of(p) == mim_page_none();
}

/* ---- functions that take a pointer, once for each place ---- */

#define EACH_PLACE(X, name) \
  X(name, 0) \
  X(name, 1) \
  X(name, 2) \
  X(name, 3) \
  X(name, 4) X(name, 5) X(name, 6) X(name, 7) X(name, 8) X(name, 9) X(name, 10) X(name, 11)
#define AT_PLACE(name, place) (mim_redirect_code_t*)&name##_##place,

/* The original of `name` at a place, as a function of the type that is called for. */
#define ORIGINALS(name) \
  static mim_redirect_code_t* name##_originals[MIM_REDIRECT_PLACES]; \
  typedef union name##_original { \
    mim_redirect_code_t* code; \
    name##_type_t* call; \
  } name##_original_t
#define ORIGINAL(name) ((name##_original_t){name##_originals[place]}).call

#define PLACES(name) \
  EACH_PLACE(DEFINE_##name, name) \
  static mim_redirect_code_t* const name##_places[MIM_REDIRECT_PLACES] = { \
    EACH_PLACE(AT_PLACE, name)};

typedef void crt_free_type_t(void* p, WORDS3);
ORIGINALS(crt_free);
static MIM_NOINLINE void crt_free_foreign(size_t place, void* p, WORDS3) {
  ORIGINAL(crt_free)(p, GIVE3);
}
#define DEFINE_crt_free(name, place) \
  static void name##_##place(void* p, WORDS3) { \
    if (mim_unlikely(is_foreign(p))) { \
      crt_free_foreign(place, p, GIVE3); \
    } else { \
      mim_free_inline(p); \
    } \
  }
PLACES(crt_free)

typedef size_t crt_msize_type_t(void* p, WORDS3);
ORIGINALS(crt_msize);
static size_t crt_msize(size_t place, void* p, WORDS3) {
  return p == NULL || is_foreign(p) ? ORIGINAL(crt_msize)(p, GIVE3) : mim_usable_size(p);
}
#define DEFINE_crt_msize(name, place) \
  static size_t name##_##place(void* p, WORDS3) { return name(place, p, GIVE3); }
PLACES(crt_msize)

typedef void* crt_realloc_type_t(void* p, size_t size, WORDS3);
ORIGINALS(crt_realloc);
static void* crt_realloc(size_t place, void* p, size_t size, WORDS3) {
  if (is_passed_on(p)) { return ORIGINAL(crt_realloc)(p, size, GIVE3); }
  if (p == NULL || size != 0) { return mim_realloc(p, size, false); }
  mim_free(p);
  return NULL;
}
#define DEFINE_crt_realloc(name, place) \
  static void* name##_##place(void* p, size_t size, WORDS3) { return name(place, p, size, GIVE3); }
PLACES(crt_realloc)

typedef void* crt_expand_type_t(void* p, size_t size, WORDS3);
ORIGINALS(crt_expand);
static void* crt_expand(size_t place, void* p, size_t size, WORDS3) {
  return is_foreign(p) ? ORIGINAL(crt_expand)(p, size, GIVE3) : mim_expand(p, size);
}
#define DEFINE_crt_expand DEFINE_crt_realloc
PLACES(crt_expand)

typedef void* crt_recalloc_type_t(void* p, size_t count, size_t size, WORDS3);
ORIGINALS(crt_recalloc);
static void* crt_recalloc(size_t place, void* p, size_t count, size_t size, WORDS3) {
  if (is_passed_on(p)) { return ORIGINAL(crt_recalloc)(p, count, size, GIVE3); }
  if (p == NULL || (count != 0 && size != 0)) { return mim_reallocn(p, count, size, true); }
  mim_free(p);
  return NULL;
}
#define DEFINE_crt_recalloc(name, place) \
  static void* name##_##place(void* p, size_t count, size_t size, WORDS3) { \
    return name(place, p, count, size, GIVE3); \
  }
PLACES(crt_recalloc)

/* ---- aligned: the runtime's own blocks have a header that only its own functions know ---- */

typedef void crt_aligned_free_type_t(void* p, WORDS3);
ORIGINALS(crt_aligned_free);
static void crt_aligned_free(size_t place, void* p, WORDS3) {
  if (is_foreign(p)) {
    ORIGINAL(crt_aligned_free)(p, GIVE3);
  } else {
    mim_free(p);
  }
}
#define DEFINE_crt_aligned_free(name, place) \
  static void name##_##place(void* p, WORDS3) { name(place, p, GIVE3); }
PLACES(crt_aligned_free)

typedef size_t crt_aligned_msize_type_t(void* p, size_t alignment, size_t offset, WORDS3);
ORIGINALS(crt_aligned_msize);
static size_t crt_aligned_msize(size_t place, void* p, size_t alignment, size_t offset, WORDS3) {
  return p == NULL || is_foreign(p) ? ORIGINAL(crt_aligned_msize)(p, alignment, offset, GIVE3)
                                    : mim_usable_size(p);
}
#define DEFINE_crt_aligned_msize(name, place) \
  static size_t name##_##place(void* p, size_t alignment, size_t offset, WORDS3) { \
    return name(place, p, alignment, offset, GIVE3); \
  }
PLACES(crt_aligned_msize)

typedef void* crt_aligned_realloc_type_t(void* p, size_t size, size_t alignment, WORDS3);
ORIGINALS(crt_aligned_realloc);
static void* crt_aligned_realloc(size_t place, void* p, size_t size, size_t alignment, WORDS3) {
  if (is_passed_on(p)) { return ORIGINAL(crt_aligned_realloc)(p, size, alignment, GIVE3); }
  if (p == NULL || size != 0) { return mi_realloc_aligned(p, size, alignment); }
  mim_free(p);
  return NULL;
}
#define DEFINE_crt_aligned_realloc DEFINE_crt_recalloc
PLACES(crt_aligned_realloc)

typedef void* crt_aligned_recalloc_type_t(void* p, size_t count, size_t size, size_t alignment,
                                          WORDS3);
ORIGINALS(crt_aligned_recalloc);
static void* crt_aligned_recalloc(size_t place, void* p, size_t count, size_t size,
                                  size_t alignment, WORDS3) {
  if (is_passed_on(p)) { return ORIGINAL(crt_aligned_recalloc)(p, count, size, alignment, GIVE3); }
  if (p == NULL || (count != 0 && size != 0)) {
    return mi_aligned_recalloc(p, count, size, alignment);
  }
  mim_free(p);
  return NULL;
}
#define DEFINE_four(name, place) \
  static void* name##_##place(void* p, size_t a, size_t b, size_t c, WORDS3) { \
    return name(place, p, a, b, c, GIVE3); \
  }
#define DEFINE_crt_aligned_recalloc DEFINE_four
PLACES(crt_aligned_recalloc)

typedef void* crt_offset_realloc_type_t(void* p, size_t size, size_t alignment, size_t offset,
                                        WORDS3);
ORIGINALS(crt_offset_realloc);
static void* crt_offset_realloc(size_t place, void* p, size_t size, size_t alignment, size_t offset,
                                WORDS3) {
  if (is_passed_on(p)) { return ORIGINAL(crt_offset_realloc)(p, size, alignment, offset, GIVE3); }
  if (p == NULL || size != 0) { return mi_realloc_aligned_at(p, size, alignment, offset); }
  mim_free(p);
  return NULL;
}
#define DEFINE_crt_offset_realloc DEFINE_four
PLACES(crt_offset_realloc)

typedef void* crt_offset_recalloc_type_t(void* p, size_t count, size_t size, size_t alignment,
                                         size_t offset, WORDS3);
ORIGINALS(crt_offset_recalloc);
static void* crt_offset_recalloc(size_t place, void* p, size_t count, size_t size, size_t alignment,
                                 size_t offset, WORDS3) {
  if (is_passed_on(p)) {
    return ORIGINAL(crt_offset_recalloc)(p, count, size, alignment, offset, GIVE3);
  }
  if (p == NULL || (count != 0 && size != 0)) {
    return mi_aligned_offset_recalloc(p, count, size, alignment, offset);
  }
  mim_free(p);
  return NULL;
}
#define DEFINE_crt_offset_recalloc(name, place) \
  static void* name##_##place(void* p, size_t count, size_t size, size_t alignment, size_t offset, \
                              WORDS3) { \
    return name(place, p, count, size, alignment, offset, GIVE3); \
  }
PLACES(crt_offset_recalloc)

/* ---- functions that only allocate: the same at every place ---- */

static void* crt_malloc(size_t size) { return mim_malloc(size); }
static void* crt_calloc(size_t count, size_t size) { return mim_calloc(count, size); }

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
