// memory_resource.cpp - std::pmr containers, from C++17 on where the library has them.
#include <mimalloc.h>

#include "example.h"

#if defined(MI_HAS_MEMORY_RESOURCE)
#include <string>
#include <vector>

int main() {
  mi_memory_resource resource;
  std::pmr::vector<std::pmr::string> words(&resource);
  words.emplace_back("a text that is too long for the string itself");
  EXPECT(mi_any_heap_contains(words.data()) && mi_any_heap_contains(words[0].data()));
  EXPECT(resource.is_equal(mi_memory_resource()));
  return 0;
}
#else
int main() { return 0; }
#endif
