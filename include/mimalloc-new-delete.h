/* mimalloc-new-delete.h - defines the global operators new and delete (ISO C++ 17.6.3) on top of
 * this allocator, for a program that links it without overriding malloc.
 *
 * Include it in exactly one source file of the program: a second one is a link error. The
 * operators of a language level are defined if the compiler's mode has them: the plain and nothrow
 * ones in C++11, sized delete from C++14, the aligned ones from C++17 (or -faligned-new).
 */
#pragma once
#ifndef MIMALLOC_NEW_DELETE_H
#define MIMALLOC_NEW_DELETE_H

#if defined(__cplusplus)
#include "mimalloc.h"
#include <cstddef>
#include <new>

/* MSVC's own declarations carry these annotations, and it warns if a definition lacks them. */
#if defined(_MSC_VER) && defined(_Ret_notnull_) && defined(_Post_writable_byte_size_)
#define mi_decl_new(size) \
  mi_decl_nodiscard mi_decl_restrict _Ret_notnull_ _Post_writable_byte_size_(size)
#define mi_decl_new_nothrow(size) \
  mi_decl_nodiscard mi_decl_restrict _Ret_maybenull_ _Success_(return != NULL) \
  _Post_writable_byte_size_(size)
#else
#define mi_decl_new(size) mi_decl_nodiscard mi_decl_restrict
#define mi_decl_new_nothrow(size) mi_decl_nodiscard mi_decl_restrict
#endif

mi_decl_new(size) void* operator new(std::size_t size) { return mi_new(size); }
mi_decl_new(size) void* operator new[](std::size_t size) { return mi_new(size); }
mi_decl_new_nothrow(size) void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return mi_new_nothrow(size);
}
mi_decl_new_nothrow(size) void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return mi_new_nothrow(size);
}

void operator delete(void* p) noexcept { mi_free(p); }
void operator delete[](void* p) noexcept { mi_free(p); }
void operator delete(void* p, const std::nothrow_t&) noexcept { mi_free(p); }
void operator delete[](void* p, const std::nothrow_t&) noexcept { mi_free(p); }

#if __cplusplus >= 201402L || (defined(_MSC_VER) && _MSC_VER >= 1916)
void operator delete(void* p, std::size_t size) noexcept { mi_free_size(p, size); }
void operator delete[](void* p, std::size_t size) noexcept { mi_free_size(p, size); }
#endif

#if defined(__cpp_aligned_new)
void* operator new(std::size_t size, std::align_val_t alignment) {
  return mi_new_aligned(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return mi_new_aligned(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return mi_new_aligned_nothrow(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return mi_new_aligned_nothrow(size, static_cast<std::size_t>(alignment));
}

void operator delete(void* p, std::align_val_t alignment) noexcept {
  mi_free_aligned(p, static_cast<std::size_t>(alignment));
}
void operator delete[](void* p, std::align_val_t alignment) noexcept {
  mi_free_aligned(p, static_cast<std::size_t>(alignment));
}
void operator delete(void* p, std::size_t size, std::align_val_t alignment) noexcept {
  mi_free_size_aligned(p, size, static_cast<std::size_t>(alignment));
}
void operator delete[](void* p, std::size_t size, std::align_val_t alignment) noexcept {
  mi_free_size_aligned(p, size, static_cast<std::size_t>(alignment));
}
void operator delete(void* p, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  mi_free_aligned(p, static_cast<std::size_t>(alignment));
}
void operator delete[](void* p, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  mi_free_aligned(p, static_cast<std::size_t>(alignment));
}
#endif
#endif

#endif /* MIMALLOC_NEW_DELETE_H */
