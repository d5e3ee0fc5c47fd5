/* override_macos.c - malloc's place on macOS, in two ways that go together.
 *
 * Interposing: dyld binds the calls that all other files make to what the table names, if this is a
 * dylib that the program links, or that DYLD_INSERT_LIBRARIES names.  The zone: the system's malloc
 * asks the first of its zones, and ours becomes that; it works in a static library, too.
 *
 * Blocks that others allocated before come here to be freed or resized: they go to the system's
 * functions, which the calls of this very file reach. */
#include "base/config.h"

#if MI_OVERRIDE && defined(__APPLE__)
#include <malloc/malloc.h>
#include <stdlib.h>
#include <string.h>

#include "alloc/alloc.h"
#include "alloc/free_inline.h"
#include "alloc/malloc_inline.h"
#include "heap/theap.h"
#include "mimalloc.h"

#ifndef MI_OSX_INTERPOSE
#define MI_OSX_INTERPOSE 1
#endif
#ifndef MI_OSX_ZONE
#define MI_OSX_ZONE 1
#endif

static bool is_ours(const void* p) { return mim_page_of(p) != mim_page_none(); }

/* ---- interposing ---- */

#if MI_OSX_INTERPOSE

static void* macos_malloc(size_t size) { return mim_malloc(size); }
static void* macos_calloc(size_t count, size_t size) { return mim_calloc(count, size); }

static void* macos_realloc(void* p, size_t size) {
  return p == NULL || is_ours(p) ? mim_realloc(p, size, false) : realloc(p, size);
}

static void* macos_reallocf(void* p, size_t size) {
  return p == NULL || is_ours(p) ? mi_reallocf(p, size) : reallocf(p, size);
}

static void macos_free(void* p) {
  if (p == NULL || is_ours(p)) {
    mim_free_inline(p);
  } else {
    free(p);
  }
}

static size_t macos_malloc_size(const void* p) {
  return p == NULL || is_ours(p) ? mim_usable_size(p) : malloc_size(p);
}

typedef struct interposed {
  const void *ours, *theirs;
} interposed_t;

#define INTERPOSE(ours, theirs) \
  { (const void*)&(ours), (const void*)&(theirs) }

__attribute__((used, section("__DATA,__interpose"))) static const interposed_t interposed[] = {
  INTERPOSE(macos_malloc, malloc),
  INTERPOSE(macos_calloc, calloc),
  INTERPOSE(macos_realloc, realloc),
  INTERPOSE(macos_reallocf, reallocf),
  INTERPOSE(macos_free, free),
  INTERPOSE(macos_malloc_size, malloc_size),
  INTERPOSE(mim_good_size, malloc_good_size),
  INTERPOSE(mi_valloc, valloc),
  INTERPOSE(mi_memalign, aligned_alloc),
  INTERPOSE(mi_posix_memalign, posix_memalign),
  INTERPOSE(mi_strdup, strdup),
  INTERPOSE(mi_strndup, strndup),
};

#endif

/* ---- the zone ---- */

#if MI_OSX_ZONE

/* Has pressure_relief; the checks for discharges, of version 7, may be missing.  From 9 on a child
 * has locks made anew. */
enum { ZONE_VERSION = 8 };

static size_t zone_size(malloc_zone_t* zone, const void* p) {
  (void)zone;
  return is_ours(p) ? mim_usable_size(p) : 0;
}

static void* zone_malloc(malloc_zone_t* zone, size_t size) {
  (void)zone;
  return mim_malloc(size);
}

static void* zone_calloc(malloc_zone_t* zone, size_t count, size_t size) {
  (void)zone;
  return mim_calloc(count, size);
}

static void* zone_valloc(malloc_zone_t* zone, size_t size) {
  (void)zone;
  return mi_valloc(size);
}

static void* zone_memalign(malloc_zone_t* zone, size_t alignment, size_t size) {
  (void)zone;
  return mi_memalign(alignment, size);
}

static void zone_free(malloc_zone_t* zone, void* p) {
  (void)zone;
  mim_free_inline(p);
}

static void zone_free_definite_size(malloc_zone_t* zone, void* p, size_t size) {
  (void)size;
  zone_free(zone, p);
}

static void* zone_realloc(malloc_zone_t* zone, void* p, size_t size) {
  (void)zone;
  return mim_realloc(p, size, false);
}

