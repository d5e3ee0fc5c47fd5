/* metadata.c - see metadata.h.  A bump pointer through chunks from the OS, and a free list for each
 * number of cache lines up to a chunk's size. */
#include "arena/metadata.h"

#include <string.h>

#include "base/assert.h"
#include "base/bits.h"
#include "os/os.h"
#include "prim/lock.h"

enum { CHUNK_SIZE = 256 * MIM_KIB, LIST_COUNT = 128 };

/* At the start of each chunk, to find it again. */
typedef struct chunk {
  struct chunk* next;
  mim_os_memory_t memory;
} chunk_t;

typedef struct free_item {
  struct free_item* next;
} free_item_t;

static mim_lock_t metadata_lock = MIM_LOCK_INIT(MIM_RANK_METADATA);
static free_item_t* metadata_free[LIST_COUNT]; /* by cache lines */
static chunk_t* metadata_chunks;
static uint8_t* metadata_bump;
static size_t metadata_left;

void mim_metadata_lock(void) { mim_lock_acquire(&metadata_lock); }
void mim_metadata_unlock(void) { mim_lock_release(&metadata_lock); }

static size_t lines_of(size_t size) { return mim_divide_up(size, MIM_CACHE_LINE); }

static bool metadata_grow(void) {
  mim_os_memory_t memory;
  if (!mim_os_reserve(CHUNK_SIZE, mim_os_config()->page_size, false, &memory)) { return false; }
  if (!mim_os_commit(memory.base, memory.size)) {
    mim_os_release(&memory, 0);
    return false;
  }
  chunk_t* const chunk = (chunk_t*)(void*)memory.base;
  const size_t head = mim_align_up(sizeof(chunk_t), MIM_CACHE_LINE);
  *chunk = (chunk_t){.next = metadata_chunks, .memory = memory};
  metadata_chunks = chunk;
  metadata_bump = memory.base + head;
  metadata_left = memory.size - head;
  return true;
}

/* What is left of the old chunk is smaller than what is asked for, and given up. */
static uint8_t* metadata_carve(size_t size) {
  if (size > metadata_left && !metadata_grow()) { return NULL; }
  uint8_t* const p = metadata_bump;
  metadata_bump += size;
  metadata_left -= size;
  return p;
}

void* mim_metadata_new(size_t size) {
  const size_t lines = lines_of(size);
  mim_assert(lines > 0 && lines < LIST_COUNT);
  mim_lock_acquire(&metadata_lock);
  free_item_t* const item = metadata_free[lines];
  if (item != NULL) { metadata_free[lines] = item->next; }
  void* const p = (item != NULL ? (void*)item : metadata_carve(lines * MIM_CACHE_LINE));
  mim_lock_release(&metadata_lock);
  if (item != NULL) { memset(p, 0, lines * MIM_CACHE_LINE); }
  return p;
}

void mim_metadata_free(void* p, size_t size) {
  const size_t lines = lines_of(size);
  free_item_t* const item = p;
  mim_lock_acquire(&metadata_lock);
  item->next = metadata_free[lines];
  metadata_free[lines] = item;
  mim_lock_release(&metadata_lock);
}

void mim_metadata_destroy(void) {
  mim_lock_acquire(&metadata_lock);
  for (chunk_t* chunk = metadata_chunks; chunk != NULL;) {
    const chunk_t copy = *chunk;
    mim_os_release(&copy.memory, copy.memory.size);
    chunk = copy.next;
  }
  metadata_chunks = NULL;
  metadata_left = 0;
  memset(metadata_free, 0, sizeof(metadata_free));
  mim_lock_release(&metadata_lock);
}
