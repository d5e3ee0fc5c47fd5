/* config.h - build macros become constants here, and nowhere else.
 *
 * Code says `if (MIM_CHECKED)`, so that every mode is compiled and type-checked in every build.
 */
#ifndef MIM_BASE_CONFIG_H
#define MIM_BASE_CONFIG_H

#include "base/compiler.h"

#ifndef MI_SECURE
#define MI_SECURE 0
#endif
#ifndef MI_DEBUG
#define MI_DEBUG 0
#endif
#ifndef MIM_ASSERT_LEVEL
#define MIM_ASSERT_LEVEL 0
#endif
#ifndef MI_OVERRIDE
#define MI_OVERRIDE 0
#endif
/* Memory is short on most Android devices. */
#if defined(__ANDROID__) && !defined(MI_NO_THP)
#define MI_NO_THP 1
#endif
#ifndef MI_XMALLOC
#define MI_XMALLOC 0
#endif

enum {
  MIM_VERSION = 30600,

  /* Checked: free blocks carry a seal (page/block.h), so that a double free and a write to
   * freed memory are found; the free lists are encoded. */
  MIM_CHECKED = (MI_SECURE > 0 || MI_DEBUG > 0 || MIM_ASSERT_LEVEL > 0),
  MIM_DEBUG_FILL = (MI_DEBUG > 0 || MIM_ASSERT_LEVEL > 0),
  MIM_ABORT_ON_OOM = (MI_XMALLOC != 0),

  MIM_CACHE_LINE = 64,
};

/* Sizes.  A granule is the smallest block and the alignment of every block; a slice is the unit of
 * address space.  On a 32-bit machine addresses run out before memory does: smaller slices, so that
 * rounding up to them costs little (doc/decisions/0021). */
#if UINTPTR_MAX > UINT32_MAX
#define MIM_IS_64BIT 1
enum { MIM_GRANULE_SHIFT = 4, MIM_ADDRESS_BITS = 48, MIM_SLICE_SHIFT = 16 };
#else
#define MIM_IS_64BIT 0
enum {
  MIM_GRANULE_SHIFT = (_Alignof(max_align_t) > 8 ? 4 : 3),
  MIM_ADDRESS_BITS = 32,
  MIM_SLICE_SHIFT = 14,
};
#endif

enum {
  MIM_GRANULE = 1 << MIM_GRANULE_SHIFT,
  MIM_KIB = 1024,
  MIM_SLICE_SIZE = 1 << MIM_SLICE_SHIFT,

  MIM_SMALL_MAX = 64 * MIM_GRANULE,  /* the direct table of a thread heap reaches this far */
  MIM_SMALL_BLOCK_MAX = 8 * MIM_KIB, /* blocks of a small page                             */
  MIM_HUGE_ROUND = 4 * MIM_KIB,      /* a block above these is rounded up to this          */

  /* Blocks of a medium page: a block above has slices of its own. */
  MIM_MEDIUM_BLOCK_MAX = (MIM_IS_64BIT ? 64 : 128) * MIM_KIB,

  /* A page of the smallest blocks, and the largest one of blocks that share a page. */
  MIM_PAGE_SLICES_MIN = (MIM_IS_64BIT ? 1 : 4),
  MIM_PAGE_SLICES_MAX = (MIM_IS_64BIT ? 8 : 16),
};

#define MIM_MIB ((size_t)1 << 20)
#define MIM_GIB ((size_t)1 << 30)

/* PTRDIFF_MAX is the largest size an object can have in C; anything larger is refused. */
#define MIM_SIZE_MAX ((size_t)PTRDIFF_MAX)

_Static_assert(MIM_GRANULE >= 2 * sizeof(void*), "a free block holds its link and its seal");
_Static_assert(MI_SECURE >= 0 && MI_SECURE <= 5, "MI_SECURE is a level from 0 to 5");
_Static_assert(MIM_ASSERT_LEVEL >= 0 && MIM_ASSERT_LEVEL <= 2, "MIM_ASSERT_LEVEL is 0, 1 or 2");

#endif
