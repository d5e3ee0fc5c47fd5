/* destroyed.h - between destroyed_main.c and its library. */
#ifndef MIM_TEST_OVERRIDE_DESTROYED_H
#define MIM_TEST_OVERRIDE_DESTROYED_H

enum { DESTROYED_BLOCKS_MAX = 10000 };

/* Exit codes of a destructor that finds something wrong. */
enum { DESTROYED_NOTHING_KEPT = 20, DESTROYED_STILL_THERE, DESTROYED_NO_MEMORY, DESTROYED_CHANGED };

#define DESTROYED_DONE "destructor done\n"

/* The library keeps the block, and frees it in its destructor. */
void destroyed_keep(void* block);

#endif
