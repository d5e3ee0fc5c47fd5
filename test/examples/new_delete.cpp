// new_delete.cpp - operators new and delete of the whole program, by one line in one of its files.
#include <mimalloc-new-delete.h>

#include <memory>
#include <string>

#include "example.h"

struct counted {
  int value = 7;
};

int main() {
  std::unique_ptr<counted> one(new counted);
  EXPECT(mi_any_heap_contains(one.get()) && one->value == 7);
  std::unique_ptr<int[]> many(new int[100]);
  EXPECT(mi_any_heap_contains(many.get()));
  std::string text(1000, 'x'); // std::allocator calls operator new
  EXPECT(mi_any_heap_contains(text.data()));
#if defined(__cpp_aligned_new)
  struct alignas(256) wide {
    char bytes[256];
  };
  std::unique_ptr<wide> aligned(new wide);
  EXPECT(reinterpret_cast<std::uintptr_t>(aligned.get()) % 256 == 0);
#endif
  return 0;
}