static unsigned zone_batch_malloc(malloc_zone_t* zone, size_t size, void** blocks, unsigned count) {
  unsigned got = 0;
  while (got < count && (blocks[got] = zone_malloc(zone, size)) != NULL) { got++; }
  return got;
}

static void zone_batch_free(malloc_zone_t* zone, void** blocks, unsigned count) {
  for (unsigned i = 0; i < count; i++) { zone_free(zone, blocks[i]); }
}

static size_t zone_pressure_relief(malloc_zone_t* zone, size_t goal) {
  (void)zone, (void)goal;
  mi_collect(true);
  return 0; /* how much went back is not known */
}

/* It stays as long as the process. */
static void zone_destroy(malloc_zone_t* zone) { (void)zone; }

/* ---- what tools ask the zone ---- */

/* Other processes do not see our blocks: the pages are not described for them. */
static kern_return_t zone_enumerate(task_t task, void* arg, unsigned kinds, vm_address_t zone,
                                    memory_reader_t reader, vm_range_recorder_t recorder) {
  (void)task, (void)arg, (void)kinds, (void)zone, (void)reader, (void)recorder;
  return KERN_SUCCESS;
}

static size_t zone_good_size(malloc_zone_t* zone, size_t size) {
  (void)zone;
  return mim_good_size(size);
}

static int zone_check(malloc_zone_t* zone) {
  (void)zone;
  return 1;
}

static void zone_print(malloc_zone_t* zone, int verbose) {
  (void)zone, (void)verbose;
  mi_stats_print_out(NULL, NULL);
}

static void zone_log(malloc_zone_t* zone, void* address) { (void)zone, (void)address; }

/* The handlers of pthread_atfork take our locks. */
static void zone_force_lock(malloc_zone_t* zone) { (void)zone; }
static void zone_force_unlock(malloc_zone_t* zone) { (void)zone; }

static int zone_locked(malloc_zone_t* zone) {
  (void)zone;
  return 0;
}

static void zone_statistics(malloc_zone_t* zone, malloc_statistics_t* statistics) {
  (void)zone;
  size_t current = 0, peak = 0;
  mi_process_info(NULL, NULL, NULL, NULL, NULL, &current, &peak, NULL);
  *statistics = (malloc_statistics_t){.size_in_use = current,
                                      .max_size_in_use = peak,
                                      .size_allocated = current};
}

static malloc_introspection_t zone_introspection = {
  .enumerator = &zone_enumerate,
  .good_size = &zone_good_size,
  .check = &zone_check,
  .print = &zone_print,
  .log = &zone_log,
  .force_lock = &zone_force_lock,
  .force_unlock = &zone_force_unlock,
  .statistics = &zone_statistics,
  .zone_locked = &zone_locked,
};

static malloc_zone_t macos_zone = {
  .size = &zone_size,
  .malloc = &zone_malloc,
  .calloc = &zone_calloc,
  .valloc = &zone_valloc,
  .free = &zone_free,
  .realloc = &zone_realloc,
  .destroy = &zone_destroy,
  .zone_name = "mimalloc",
  .batch_malloc = &zone_batch_malloc,
  .batch_free = &zone_batch_free,
  .introspect = &zone_introspection,
  .version = ZONE_VERSION,
  .memalign = &zone_memalign,
  .free_definite_size = &zone_free_definite_size,
  .pressure_relief = &zone_pressure_relief,
};

static malloc_zone_t* first_zone(unsigned* count) {
  vm_address_t* zones = NULL;
  *count = 0;
  if (malloc_get_all_zones(mach_task_self(), NULL, &zones, count) != KERN_SUCCESS) { *count = 0; }
  return *count > 0 ? (malloc_zone_t*)zones[0] : NULL;
}

/* The last zone takes the place of one that is unregistered: so the first comes behind ours. */
MIM_CONSTRUCTOR void zone_become_first(void) {
  unsigned count;
  malloc_zone_register(&macos_zone);
  malloc_zone_t* first = first_zone(&count);
  for (unsigned tries = count; tries > 0 && first != NULL && first != &macos_zone; tries--) {
    malloc_zone_unregister(first);
    malloc_zone_register(first);
    first = first_zone(&count);
  }
}

#endif

#endif

typedef int mim_override_macos_t; /* ISO C forbids an empty file */
