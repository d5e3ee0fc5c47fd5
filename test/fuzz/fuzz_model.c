/* fuzz_model.c - the shadow model and its checks. See fuzz_model.h. */
#include "fuzz_model.h"

#include <errno.h>
#include <mimalloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_calls.h"
#include "fuzz_stream.h"
#include "fuzz_threads.h"

enum {
  LIVE_MAX = 192 * 1024 * 1024, /* requests are cut to 1 KiB beyond it: memory is not the test */
  EDGE = 4096,                  /* larger blocks get a pattern at both edges and one byte a page */
  ROW = 16,                     /* slots that fill_row and free_row go through */
  SWEEP_INTERVAL = 64,
};

typedef struct slot {
  uint8_t* p;
  size_t size;       /* as asked for */
  size_t filled;     /* bytes that hold the pattern, from p */
  size_t extent;     /* usable bytes: no other block may touch them */
  size_t block_size; /* as a size-returning call said; 0: unknown */
  size_t alignment;  /* as asked for; 1 if not */
  uint32_t seed;
  bool is_zero;      /* a zero-preserving resize is allowed */
  bool is_small;     /* from a small function: free_small is allowed */
  bool is_free_only; /* expanded, or aligned at an offset: no sized or aligned free */
} slot_t;

fuzz_settings_t fuzz_settings;

static slot_t slots[FUZZ_SLOT_COUNT];
static size_t live_size;
static uint32_t next_seed;
static size_t op_index;
static fuzz_op_t op_now;

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char* format, ...) {
  char text[256];
  fuzz_describe(&op_now, text, sizeof(text));
  fprintf(stderr, "fuzz: operation %zu (%s): ", op_index, text);
  va_list args;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  abort();
}

/* --- the pattern ------------------------------------------------------------------------- */

static uint8_t pattern_at(uint32_t seed, size_t i) {
  return (uint8_t)((seed + (uint32_t)i * 0x9e3779b1u) >> 24);
}

/* The next place at or after i that a pattern of n bytes covers. */
static size_t pattern_next(size_t i, size_t n) {
  if (i < EDGE || n <= 2 * EDGE || i >= n - EDGE) { return i; }
  const size_t page_start = (i + EDGE - 1) / EDGE * EDGE;
  return page_start < n - EDGE ? page_start : n - EDGE;
}

static void slot_fill(slot_t* slot) {
  slot->seed = next_seed += 0x85ebca6bu;
  /* Blocks that may grow zeroed keep their slack as the allocator left it. */
  slot->filled = slot->is_zero ? slot->size : slot->extent;
  for (size_t i = 0; i < slot->filled; i = pattern_next(i + 1, slot->filled)) {
    slot->p[i] = pattern_at(slot->seed, i);
  }
}

/* Are the first `kept` bytes at p still what `old` was filled with? */
static void check_pattern(const slot_t* old, const uint8_t* p, size_t kept) {
  for (size_t i = 0; i < kept; i = pattern_next(i + 1, old->filled)) {
    if (p[i] != pattern_at(old->seed, i)) {
      fail("block %p of %zu bytes: byte %zu is 0x%02x, but 0x%02x was written", (const void*)p,
           old->size, i, p[i], pattern_at(old->seed, i));
    }
  }
}

static void check_zero(const uint8_t* p, size_t from, size_t to) {
  for (size_t i = from; i < to; i = pattern_next(i + 1, to)) {
    if (p[i] != 0) { fail("block %p: byte %zu of %zu is 0x%02x, not 0", (void*)p, i, to, p[i]); }
  }
}

/* --- checks of one slot ------------------------------------------------------------------ */

/* A block that was aligned at an offset may start anywhere, and a resize may leave it in place. */
static void check_alignment(const slot_t* slot, const uint8_t* previous, size_t offset) {
  const bool is_excused = fuzz_settings.is_peer && slot->p == previous && slot->alignment <= 16;
  if (((uintptr_t)slot->p + offset) % slot->alignment != 0 && !is_excused) {
    fail("block %p plus offset %zu is not aligned to %zu", (void*)slot->p, offset, slot->alignment);
  }
  const bool is_aligned_call = (fuzz_traits[op_now.kind].traits & ALIGNED) != 0;
  const size_t least = fuzz_settings.is_peer ? 8 : _Alignof(max_align_t);
  if (!is_aligned_call && slot->p != previous && (uintptr_t)slot->p % least != 0) {
    fail("block %p is not aligned to %zu", (void*)slot->p, least);
  }
}

