/* plugin.h - what a DLL with an allocator of its own gives to test_load.c. */
#ifndef MIM_TEST_WINDOWS_PLUGIN_H
#define MIM_TEST_WINDOWS_PLUGIN_H

#include <stddef.h>

typedef void* plugin_alloc_t(size_t size);
typedef void plugin_free_t(void* p);

#endif
