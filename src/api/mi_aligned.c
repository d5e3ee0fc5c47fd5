/* mi_aligned.c - mi_*: aligned allocation.  Contracts: include/mimalloc.h. */
#include "alloc/alloc.h"
#include "base/bits.h"
#include "mimalloc.h"

MIM_EXPORT void* mi_malloc_aligned(size_t size, size_t alignment) {
  return mim_malloc_aligned(size, alignment, 0, false);
}

MIM_EXPORT void* mi_malloc_aligned_at(size_t size, size_t alignment, size_t offset) {
  return mim_malloc_aligned(size, alignment, offset, false);
}

MIM_EXPORT void* mi_zalloc_aligned(size_t size, size_t alignment) {
  return mim_malloc_aligned(size, alignment, 0, true);
}

MIM_EXPORT void* mi_zalloc_aligned_at(size_t size, size_t alignment, size_t offset) {
  return mim_malloc_aligned(size, alignment, offset, true);
}

MIM_EXPORT void* mi_calloc_aligned(size_t count, size_t size, size_t alignment) {
  return mim_calloc_aligned(count, size, alignment, 0);
}

MIM_EXPORT void* mi_calloc_aligned_at(size_t count, size_t size, size_t alignment, size_t offset) {
  return mim_calloc_aligned(count, size, alignment, offset);
}

MIM_EXPORT void* mi_realloc_aligned(void* p, size_t size, size_t alignment) {
  return mim_realloc_aligned(p, size, alignment, 0, false);
}

MIM_EXPORT void* mi_realloc_aligned_at(void* p, size_t size, size_t alignment, size_t offset) {
  return mim_realloc_aligned(p, size, alignment, offset, false);
}

MIM_EXPORT void* mi_rezalloc_aligned(void* p, size_t size, size_t alignment) {
  return mim_realloc_aligned(p, size, alignment, 0, true);
}

MIM_EXPORT void* mi_rezalloc_aligned_at(void* p, size_t size, size_t alignment, size_t offset) {
  return mim_realloc_aligned(p, size, alignment, offset, true);
}

static void* recalloc(void* p, size_t count, size_t size, size_t alignment, size_t offset) {
  size_t total;
  if (!mim_multiply(count, size, &total)) { return mim_out_of_memory(SIZE_MAX); }
  return mim_realloc_aligned(p, total, alignment, offset, true);
}

MIM_EXPORT void* mi_recalloc_aligned(void* p, size_t count, size_t size, size_t alignment) {
  return recalloc(p, count, size, alignment, 0);
}

MIM_EXPORT void* mi_recalloc_aligned_at(void* p, size_t count, size_t size, size_t alignment,
                                        size_t offset) {
  return recalloc(p, count, size, alignment, offset);
}

MIM_EXPORT void* mi_aligned_recalloc(void* p, size_t count, size_t size, size_t alignment) {
  return recalloc(p, count, size, alignment, 0);
}

MIM_EXPORT void* mi_aligned_offset_recalloc(void* p, size_t count, size_t size, size_t alignment,
                                            size_t offset) {
  return recalloc(p, count, size, alignment, offset);
}
