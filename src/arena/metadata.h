/* metadata.h - memory for our own structures: thread heaps, heaps, pages of the largest blocks.
 *
 * It never goes through our malloc, lies apart from the program's blocks, and once used for a
 * size it is used for that size for ever: a late reader of a freed structure reads a structure of
 * the same kind.  All of it is zero when handed out.  Any thread may call. */
#ifndef MIM_ARENA_METADATA_H
#define MIM_ARENA_METADATA_H

#include "base/compiler.h"

/* A multiple of a cache line, aligned to it; NULL if there is no memory. */
void* mim_metadata_new(size_t size);
void mim_metadata_free(void* p, size_t size);

/* Releases all of it: nobody may use any more. */
void mim_metadata_destroy(void);

void mim_metadata_lock(void);
void mim_metadata_unlock(void);

#endif
