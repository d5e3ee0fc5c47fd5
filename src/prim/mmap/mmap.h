/* mmap.h - how systems with mmap differ: what prim/mmap/memory.c asks of the folder of an OS. */
#ifndef MIM_PRIM_MMAP_MMAP_H
#define MIM_PRIM_MMAP_MMAP_H

#include "base/compiler.h"

typedef struct mim_mmap_rules {
  bool overcommits; /* a mapping that can be written needs no memory or swap before it is     */
  int flags;        /* for mmap, beside MAP_PRIVATE and MAP_ANON                              */
  int file;         /* in place of a file: -1, or a mark for the OS's own tools               */
  int limit;        /* of getrlimit: what mappings count against; -1: nothing                 */
} mim_mmap_rules_t;

extern const mim_mmap_rules_t mim_mmap_rules;

#endif