static void check_no_overlap(const slot_t* slot) {
  const uint8_t* end = slot->p + (slot->extent > 0 ? slot->extent : 1);
  for (const slot_t* other = slots; other < slots + FUZZ_SLOT_COUNT; other++) {
    if (other == slot || other->p == NULL) { continue; }
    if (slot->p < other->p + (other->extent > 0 ? other->extent : 1) && other->p < end) {
      fail("block %p of %zu bytes overlaps block %p of %zu in slot %d", (void*)slot->p,
           slot->extent, (void*)other->p, other->extent, (int)(other - slots));
    }
  }
}

static void check_sizes(const slot_t* slot) {
  if (slot->extent < slot->size) {
    fail("block %p: usable size %zu for a request of %zu", (void*)slot->p, slot->extent,
         slot->size);
  }
  if (slot->block_size != 0 && slot->block_size < slot->size) {
    fail("block %p: block size %zu returned for a request of %zu", (void*)slot->p, slot->block_size,
         slot->size);
  }
}

/* Takes a block that the library just returned into an empty slot; `previous` is the block that
   was resized, or NULL. */
static void slot_accept(slot_t* slot, void* p, const uint8_t* previous, const fuzz_op_t* op,
                        fuzz_block_sizes_t sizes) {
  const unsigned traits = fuzz_traits[op->kind].traits;
  if (p == NULL) { fail("returned NULL, errno %d, with %zu bytes live", errno, live_size); }
  *slot = (slot_t){
    .p = p,
    .size = fuzz_request_size(op),
    .extent = mi_usable_size(p),
    .block_size = sizes.after,
    .alignment = traits & ALIGNED ? op->alignment : 1,
    .is_zero = (traits & ZERO) != 0,
    .is_small = (traits & SMALL) != 0,
    .is_free_only = (traits & OFFSET) != 0,
  };
  check_alignment(slot, previous, traits & OFFSET ? op->offset : 0);
  check_sizes(slot);
  check_no_overlap(slot);
  live_size += slot->size;
}

/* --- operations -------------------------------------------------------------------------- */

/* Each special free has a contract: for blocks that do not fulfil it another one is taken. */
static fuzz_kind_t release_kind(const slot_t* slot, fuzz_kind_t kind) {
  const bool is_aligned = slot->alignment > 1;
  switch (kind) {
    case FUZZ_free_small: return slot->is_small ? kind : FUZZ_free;
    case FUZZ_free_aligned: return is_aligned && !slot->is_free_only ? kind : FUZZ_free;
    case FUZZ_free_size:
    case FUZZ_free_size_aligned:
      if (slot->is_free_only) { return FUZZ_free; }
      return is_aligned ? FUZZ_free_size_aligned : FUZZ_free_size;
    default: return kind;
  }
}

static void slot_release(slot_t* slot, const fuzz_op_t* op) {
  if (slot->p == NULL) { return; }
  check_pattern(slot, slot->p, slot->filled);
  fuzz_op_t released = *op;
  released.kind = release_kind(slot, op->kind);
  const slot_t old = *slot;
  live_size -= old.size;
  *slot = (slot_t){0};
  fuzz_block_sizes_t sizes = {0};
  errno = 4711;
  fuzz_call_release(&released, old.p, old.size, old.alignment, &sizes);
  if (errno != 4711) { fail("free changed errno to %d", errno); }
  if (sizes.before != 0 && old.block_size != 0 && sizes.before != old.block_size) {
    fail("block %p: size %zu when freed, %zu when allocated", (void*)old.p, sizes.before,
         old.block_size);
  }
}

