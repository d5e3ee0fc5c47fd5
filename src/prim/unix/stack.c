/* stack.c - the return addresses on the stack, by the tables that exceptions use: programs need no
 * frame pointers.
 *
 * glibc has a function for it, which loads the unwinder of gcc when it is first called, and then
 * allocates.  Elsewhere the unwinder is used where the program is linked with it anyway. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/bits.h"
#include "prim/prim.h"

#if defined(__linux__)
#include <link.h>
#include <sys/auxv.h>
#endif

enum { OWN_FRAMES_MAX = 16 }; /* of the allocator's own functions, inlined ones not counted */

/* ---- walking ---- */

#if defined(__GLIBC__)
#include <execinfo.h>

static size_t stack_walk(void** frames, size_t most) {
  const int count = backtrace(frames, (int)most);
  return count < 0 ? 0 : (size_t)count;
}

static bool stack_can_walk(void) { return true; }
#else
#include <unwind.h>

#pragma weak _Unwind_Backtrace
/* On 32-bit ARM the other one is no function: it asks for a register.  (clang does not define
 * __ARM_EABI_UNWINDER__.) */
#if defined(__arm__) && !defined(__USING_SJLJ_EXCEPTIONS__) && !defined(__ARM_DWARF_EH__)
#define UNWIND_GET _Unwind_VRS_Get
#pragma weak _Unwind_VRS_Get
#else
#define UNWIND_GET _Unwind_GetIP
#pragma weak _Unwind_GetIP
#endif

typedef struct walk {
  void** frames;
  size_t count, most;
} walk_t;

static _Unwind_Reason_Code walk_step(struct _Unwind_Context* context, void* arg) {
  walk_t* const walk = arg;
  if (walk->count == walk->most) { return _URC_END_OF_STACK; }
  walk->frames[walk->count++] = (void*)_Unwind_GetIP(context);
  return _URC_NO_REASON;
}

static bool stack_can_walk(void) { return _Unwind_Backtrace != NULL && UNWIND_GET != NULL; }

static size_t stack_walk(void** frames, size_t most) {
  walk_t walk = {frames, 0, most};
  _Unwind_Backtrace(&walk_step, &walk);
  return walk.count;
}
#endif

/* ---- the allocator's own functions ---- */

/* Empty: they are a part of the program's own file.  Always written with the same values. */
static _Atomic(uintptr_t) own_start, own_end;

static bool is_own(uintptr_t address) {
  return address >= atomic_load_explicit(&own_start, memory_order_relaxed) &&
         address < atomic_load_explicit(&own_end, memory_order_relaxed);
}

#if defined(__linux__)
/* The head of the file that this code was linked into: set by the linker. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));

static void own_find(void) {
  if (&__ehdr_start == NULL) { return; }
  const uintptr_t base = (uintptr_t)&__ehdr_start;
  const uintptr_t program = (uintptr_t)getauxval(AT_PHDR) - base;
  const ElfW(Phdr)* segment = (const ElfW(Phdr)*)(base + __ehdr_start.e_phoff);
  if (program == __ehdr_start.e_phoff) { return; }
  for (size_t i = 0; i < __ehdr_start.e_phnum; i++, segment++) {
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0) { continue; }
    const uintptr_t start = base + segment->p_vaddr;
    atomic_store_explicit(&own_start, start, memory_order_relaxed);
    atomic_store_explicit(&own_end, start + segment->p_memsz, memory_order_relaxed);
  }
}
#else
static void own_find(void) {}
#endif

static _Atomic(bool) is_prepared;

bool mim_prim_stack_prepare(void) {
  const int saved_errno = errno;
  void* frames[4];
  own_find();
  const bool can_walk = stack_can_walk() && stack_walk(frames, 4) > 0;
  atomic_store_explicit(&is_prepared, can_walk, memory_order_relaxed);
  errno = saved_errno;
  return can_walk;
}

size_t mim_prim_stack(uintptr_t* frames, size_t most) {
  enum { ROOM = 96 };
  void* all[ROOM];
  if (!atomic_load_explicit(&is_prepared, memory_order_relaxed)) { return 0; }
  const int saved_errno = errno;
  const size_t count = stack_walk(all, mim_min(most + OWN_FRAMES_MAX, ROOM));
  errno = saved_errno;
  size_t first = (count > 0); /* this very function */
  while (first < count && is_own((uintptr_t)all[first])) { first++; }
  const size_t kept = mim_min(count - first, most);
  for (size_t i = 0; i < kept; i++) { frames[i] = (uintptr_t)all[first + i]; }
  return kept;
}
