// test_cpp.cpp - the operators of C++, mi_new*, and the allocators for containers. A program that
// links the library gets its operators new and delete (all 20), without including anything.
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "mimalloc.h"
#include "test/test.h"

namespace {

// Of the two halves of a 32-bit address space one may be free.
const std::size_t too_large = static_cast<std::size_t>(PTRDIFF_MAX) + (sizeof(void*) < 8);

std::size_t hide_size(std::size_t size) {
  __asm__ volatile("" : "+r"(size));
  return size;
}

template <class T> T* hide(T* p) {
  __asm__ volatile("" : "+r"(p) : : "memory");
  return p;
}

bool is_aligned(const void* p, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(p) % alignment == 0;
}

bool is_ours(void* p) { return mi_usable_size(p) > 0; }

template <class Function> bool throws_bad_alloc(Function function) {
  try {
    function();
  } catch (const std::bad_alloc&) { return true; }
  return false;
}

TEST(the_eight_forms_of_new_give_blocks_of_the_library) {
  for (std::size_t size = 0; size < 3000000; size = size * 2 + 1) {
    void* plain[] = {::operator new(size), ::operator new[](size),
                     ::operator new(size, std::nothrow), ::operator new[](size, std::nothrow)};
    for (void* p : plain) {
      CHECK(hide(p) != nullptr && is_aligned(p, alignof(std::max_align_t)) &&
            mi_usable_size(p) >= size);
      std::memset(p, 1, size);
    }
    ::operator delete(plain[0]);
    ::operator delete[](plain[1]);
    ::operator delete(plain[2], std::nothrow);
    ::operator delete[](plain[3], std::nothrow);
    for (std::size_t alignment = 32; alignment <= (1u << 20); alignment *= 8) {
      const std::align_val_t al{alignment};
      void* aligned[] = {::operator new(size, al), ::operator new[](size, al),
                         ::operator new(size, al, std::nothrow),
                         ::operator new[](size, al, std::nothrow)};
      for (void* p : aligned) {
        CHECK(hide(p) != nullptr && is_aligned(p, alignment) && mi_usable_size(p) >= size);
      }
      ::operator delete(aligned[0], al);
      ::operator delete[](aligned[1], al);
      ::operator delete(aligned[2], al, std::nothrow);
      ::operator delete[](aligned[3], al, std::nothrow);
    }
  }
}

TEST(sized_delete_takes_the_size_of_the_object) {
  for (std::size_t size = 0; size < 3000000; size = size * 2 + 1) {
    const std::align_val_t al{256};
    ::operator delete(::operator new(size), size);
    ::operator delete[](::operator new[](size), size);
    ::operator delete(::operator new(size, al), size, al);
    ::operator delete[](::operator new[](size, al), size, al);
  }
  ::operator delete(nullptr);
  ::operator delete (nullptr, std::size_t{8});
  ::operator delete[](nullptr, std::align_val_t{64});
}

TEST(new_of_too_much_throws_bad_alloc) {
  const std::size_t size = hide_size(too_large);
  const std::align_val_t al{64};
  CHECK(throws_bad_alloc([=] { hide(::operator new(size)); }));
  CHECK(throws_bad_alloc([=] { hide(::operator new[](size)); }));
  CHECK(throws_bad_alloc([=] { hide(::operator new(size, al)); }));
  CHECK(throws_bad_alloc([=] { hide(::operator new[](size, al)); }));
  CHECK(throws_bad_alloc([=] { hide(mi_new(size)); }));
  CHECK(throws_bad_alloc([=] { hide(mi_new_aligned(size, 64)); }));
  CHECK(throws_bad_alloc([=] { hide(mi_new_n(size, 8)); }));
  CHECK(throws_bad_alloc([=] { hide(mi_new_realloc(nullptr, size)); }));
  CHECK(throws_bad_alloc([=] { hide(mi_new_reallocn(nullptr, size, 8)); }));
}

TEST(nothrow_new_of_too_much_gives_null) {
  const std::size_t size = hide_size(too_large);
  const std::align_val_t al{64};
  CHECK(hide(::operator new(size, std::nothrow)) == nullptr);
  CHECK(hide(::operator new[](size, std::nothrow)) == nullptr);
  CHECK(hide(::operator new(size, al, std::nothrow)) == nullptr);
  CHECK(hide(::operator new[](size, al, std::nothrow)) == nullptr);
  CHECK(hide(mi_new_nothrow(size)) == nullptr);
  CHECK(hide(mi_new_aligned_nothrow(size, 64)) == nullptr);
}

int handler_calls;

// [new.delete.single]: the handler is called until it gives up by removing itself or by throwing.
void give_up_at_third_call() {
  if (++handler_calls == 3) { std::set_new_handler(nullptr); }
}

void throw_at_second_call() {
  if (++handler_calls == 2) { throw std::runtime_error("handler"); }
}

TEST(the_new_handler_is_called_until_it_gives_up) {
  const std::size_t size = hide_size(too_large);
  handler_calls = 0;
  std::set_new_handler(give_up_at_third_call);
  CHECK(throws_bad_alloc([=] { hide(::operator new(size)); }));
  CHECK_EQ(handler_calls, 3);
  handler_calls = 0;
  std::set_new_handler(give_up_at_third_call);
  CHECK(hide(::operator new(size, std::nothrow)) == nullptr);
  CHECK_EQ(handler_calls, 3);
  handler_calls = 0;
  std::set_new_handler(give_up_at_third_call);
  CHECK(throws_bad_alloc([=] { hide(mi_new_aligned(size, 128)); }));
  CHECK_EQ(handler_calls, 3);
  CHECK(std::get_new_handler() == nullptr);
}

TEST(an_exception_of_the_new_handler_passes_through) {
  const std::size_t size = hide_size(too_large);
  bool is_caught = false;
  handler_calls = 0;
  std::set_new_handler(throw_at_second_call);
  try {
    hide(::operator new(size));
  } catch (const std::runtime_error&) { is_caught = true; }
  std::set_new_handler(nullptr);
  CHECK(is_caught);
  CHECK_EQ(handler_calls, 2);
}

TEST(resizing_with_new_keeps_the_contents) {
  char* p = static_cast<char*>(mi_new_n(10, 10));
  std::memcpy(p, "contents", 9);
  p = static_cast<char*>(mi_new_realloc(p, 100000));
  CHECK_STR(p, "contents");
  p = static_cast<char*>(mi_new_reallocn(p, 1000, 1000));
  CHECK_STR(p, "contents");
  mi_free(p);
}

struct alignas(512) over_aligned {
  int value = 0;
};

template <class Allocator> void check_containers(const Allocator& allocator) {
  using traits = std::allocator_traits<Allocator>;
  std::vector<int, Allocator> vector(allocator);
  for (int i = 0; i < 100000; i++) { vector.push_back(i); }
  CHECK_EQ(vector[99999], 99999);
  CHECK(is_ours(vector.data()));
  const std::vector<int, Allocator> copy = vector;
  CHECK(copy == vector);
  std::vector<int, Allocator> moved = std::move(vector);
  CHECK_EQ(moved.size(), 100000);

  using list_allocator = typename traits::template rebind_alloc<std::string>;
  std::list<std::string, list_allocator> list{list_allocator(allocator)};
  for (int i = 0; i < 1000; i++) { list.push_back(std::string(static_cast<std::size_t>(i), 'x')); }
  CHECK_EQ(list.back().size(), 999);
  list.clear();

  using map_allocator = typename traits::template rebind_alloc<std::pair<const int, int>>;
  std::map<int, int, std::less<int>, map_allocator> map{map_allocator(allocator)};
  for (int i = 0; i < 10000; i++) { map[(i * 7919) % 10007] = i; }
  CHECK_EQ(map.size(), 10000);
  for (int i = 0; i < 10000; i += 2) { map.erase((i * 7919) % 10007); }
  CHECK_EQ(map.size(), 5000);
}

TEST(containers_work_with_the_stl_allocator) {
  check_containers(mi_stl_allocator<int>());
  CHECK(mi_stl_allocator<int>() == mi_stl_allocator<long>());
  CHECK(!(mi_stl_allocator<int>() != mi_stl_allocator<long>()));
  static_assert(std::allocator_traits<mi_stl_allocator<int>>::is_always_equal::value, "stateless");
}

TEST(the_stl_allocator_refuses_what_overflows) {
  mi_stl_allocator<long> allocator;
  mi_stl_allocator<over_aligned> aligned;
  CHECK(throws_bad_alloc([&] { hide(allocator.allocate(hide_size(SIZE_MAX / 4))); }));
  CHECK(throws_bad_alloc([&] { hide(aligned.allocate(hide_size(SIZE_MAX / 512 + 2))); }));
  CHECK(allocator.max_size() <= static_cast<std::size_t>(PTRDIFF_MAX) / sizeof(long));
}

TEST(the_stl_allocator_aligns_over_aligned_types) {
  std::vector<over_aligned, mi_stl_allocator<over_aligned>> vector(100);
  for (const over_aligned& element : vector) { CHECK(is_aligned(&element, 512)); }
  std::list<over_aligned, mi_stl_allocator<over_aligned>> list(100);
  for (const over_aligned& element : list) { CHECK(is_aligned(&element, 512)); }
}

#if defined(MIM_TEST_HEAPS)
TEST(containers_work_with_the_heap_allocators) {
  check_containers(mi_heap_stl_allocator<int>());
  check_containers(mi_heap_destroy_stl_allocator<int>());
  mi_heap_t* heap = mi_heap_new();
  CHECK(heap != nullptr);
  {
    mi_heap_stl_allocator<int> allocator(heap);
    std::vector<int, mi_heap_stl_allocator<int>> vector(allocator);
    for (int i = 0; i < 1000; i++) { vector.push_back(i); }
    CHECK(mi_heap_contains(heap, vector.data()));
    CHECK(allocator == mi_heap_stl_allocator<long>(allocator));
    CHECK(allocator != mi_heap_stl_allocator<int>());
    allocator.collect(true);
  }
  mi_heap_delete(heap);
}
#endif

#if defined(MI_HAS_MEMORY_RESOURCE)
TEST(polymorphic_containers_work_with_the_memory_resource) {
  mi_memory_resource resource, other;
  CHECK(resource == other);
  CHECK(!(resource == *std::pmr::new_delete_resource()));
  std::pmr::vector<std::pmr::string> vector(&resource);
  for (int i = 0; i < 1000; i++) { vector.emplace_back(100, 'y'); }
  CHECK(is_ours(vector.data()) && is_ours(vector[0].data()));
  void* p = resource.allocate(100, 4096);
  CHECK(is_aligned(p, 4096));
  resource.deallocate(p, 100, 4096);
  std::pmr::unsynchronized_pool_resource pool(&resource);
  std::pmr::map<int, int> map(&pool);
  for (int i = 0; i < 1000; i++) { map[i] = i; }
  CHECK_EQ(map.size(), 1000);
}
#endif

TEST(objects_travel_between_threads) {
  std::vector<std::unique_ptr<std::string>> strings;
  for (int i = 0; i < 2000; i++) {
    strings.push_back(std::make_unique<std::string>(static_cast<std::size_t>(i), 'z'));
  }
  std::atomic<std::size_t> total{0};
  std::thread([&] {
    for (auto& s : strings) {
      total += s->size();
      s.reset();
    }
  }).join();
  CHECK_EQ(total.load(), 1999 * 1000);
}

} // namespace

TEST_MAIN()
