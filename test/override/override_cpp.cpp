// override_cpp.cpp - the 20 C++ operators, each called by itself, and the library on top of them.
// Built preloaded, linked in all three ways, and with mimalloc-new-delete.h (OVERRIDE_HEADER).
#ifdef OVERRIDE_HEADER
#include <mimalloc-new-delete.h>
#endif

#include "ours.h"

#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr std::size_t kSize = 200;
constexpr std::align_val_t kAlignment{128};

void* checked(void* p, std::size_t alignment) {
  CHECK_OURS(p);
  CHECK_THAT(reinterpret_cast<std::uintptr_t>(p) % alignment == 0);
  std::memset(p, 0x33, kSize);
  return p;
}

void* plain() { return checked(::operator new(kSize), alignof(std::max_align_t)); }
void* plain_array() { return checked(::operator new[](kSize), alignof(std::max_align_t)); }
void* nothrow() { return checked(::operator new(kSize, std::nothrow), alignof(std::max_align_t)); }
void* nothrow_array() {
  return checked(::operator new[](kSize, std::nothrow), alignof(std::max_align_t));
}
void* aligned() { return checked(::operator new(kSize, kAlignment), 128); }
void* aligned_array() { return checked(::operator new[](kSize, kAlignment), 128); }
void* aligned_nothrow() { return checked(::operator new(kSize, kAlignment, std::nothrow), 128); }
void* aligned_nothrow_array() {
  return checked(::operator new[](kSize, kAlignment, std::nothrow), 128);
}

// Eight ways to allocate, twelve to free.
void check_operators() {
  for (int i = 0; i < 1000; i++) {
    ::operator delete(plain());
    ::operator delete[](plain_array());
    ::operator delete(plain(), kSize);
    ::operator delete[](plain_array(), kSize);
    ::operator delete(nothrow(), std::nothrow);
    ::operator delete[](nothrow_array(), std::nothrow);
    ::operator delete(aligned(), kAlignment);
    ::operator delete[](aligned_array(), kAlignment);
    ::operator delete(aligned(), kSize, kAlignment);
    ::operator delete[](aligned_array(), kSize, kAlignment);
    ::operator delete(aligned_nothrow(), kAlignment, std::nothrow);
    ::operator delete[](aligned_nothrow_array(), kAlignment, std::nothrow);
  }
  ::operator delete(nullptr);
  ::operator delete[](nullptr);
}

#ifndef OVERRIDE_HEADER
// How the C++ ABI writes size_t: unsigned long or unsigned int.
#ifdef __LP64__
#define SIZE "m"
#else
#define SIZE "j"
#endif

// What a header cannot see: the address of each of the 20, as the dynamic linker binds it.
[[maybe_unused]] void check_symbols() {
  static const char* const names[] = {"_Znw" SIZE,
                                      "_Zna" SIZE,
                                      "_Znw" SIZE "RKSt9nothrow_t",
                                      "_Zna" SIZE "RKSt9nothrow_t",
                                      "_Znw" SIZE "St11align_val_t",
                                      "_Zna" SIZE "St11align_val_t",
                                      "_Znw" SIZE "St11align_val_tRKSt9nothrow_t",
                                      "_Zna" SIZE "St11align_val_tRKSt9nothrow_t",
                                      "_ZdlPv",
                                      "_ZdaPv",
                                      "_ZdlPv" SIZE,
                                      "_ZdaPv" SIZE,
                                      "_ZdlPvRKSt9nothrow_t",
                                      "_ZdaPvRKSt9nothrow_t",
                                      "_ZdlPvSt11align_val_t",
                                      "_ZdaPvSt11align_val_t",
                                      "_ZdlPv" SIZE "St11align_val_t",
                                      "_ZdaPv" SIZE "St11align_val_t",
                                      "_ZdlPvSt11align_val_tRKSt9nothrow_t",
                                      "_ZdaPvSt11align_val_tRKSt9nothrow_t"};
  static_assert(sizeof(names) / sizeof(names[0]) == 20, "there are 20 operators");
  Dl_info allocator;
  CHECK_THAT(dladdr(dlsym(RTLD_DEFAULT, "mi_malloc"), &allocator) != 0);
  for (const char* name : names) {
    Dl_info found;
    void* symbol = dlsym(RTLD_DEFAULT, name);
    CHECK_THAT(symbol != nullptr && dladdr(symbol, &found) != 0);
    if (found.dli_fbase != allocator.dli_fbase) {
      std::fprintf(stderr, "failed: %s is from %s, not the allocator\n", name, found.dli_fname);
      std::abort();
    }
  }
}
#endif

void check_library() {
  std::map<std::string, std::vector<int>> table;
  for (int i = 0; i < 2000; i++) {
    table["a key that is longer than the short buffer " + std::to_string(i % 97)].push_back(i);
  }
  std::size_t sum = 0;
  for (const auto& entry : table) { sum += entry.second.size(); }
  CHECK_THAT(sum == 2000);
  CHECK_OURS(table.begin()->second.data());
  const auto shared = std::make_shared<std::string>(5000, 'x');
  CHECK_OURS(shared->data());
  std::ostringstream stream;
  for (int i = 0; i < 1000; i++) { stream << i << ' '; }
  CHECK_THAT(stream.str().size() == 3890);
  const std::function<int(int)> closure = [table](int i) { return i + int(table.size()); };
  CHECK_THAT(closure(3) == 100);
}

struct alignas(256) wide {
  char bytes[256];
};

void check_wide() {
  const std::unique_ptr<wide[]> many(new wide[10]);
  CHECK_OURS(many.get());
  CHECK_THAT(reinterpret_cast<std::uintptr_t>(many.get()) % 256 == 0);
}

int handler_calls;

void handler() {
  if (++handler_calls == 3) { std::set_new_handler(nullptr); }
}

template <typename F> bool throws_bad_alloc(F allocate) {
  try {
    ::operator delete(hide(allocate()));
  } catch (const std::bad_alloc&) { return true; }
  return false;
}

// Impossible sizes: the new-handler is called until it gives up, then std::bad_alloc is thrown.
void check_failure() {
  volatile std::size_t impossible = SIZE_MAX / 3 * 2;
  std::set_new_handler(handler);
  CHECK_THAT(throws_bad_alloc([&] { return ::operator new(impossible); }));
  CHECK_THAT(handler_calls == 3);
  CHECK_THAT(throws_bad_alloc([&] { return ::operator new[](impossible); }));
  CHECK_THAT(::operator new(impossible, std::nothrow) == nullptr);
  CHECK_THAT(::operator new[](impossible, std::nothrow) == nullptr);
  CHECK_THAT(::operator new(impossible, kAlignment, std::nothrow) == nullptr);
  try {
    throw std::runtime_error("an exception object is memory, too");
  } catch (const std::exception& e) { CHECK_THAT(e.what()[0] == 'a'); }
}

} // namespace

int main() {
  check_operators();
#if !defined(OVERRIDE_HEADER) && !defined(OVERRIDE_STATIC)
  check_symbols();
#endif
  check_library();
  check_wide();
  check_failure();
  for (int i = 0; i < 10; i++) {
    std::thread thread([] {
      check_operators();
      check_library();
    });
    thread.join();
  }
  std::printf("the 20 operators are replaced\n");
  return 0;
}
