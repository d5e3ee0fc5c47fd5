/* fuzz_calls.c - the table of calls: each fuzz operation named in fuzz_ops.def is made here. */
#include "fuzz_calls.h"

#include <mimalloc.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE_MAX = 4096 };

size_t fuzz_request_size(const fuzz_op_t* op) {
  const unsigned traits = fuzz_traits[op->kind].traits;
  if (op->kind == FUZZ_strdup || op->kind == FUZZ_strndup) { return op->size % TEXT_SIZE_MAX + 1; }
  if (traits & SMALL) { return op->size % (MI_SMALL_SIZE_MAX + 1); }
  return traits & ARRAY ? op->size * op->count : op->size;
}

static void* call_text(const fuzz_op_t* op) {
  static char text[TEXT_SIZE_MAX + 1];
  const size_t length = fuzz_request_size(op) - 1;
  if (text[0] == 0) { memset(text, 'x', TEXT_SIZE_MAX); }
  return op->kind == FUZZ_strdup ? mi_strdup(text + TEXT_SIZE_MAX - length)
                                 : mi_strndup(text, length);
}

static void* call_posix(const fuzz_op_t* op) {
  void* p = NULL;
  switch (op->kind) {
    case FUZZ_posix_memalign: {
      const size_t alignment = op->alignment < sizeof(void*) ? sizeof(void*) : op->alignment;
      return mi_posix_memalign(&p, alignment, op->size) == 0 ? p : NULL;
    }
    case FUZZ_memalign: return mi_memalign(op->alignment, op->size);
    case FUZZ_aligned_alloc: return mi_aligned_alloc(op->alignment, op->size);
    case FUZZ_valloc: return mi_valloc(op->size);
    case FUZZ_pvalloc: return mi_pvalloc(op->size);
    default: abort();
  }
}

static void* call_aligned(const fuzz_op_t* op) {
  const size_t size = op->size, count = op->count, alignment = op->alignment, offset = op->offset;
  switch (op->kind) {
    case FUZZ_malloc_aligned: return mi_malloc_aligned(size, alignment);
    case FUZZ_malloc_aligned_at: return mi_malloc_aligned_at(size, alignment, offset);
    case FUZZ_zalloc_aligned: return mi_zalloc_aligned(size, alignment);
    case FUZZ_zalloc_aligned_at: return mi_zalloc_aligned_at(size, alignment, offset);
    case FUZZ_calloc_aligned: return mi_calloc_aligned(count, size, alignment);
    case FUZZ_calloc_aligned_at: return mi_calloc_aligned_at(count, size, alignment, offset);
    default: return call_posix(op);
  }
}

static void* call_size_returning(const fuzz_op_t* op, size_t* block_size) {
  switch (op->kind) {
    case FUZZ_umalloc: return mi_umalloc(op->size, block_size);
    case FUZZ_ucalloc: return mi_ucalloc(op->count, op->size, block_size);
    case FUZZ_umalloc_small: return mi_umalloc_small(fuzz_request_size(op), block_size);
    case FUZZ_uzalloc_small: return mi_uzalloc_small(fuzz_request_size(op), block_size);
    case FUZZ_umalloc_aligned: return mi_umalloc_aligned(op->size, op->alignment, block_size);
    case FUZZ_uzalloc_aligned: return mi_uzalloc_aligned(op->size, op->alignment, block_size);
    default: return call_aligned(op);
  }
}

void* fuzz_call_allocate(const fuzz_op_t* op, fuzz_block_sizes_t* sizes) {
  switch (op->kind) {
    case FUZZ_malloc: return mi_malloc(op->size);
    case FUZZ_fill_row: return mi_malloc(op->size);
    case FUZZ_calloc: return mi_calloc(op->count, op->size);
    case FUZZ_zalloc: return mi_zalloc(op->size);
    case FUZZ_malloc_small: return mi_malloc_small(fuzz_request_size(op));
    case FUZZ_zalloc_small: return mi_zalloc_small(fuzz_request_size(op));
    case FUZZ_mallocn: return mi_mallocn(op->count, op->size);
    case FUZZ_new_nothrow: return mi_new_nothrow(op->size);
    case FUZZ_strdup: return call_text(op);
    case FUZZ_strndup: return call_text(op);
    default: return call_size_returning(op, &sizes->after);
  }
}

static void* call_resize_aligned(const fuzz_op_t* op, void* p) {
  const size_t size = op->size, alignment = op->alignment, offset = op->offset;
  switch (op->kind) {
    case FUZZ_realloc_aligned: return mi_realloc_aligned(p, size, alignment);
    case FUZZ_realloc_aligned_at: return mi_realloc_aligned_at(p, size, alignment, offset);
    case FUZZ_rezalloc_aligned: return mi_rezalloc_aligned(p, size, alignment);
    case FUZZ_rezalloc_aligned_at: return mi_rezalloc_aligned_at(p, size, alignment, offset);
    case FUZZ_recalloc_aligned: return mi_recalloc_aligned(p, op->count, size, alignment);
    default: abort();
  }
}

void* fuzz_call_resize(const fuzz_op_t* op, void* p, fuzz_block_sizes_t* sizes) {
  switch (op->kind) {
    case FUZZ_realloc: return mi_realloc(p, op->size);
    case FUZZ_reallocn: return mi_reallocn(p, op->count, op->size);
    case FUZZ_reallocf: return mi_reallocf(p, op->size);
    case FUZZ_rezalloc: return mi_rezalloc(p, op->size);
    case FUZZ_recalloc: return mi_recalloc(p, op->count, op->size);
    case FUZZ_reallocarray: return mi_reallocarray(p, op->count, op->size);
    case FUZZ_urealloc: return mi_urealloc(p, op->size, &sizes->before, &sizes->after);
    default: return call_resize_aligned(op, p);
  }
}

void fuzz_call_release(const fuzz_op_t* op, void* p, size_t size, size_t alignment,
                       fuzz_block_sizes_t* sizes) {
  switch (op->kind) {
    case FUZZ_free_size: mi_free_size(p, size); break;
    case FUZZ_free_size_aligned: mi_free_size_aligned(p, size, alignment); break;
    case FUZZ_free_aligned: mi_free_aligned(p, alignment); break;
    case FUZZ_free_small: mi_free_small(p); break;
    case FUZZ_cfree: mi_cfree(p); break;
    case FUZZ_ufree: mi_ufree(p, &sizes->before); break;
    default: mi_free(p); break;
  }
}

void* fuzz_call_overflow(unsigned kind, void* p) {
  /* volatile: a compiler that sees the constants warns, and may even answer by itself. */
  volatile size_t half = SIZE_MAX / 2, all = SIZE_MAX;
  switch (kind) {
    case 0: return mi_malloc(half + 1);
    case 1: return mi_calloc(half, 3);
    case 2: return mi_mallocn(3, half);
    case 3: return mi_zalloc(all);
    case 4: return mi_realloc(p, all - 63);
    case 5: return mi_reallocn(p, half, 4);
    case 6: return mi_recalloc(p, half, 5);
    case 7: return mi_malloc_aligned(all - 100, 64);
    case 8: return mi_calloc_aligned(half, 16, 4096);
    default: return mi_reallocarray(p, all, all);
  }
}