static void slot_allocate(slot_t* slot, const fuzz_op_t* op) {
  slot_release(slot, op);
  fuzz_block_sizes_t sizes = {0};
  void* p = fuzz_call_allocate(op, &sizes);
  slot_accept(slot, p, NULL, op, sizes);
  if (op->kind == FUZZ_strdup || op->kind == FUZZ_strndup) {
    if (strlen(p) + 1 != slot->size || strspn(p, "x") + 1 != slot->size) {
      fail("block %p does not hold the text of %zu bytes", p, slot->size);
    }
  }
  if (slot->is_zero) { check_zero(p, 0, slot->size); }
  slot_fill(slot);
}

/* The contract of the zero-preserving functions: the caller's part is to hand in a block whose
   bytes after the new size are zero again before it gives them up. */
static void slot_clear_tail(const slot_t* slot, size_t new_size) {
  if (slot->is_zero && new_size < slot->size) {
    memset(slot->p + new_size, 0, slot->size - new_size);
  }
}

static void slot_resize(slot_t* slot, const fuzz_op_t* op) {
  const bool is_zero_wanted = (fuzz_traits[op->kind].traits & ZERO) != 0;
  if (is_zero_wanted && slot->p != NULL && !slot->is_zero) { return; }
  const slot_t old = *slot;
  const size_t new_size = fuzz_request_size(op);
  check_pattern(&old, old.p, old.filled);
  slot_clear_tail(&old, new_size);
  *slot = (slot_t){0};
  live_size -= old.size;
  fuzz_block_sizes_t sizes = {0};
  void* p = fuzz_call_resize(op, old.p, &sizes);
  slot_accept(slot, p, old.p, op, sizes);
  check_pattern(&old, p, old.size < new_size ? old.size : new_size);
  if (is_zero_wanted) { check_zero(p, old.size < new_size ? old.size : new_size, new_size); }
  if (old.p != NULL && sizes.before != 0 && sizes.before < old.size) {
    fail("block %p: previous size %zu returned, but it held %zu", (void*)old.p, sizes.before,
         old.size);
  }
  slot_fill(slot);
}

static void slot_expand(slot_t* slot, const fuzz_op_t* op) {
  if (slot->p == NULL) { return; }
  void* p = mi_expand(slot->p, op->size);
  check_pattern(slot, slot->p, slot->size < op->size ? slot->size : op->size);
  if (p == NULL) {
    if (op->size <= slot->size) { fail("expand to %zu failed in a larger block", op->size); }
    return;
  }
  if (p != slot->p) { fail("expand moved block %p to %p", (void*)slot->p, p); }
  live_size += op->size - slot->size;
  slot->size = op->size;
  slot->extent = mi_usable_size(p);
  slot->is_zero = slot->is_small = false;
  slot->is_free_only = true;
  slot->block_size = 0; /* a huge block may have grown */
  check_sizes(slot);
  check_no_overlap(slot);
  slot_fill(slot);
}

static void slot_fail_overflow(slot_t* slot, const fuzz_op_t* op) {
  errno = 0;
  if (fuzz_call_overflow(op->variant % FUZZ_OVERFLOW_COUNT, slot->p) != NULL) {
    fail("an impossible request succeeded");
  }
  if (errno != ENOMEM && !fuzz_settings.is_peer) {
    fail("an impossible request left errno %d, not ENOMEM", errno);
  }
  if (slot->p != NULL) { check_pattern(slot, slot->p, slot->filled); }
}

static void check_ownership(const slot_t* slot) {
  static int not_ours;
  if (mi_is_in_heap_region(&not_ours)) { fail("a static variable is said to be in the heap"); }
  if (slot->p != NULL && !mi_is_in_heap_region(slot->p)) {
    fail("block %p is said not to be in the heap", (void*)slot->p);
  }
  if (slot->p != NULL && !mi_check_owned(slot->p)) {
    fail("block %p is said not to be owned", (void*)slot->p);
  }
}

static void check_good_size(size_t size) {
  const size_t good_size = mi_good_size(size);
  if (good_size < size) { fail("good size of %zu is %zu", size, good_size); }
  if (mi_good_size(size + 1) < good_size) {
    fail("good size of %zu is less than before", size + 1);
  }
}

