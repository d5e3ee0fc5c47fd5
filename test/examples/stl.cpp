// stl.cpp - containers of the standard library with this allocator, of the main heap or of a heap.
#include <mimalloc.h>

#include <list>
#include <map>
#include <string>
#include <vector>

#include "example.h"

static void use_main_heap() {
  std::vector<int, mi_stl_allocator<int>> numbers;
  for (int i = 0; i < 1000; i++) { numbers.push_back(i); }
  EXPECT(numbers[999] == 999 && mi_heap_of(numbers.data()) == mi_heap_main());

  using text_t = std::basic_string<char, std::char_traits<char>, mi_stl_allocator<char>>;
  using pair_t = std::pair<const int, text_t>;
  std::map<int, text_t, std::less<int>, mi_stl_allocator<pair_t>> names;
  names[7] = "a text that is too long for the string itself";
  EXPECT(mi_any_heap_contains(names[7].data()));
}

// Its nodes lie together, in a heap that is gone with the list.
static void use_own_heap() {
  std::list<int, mi_heap_stl_allocator<int>> list;
  list.push_back(1);
  EXPECT(mi_heap_of(&list.front()) != mi_heap_main());
  list.get_allocator().collect(false);
}

// No node is freed by itself: the heap is destroyed with the last list that uses it.
static void use_heap_that_is_destroyed() {
  std::list<int, mi_heap_destroy_stl_allocator<int>> list(1000, 7);
  auto copy = list; // the same heap
  EXPECT(copy.get_allocator() == list.get_allocator() && copy.size() == 1000);
}

static void use_given_heap() {
  mi_heap_t* heap = mi_heap_new();
  {
    std::vector<double, mi_heap_stl_allocator<double>> row(100, 1.5,
                                                           mi_heap_stl_allocator<double>(heap));
    EXPECT(mi_heap_contains(heap, row.data()) && row[99] > 1);
  }
  mi_heap_destroy(heap); // it stayed the caller's
}

int main() {
  use_main_heap();
  use_own_heap();
  use_heap_that_is_destroyed();
  use_given_heap();
  return 0;
}
