/* process.c - what the process uses, and how it gives back what it does not. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

static size_t committed_bytes(void) {
  size_t committed = 0;
  mi_process_info(NULL, NULL, NULL, NULL, NULL, &committed, NULL, NULL);
  return committed;
}

int main(void) {
  const size_t size = (size_t)64 * 1024 * 1024;
  EXPECT(mi_version() == MI_MALLOC_VERSION);
  const size_t before = committed_bytes();
  void* p = mi_malloc(size);
  memset(p, 1, size);
  EXPECT(committed_bytes() >= before + size);
  mi_free(p);
  mi_collect(true); /* now, and not after purge_delay */
  EXPECT(committed_bytes() < before + size / 2);

  size_t elapsed_ms = 0, user_ms = 0, system_ms = 0, rss = 0, peak_rss = 0;
  mi_process_info(&elapsed_ms, &user_ms, &system_ms, &rss, &peak_rss, NULL, NULL, NULL);
  EXPECT(rss > 0 && peak_rss >= size);
  return 0;
}
