// test_override_cxx.cpp - a C++ program of MinGW that links the static library: its operators are
// ours.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "mimalloc.h"
#include "test/test.h"

namespace {

struct alignas(128) wide {
  char bytes[128];
};

} // namespace

TEST(operators_are_ours) {
  std::unique_ptr<int> one(new int(7));
  CHECK(mi_is_in_heap_region(one.get()));
  std::unique_ptr<char[]> many(new char[5000]);
  CHECK(mi_is_in_heap_region(many.get()));
  std::unique_ptr<wide> aligned(new wide);
  CHECK(mi_is_in_heap_region(aligned.get()));
  CHECK(reinterpret_cast<std::uintptr_t>(aligned.get()) % 128 == 0);
  std::vector<std::string> texts(100, std::string(200, 'x'));
  CHECK(mi_is_in_heap_region(texts.data()) && mi_is_in_heap_region(texts[99].data()));
  delete static_cast<int*>(nullptr);
}

TEST(a_request_that_cannot_be_served_without_throwing_gives_null) {
  volatile std::size_t size = PTRDIFF_MAX;
  void* const p = operator new(size, std::nothrow);
  CHECK(p == nullptr);
}

TEST_MAIN()
