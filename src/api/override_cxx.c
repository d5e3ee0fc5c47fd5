/* override_cxx.c - the 20 replaceable operators of C++ (ISO C++ [new.delete]), by the names
 * that the Itanium C++ ABI gives them: so the library needs no C++ compiler and no C++ runtime. */
#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "api/cxx_new.h"

/* A DLL of Windows exports none: only who links the allocator has them. */
#if MI_OVERRIDE && !(defined(_WIN32) && defined(MI_SHARED_LIB_EXPORT))

/* size_t is unsigned long, unsigned long long or unsigned int: m, y or j. */
#if defined(_WIN64)
#define SIZED(before, after) before##y##after
#elif MIM_IS_64BIT
#define SIZED(before, after) before##m##after
#else
#define SIZED(before, after) before##j##after
#endif

/* A declaration before each definition: no header declares these names. */
#define NEW(name, ...) \
  MIM_HOT MIM_EXPORT void* name(__VA_ARGS__); \
  MIM_EXPORT void* name(__VA_ARGS__)

NEW(SIZED(_Znw, ), size_t size) { return mim_new_in(mim_theap_self, size, false); }
NEW(SIZED(_Zna, ), size_t size) { return mim_new_in(mim_theap_self, size, false); }

NEW(SIZED(_Znw, RKSt9nothrow_t), size_t size, const void* tag) {
  (void)tag;
  return mim_new_in(mim_theap_self, size, true);
}

NEW(SIZED(_Zna, RKSt9nothrow_t), size_t size, const void* tag) {
  (void)tag;
  return mim_new_in(mim_theap_self, size, true);
}

NEW(SIZED(_Znw, St11align_val_t), size_t size, size_t alignment) {
  return mim_new_aligned(size, alignment, false);
}

NEW(SIZED(_Zna, St11align_val_t), size_t size, size_t alignment) {
  return mim_new_aligned(size, alignment, false);
}

NEW(SIZED(_Znw, St11align_val_tRKSt9nothrow_t), size_t size, size_t alignment, const void* tag) {
  (void)tag;
  return mim_new_aligned(size, alignment, true);
}

NEW(SIZED(_Zna, St11align_val_tRKSt9nothrow_t), size_t size, size_t alignment, const void* tag) {
  (void)tag;
  return mim_new_aligned(size, alignment, true);
}

/* What delete is told about the block, the page map knows better. */
#define DELETE_1(name) \
  MIM_HOT MIM_EXPORT void name(void* p); \
  MIM_EXPORT void name(void* p) { mim_free_inline(p); }
#define DELETE_2(name, type) \
  MIM_HOT MIM_EXPORT void name(void* p, type second); \
  MIM_EXPORT void name(void* p, type second) { \
    (void)second; \
    mim_free_inline(p); \
  }
#define DELETE_3(name, type, type3) \
  MIM_EXPORT void name(void* p, type second, type3 third); \
  MIM_EXPORT void name(void* p, type second, type3 third) { \
    (void)second; \
    (void)third; \
    mim_free_inline(p); \
  }

DELETE_1(_ZdlPv)
DELETE_1(_ZdaPv)
DELETE_2(SIZED(_ZdlPv, ), size_t)
DELETE_2(SIZED(_ZdaPv, ), size_t)
DELETE_2(_ZdlPvRKSt9nothrow_t, const void*)
DELETE_2(_ZdaPvRKSt9nothrow_t, const void*)
DELETE_2(_ZdlPvSt11align_val_t, size_t)
DELETE_2(_ZdaPvSt11align_val_t, size_t)
DELETE_3(SIZED(_ZdlPv, St11align_val_t), size_t, size_t)
DELETE_3(SIZED(_ZdaPv, St11align_val_t), size_t, size_t)
DELETE_3(_ZdlPvSt11align_val_tRKSt9nothrow_t, size_t, const void*)
DELETE_3(_ZdaPvSt11align_val_tRKSt9nothrow_t, size_t, const void*)

#endif

typedef int mim_override_cxx_t; /* ISO C forbids an empty file */