static void verify_all(void) {
  size_t sum = 0;
  for (const slot_t* slot = slots; slot < slots + FUZZ_SLOT_COUNT; slot++) {
    if (slot->p == NULL) { continue; }
    sum += slot->size;
    check_pattern(slot, slot->p, slot->filled);
    const size_t usable_size = mi_usable_size(slot->p);
    if (usable_size != slot->extent) {
      fail("block %p: usable size was %zu and is %zu", (void*)slot->p, slot->extent, usable_size);
    }
  }
  if (sum != live_size) { fail("the model itself lost count: %zu and %zu", sum, live_size); }
}

/* A row of slots: with equal sizes a page fills up, or becomes empty, in one operation. */
static void run_row(const fuzz_op_t* op) {
  for (unsigned i = 0; i < ROW; i++) {
    slot_t* slot = &slots[(op->slot + i) % FUZZ_SLOT_COUNT];
    if (op->kind == FUZZ_fill_row) {
      slot_allocate(slot, op);
    } else {
      slot_release(slot, op);
    }
  }
}

static void run_inspect(slot_t* slot, const fuzz_op_t* op) {
  switch (op->kind) {
    case FUZZ_expand: slot_expand(slot, op); break;
    case FUZZ_overflow: slot_fail_overflow(slot, op); break;
    case FUZZ_ownership: check_ownership(slot); break;
    case FUZZ_good_size: check_good_size(op->size); break;
    case FUZZ_collect: mi_collect(false); break;
    case FUZZ_collect_force: mi_collect(true); break;
    case FUZZ_usable_size:
      if (mi_usable_size(slot->p) != slot->extent) { fail("usable size changed"); }
      break;
    default: verify_all(); break;
  }
}

static void run_op(void* arg) {
  const fuzz_op_t* op = arg;
  slot_t* slot = &slots[op->slot];
  if (op->kind == FUZZ_fill_row || op->kind == FUZZ_free_row) {
    run_row(op);
    return;
  }
  switch (fuzz_traits[op->kind].group) {
    case ALLOCATE: slot_allocate(slot, op); break;
    case RESIZE: slot_resize(slot, op); break;
    case RELEASE: slot_release(slot, op); break;
    case INSPECT: run_inspect(slot, op); break;
  }
}

/* --- the run ----------------------------------------------------------------------------- */

static void limit_size(fuzz_op_t* op) {
  if (fuzz_settings.is_peer && (fuzz_traits[op->kind].traits & OFFSET)) { op->alignment &= 0xffff; }
  if (op->alignment == 0) { op->alignment = 4096; }
  const size_t times = op->kind == FUZZ_fill_row ? ROW : 1;
  const bool is_counted = (fuzz_traits[op->kind].traits & ARRAY) != 0;
  if (live_size + op->size * times * (is_counted ? op->count : 1) > LIVE_MAX) { op->size &= 1023; }
}

static void run_record(const uint8_t* record) {
  op_now = fuzz_decode(record);
  limit_size(&op_now);
  if (fuzz_settings.is_tracing) {
    char text[256];
    fuzz_describe(&op_now, text, sizeof(text));
    fprintf(stderr, "%6zu %s\n", op_index, text);
  }
  if (op_now.kind == FUZZ_thread_exit) {
    fuzz_threads_end(op_now.thread);
  } else {
    fuzz_threads_run(op_now.thread, run_op, &op_now);
  }
  if (op_index % SWEEP_INTERVAL == 0) { verify_all(); }
}

void fuzz_run(const uint8_t* bytes, size_t byte_count) {
  size_t op_count = byte_count / FUZZ_RECORD_SIZE;
  if (op_count > FUZZ_OPS_MAX) { op_count = FUZZ_OPS_MAX; }
  next_seed = 1;
  for (op_index = 0; op_index < op_count; op_index++) {
    run_record(bytes + op_index * FUZZ_RECORD_SIZE);
  }
  op_now = (fuzz_op_t){.kind = FUZZ_free, .count = 1, .alignment = 1};
  verify_all();
  for (slot_t* slot = slots; slot < slots + FUZZ_SLOT_COUNT; slot++) {
    slot_release(slot, &op_now);
  }
  fuzz_threads_end_all();
}
