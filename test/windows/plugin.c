/* plugin.c - a DLL with an allocator of its own, linked in. */
#include "test/windows/plugin.h"

#include "mimalloc.h"

__declspec(dllexport) plugin_alloc_t plugin_alloc;
__declspec(dllexport) plugin_free_t plugin_free;

void* plugin_alloc(size_t size) { return mi_zalloc(size); }
void plugin_free(void* p) { mi_free(p); }
