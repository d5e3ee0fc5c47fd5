/* page_visit.c - all pages of an arena, and the live blocks of a page, for who looks at a heap.
 *
 * Nobody else may use what is looked at meanwhile; other pages may come and go. */
#include "base/assert.h"
#include "page/page_inline.h"

bool mim_arena_visit_pages(const mim_arena_t* arena, mim_page_visit_fun_t* visit, void* arg) {
  for (size_t slice = arena->head_slices; slice < arena->slice_count; slice++) {
    const mim_slice_group_t* const group = &arena->groups[slice / MIM_GROUP_SLICES];
    if (atomic_load_explicit(&group->free, memory_order_relaxed) == SIZE_MAX) {
      slice |= MIM_GROUP_SLICES - 1; /* none of this group is in use */
      continue;
    }
    mim_page_t* const page = mim_page_of(arena->base + slice * MIM_SLICE_SIZE);
    if (page == mim_page_none() || page->slice_first != slice) { continue; }
    if (!visit(page, arg)) { return false; }
  }
  return true;
}

/* ---- blocks ---- */

enum { WORD_BITS = 8 * sizeof(size_t), FREE_WORDS = MIM_PAGE_BLOCKS_MAX / WORD_BITS };

typedef struct free_map {
  size_t words[FREE_WORDS];
} free_map_t;

static void mark_list(free_map_t* map, const mim_page_t* page, const mim_block_t* block) {
  for (; block != NULL; block = mim_block_next(page, block)) {
    const size_t index = (size_t)((const uint8_t*)block - page->start) / page->block_size;
    mim_assert(index < page->capacity);
    map->words[index / WORD_BITS] |= (size_t)1 << (index % WORD_BITS);
  }
}

static bool is_free(const free_map_t* map, size_t index) {
  return (map->words[index / WORD_BITS] >> (index % WORD_BITS) & 1) != 0;
}

bool mim_page_visit_blocks(mim_page_t* page, mim_block_visit_fun_t* visit, void* arg) {
  mim_assert(page->reserved <= FREE_WORDS * WORD_BITS);
  free_map_t map = {{0}};
  mark_list(&map, page, page->free);
  mark_list(&map, page, page->local_free);
  mark_list(&map, page, mim_page_remote_list(page));
  for (size_t i = 0; i < page->capacity; i++) {
    if (is_free(&map, i)) { continue; }
    if (!visit(page, page->start + i * page->block_size + page->inset, arg)) { return false; }
  }
  return true;
}
