/* malloc.h - macOS: malloc zones; malloc_zone_malloc(3), malloc_size(3), malloc/malloc.h. */
#ifndef MIM_STUB_MACOS_MALLOC_MALLOC_H
#define MIM_STUB_MACOS_MALLOC_MALLOC_H

#include <mach/mach.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct _malloc_zone_t malloc_zone_t;
typedef struct vm_range {
  vm_address_t address;
  size_t size;
} vm_range_t;
typedef struct malloc_statistics_t {
  unsigned blocks_in_use;
  size_t size_in_use, max_size_in_use, size_allocated;
} malloc_statistics_t;
typedef kern_return_t memory_reader_t(task_t task, vm_address_t address, size_t size, void** local);
typedef void vm_range_recorder_t(task_t task, void* arg, unsigned kind, vm_range_t* ranges,
                                 unsigned count);
typedef struct malloc_introspection_t {
  kern_return_t (*enumerator)(task_t task, void* arg, unsigned kinds, vm_address_t zone,
                              memory_reader_t reader, vm_range_recorder_t recorder);
  size_t (*good_size)(malloc_zone_t* zone, size_t size);
  int (*check)(malloc_zone_t* zone);
  void (*print)(malloc_zone_t* zone, int verbose);
  void (*log)(malloc_zone_t* zone, void* address);
  void (*force_lock)(malloc_zone_t* zone);
  void (*force_unlock)(malloc_zone_t* zone);
  void (*statistics)(malloc_zone_t* zone, malloc_statistics_t* statistics);
  int (*zone_locked)(malloc_zone_t* zone);
} malloc_introspection_t;
struct _malloc_zone_t {
  size_t (*size)(malloc_zone_t* zone, const void* p);
  void* (*malloc)(malloc_zone_t* zone, size_t size);
  void* (*calloc)(malloc_zone_t* zone, size_t count, size_t size);
  void* (*valloc)(malloc_zone_t* zone, size_t size);
  void (*free)(malloc_zone_t* zone, void* p);
  void* (*realloc)(malloc_zone_t* zone, void* p, size_t size);
  void (*destroy)(malloc_zone_t* zone);
  const char* zone_name;
  unsigned (*batch_malloc)(malloc_zone_t* zone, size_t size, void** blocks, unsigned count);
  void (*batch_free)(malloc_zone_t* zone, void** blocks, unsigned count);
  malloc_introspection_t* introspect;
  unsigned version;
  void* (*memalign)(malloc_zone_t* zone, size_t alignment, size_t size);
  void (*free_definite_size)(malloc_zone_t* zone, void* p, size_t size);
  size_t (*pressure_relief)(malloc_zone_t* zone, size_t goal);
};
void malloc_zone_register(malloc_zone_t* zone);
void malloc_zone_unregister(malloc_zone_t* zone);
kern_return_t malloc_get_all_zones(task_t task, memory_reader_t reader, vm_address_t** zones,
                                   unsigned* count);
size_t malloc_size(const void* p);
size_t malloc_good_size(size_t size);

#endif
