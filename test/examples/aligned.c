/* aligned.c - blocks at multiples of a power of two, or with a part of them there. */
#include <errno.h>
#include <mimalloc.h>
#include <stdint.h>

#include "example.h"

static int is_aligned(const void* p, size_t alignment) { return (uintptr_t)p % alignment == 0; }

int main(void) {
  double* row = (double*)mi_malloc_aligned(1000 * sizeof(double), 64); /* a cache line */
  EXPECT(is_aligned(row, 64));
  row = (double*)mi_realloc_aligned(row, 2000 * sizeof(double), 64); /* still */
  EXPECT(is_aligned(row, 64));
  mi_free(row);

  char* packet = (char*)mi_zalloc_aligned_at(1514, 4096, 14); /* what follows 14 bytes of head */
  EXPECT(is_aligned(packet + 14, 4096) && packet[1513] == 0);
  mi_free(packet);

  void* huge = mi_malloc_aligned(100, (size_t)1 << 22); /* any magnitude */
  EXPECT(is_aligned(huge, (size_t)1 << 22));
  mi_free_size_aligned(huge, 100, (size_t)1 << 22); /* or mi_free */

  volatile size_t odd = 24; /* no power of two */
  EXPECT(mi_malloc_aligned(100, odd) == NULL && errno == EINVAL);
  void* p = NULL;
  EXPECT(mi_posix_memalign(&p, 256, 1000) == 0 && is_aligned(p, 256));
  mi_free(p);
  return 0;
}
