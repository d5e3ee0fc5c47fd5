/** @file mimalloc.h
 * The public interface of the allocator, for C99 to C23 and C++11 onwards.
 *
 * The names, signatures, enum positions and struct layouts are those of mimalloc's API level 3.6.0:
 * a program compiled against that level compiles and runs against this one. The file is
 * long because a program may include it alone: nothing of it can move to a second header.
 *
 * Rules that hold for every function unless its comment says otherwise:
 *  - Sizes, alignments and offsets are in bytes; counts are numbers of elements.
 *  - A function that allocates returns NULL, and sets errno to ENOMEM, if there is no memory, if
 *    count * size overflows, or if the size is larger than PTRDIFF_MAX. It leaves everything else
 *    as it was; a failed resize keeps the old block.
 *  - A block of any size, 0 included, is a unique pointer, aligned to 16 bytes on 64-bit targets
 *    (8 on 32-bit ones), with undefined contents unless "zeroed" is said.
 *  - An alignment is a power of two of any magnitude; another value gives NULL and errno EINVAL.
 *  - Any thread may call any function, and may free, resize or query a block of any other thread.
 *  - A pointer parameter `p` is a block of this allocator, or NULL where that is said.
 */
#pragma once
#ifndef MIMALLOC_H
#define MIMALLOC_H

/** Version as major * 10000 + minor * 100 + patch; compare with mi_version() at run time. */
#define MI_MALLOC_VERSION 30600

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>

/* ---- Attributes: each is empty where the compiler has no such thing -------------------------- */
/** @cond */

#if !defined(__cplusplus)
#define mi_attr_noexcept
#elif __cplusplus >= 201103L || (defined(_MSC_VER) && _MSC_VER > 1900)
#define mi_attr_noexcept noexcept
#else
#define mi_attr_noexcept throw()
#endif

#if defined(_MSC_VER) || defined(__MINGW32__)
#define mi_cdecl __cdecl
#else
#define mi_cdecl
#endif

/* MI_SHARED_LIB says that the library is a shared one, MI_SHARED_LIB_EXPORT that this is its own
 * build. Only Windows must know at the caller's side, for the import table. */
#if defined(MI_SHARED_LIB) && (defined(_MSC_VER) || defined(__MINGW32__))
#if defined(MI_SHARED_LIB_EXPORT)
#define mi_decl_export __declspec(dllexport)
#else
#define mi_decl_export __declspec(dllimport)
#endif
#elif defined(MI_SHARED_LIB) && defined(MI_SHARED_LIB_EXPORT) && defined(__GNUC__)
#define mi_decl_export __attribute__((visibility("default")))
#else
#define mi_decl_export
#endif

#if defined(__GNUC__) || defined(__clang__)
#define mi_attr_malloc __attribute__((malloc))
#define mi_attr_alloc_size(size) __attribute__((alloc_size(size)))
#define mi_attr_alloc_size2(count, size) __attribute__((alloc_size(count, size)))
#define mi_attr_alloc_align(alignment) __attribute__((alloc_align(alignment)))
#define mi_decl_restrict
#else
#define mi_attr_malloc
#define mi_attr_alloc_size(size)
#define mi_attr_alloc_size2(count, size)
#define mi_attr_alloc_align(alignment)
#if defined(_MSC_VER)
#define mi_decl_restrict __declspec(restrict)
#else
#define mi_decl_restrict
#endif
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L
#define mi_decl_nodiscard [[nodiscard]]
#elif defined(__GNUC__) || defined(__clang__)
#define mi_decl_nodiscard __attribute__((warn_unused_result))
#elif defined(_MSC_VER)
#define mi_decl_nodiscard _Check_return_
#else
#define mi_decl_nodiscard
#endif

/** A function that gives a fresh block: to be used, exported, aliased by nothing else. */
#define mi_decl_alloc mi_decl_nodiscard mi_decl_export mi_decl_restrict
/** A function whose result must be used, but may be an old block. */
#define mi_decl_result mi_decl_nodiscard mi_decl_export

/** @endcond */

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Types ----------------------------------------------------------------------------------- */
/** @addtogroup types
 *  @{ */

/** A first-class heap: blocks that are collected, visited or destroyed together. Any thread may
 *  allocate in it. */
typedef struct mi_heap_s mi_heap_t;
/** One thread's part of a heap; only its own thread may allocate through it. */
typedef struct mi_theap_s mi_theap_t;
/** A range of memory that pages are taken from; NULL is "no particular one". */
typedef void* mi_arena_id_t;
/** A set of heaps and arenas that shares no memory with other sets in the same process. */
typedef struct {
  void* _mi_subproc_id;
} mi_subproc_id_t;

/** What a visitor is told about one page of a heap. All sizes in bytes. */
typedef struct mi_heap_area_s {
  void* blocks;           /**< start of the blocks */
  size_t reserved;        /**< address space of the area */
  size_t committed;       /**< part of it that is backed by memory */
  size_t used;            /**< number of blocks handed out */
  size_t block_size;      /**< usable size of a block */
  size_t full_block_size; /**< distance from one block to the next */
  void* reserved1;        /**< internal */
} mi_heap_area_t;

/** Receives one message, or a part of it. It may allocate, but an allocation that fails may lead to
 *  a message in turn. */
typedef void(mi_cdecl mi_output_fun)(const char* msg, void* arg);
/** Receives an error code: EAGAIN double free, EFAULT corrupted free list or metadata, ENOMEM,
 *  EOVERFLOW request too large, EINVAL bad pointer to free or resize. */
typedef void(mi_cdecl mi_error_fun)(int err, void* arg);
/** Called now and then on slow paths, so that a program can free what it put off. `force` asks it
 *  to free all; `heartbeat` counts the calls. It may allocate and free. */
typedef void(mi_cdecl mi_deferred_free_fun)(bool force, unsigned long long heartbeat, void* arg);
/** Visits a block, or with block == NULL a whole area. Return false to stop. */
typedef bool(mi_cdecl mi_block_visit_fun)(const mi_heap_t* heap, const mi_heap_area_t* area,
                                          void* block, size_t block_size, void* arg);
/** Visits a heap. Return false to stop. */
typedef bool(mi_cdecl mi_heap_visit_fun)(mi_heap_t* heap, void* arg);
/** Commits (or with commit == false decommits) memory of a managed arena. Sets *is_zero, unless it
 *  is NULL, to whether the memory is zero now. Returns false on failure. It may be called while the
 *  library holds a lock: it must not allocate, free, or wait for a thread that does. */
typedef bool(mi_cdecl mi_commit_fun_t)(bool commit, void* start, size_t size, bool* is_zero,
                                       void* user_arg);
/** @} */

/* ---- Standard (ISO C 7.24.3, POSIX) ---------------------------------------------------------- */
/** @addtogroup allocation
 *  @{ */

/** Allocates `size` bytes, not zeroed. Never returns memory that a live block has. */
mi_decl_alloc void* mi_malloc(size_t size) mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1);
/** Zeroed array. */
mi_decl_alloc void* mi_calloc(size_t count, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size2(1, 2);
/** Resizes and keeps the contents up to the smaller size. p == NULL allocates; newsize == 0 gives
 *  a block of size 0, and frees `p`. The result may be `p` or a new block. */
mi_decl_result void* mi_realloc(void* p, size_t newsize) mi_attr_noexcept mi_attr_alloc_size(2);
/** Resizes in place: returns `p`, or NULL, with errno as it was, if that is not possible or
 *  p == NULL. */
mi_decl_export void* mi_expand(void* p, size_t newsize) mi_attr_noexcept mi_attr_alloc_size(2);
/** Frees; NULL does nothing. Keeps errno (POSIX.1-2024). Any thread may free any block, also of a
 *  thread that has ended. */
mi_decl_export void mi_free(void* p) mi_attr_noexcept;
/** Copies a string; s == NULL gives NULL. */
mi_decl_alloc char* mi_strdup(const char* s) mi_attr_noexcept mi_attr_malloc;
/** Copies at most `n` characters of a string and ends it with '\0'; s == NULL gives NULL. */
mi_decl_alloc char* mi_strndup(const char* s, size_t n) mi_attr_noexcept mi_attr_malloc;
/** realpath(3). With resolved_name == NULL the result is a fresh block. errno as of realpath. */
mi_decl_alloc char* mi_realpath(const char* fname, char* resolved_name) mi_attr_noexcept;
/** @} */

/* ---- Extended -------------------------------------------------------------------------------- */
/** @addtogroup allocation
 *  @{ */

/** Largest size in words that the `_small` functions take. */
#define MI_SMALL_WSIZE_MAX 128
/** The same in bytes. */
#define MI_SMALL_SIZE_MAX (MI_SMALL_WSIZE_MAX * sizeof(size_t))

/** mi_malloc of a small size: the caller promises size <= MI_SMALL_SIZE_MAX; a larger one is an
 *  error that only checked builds see. */
mi_decl_alloc void* mi_malloc_small(size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(1);
/** mi_malloc_small, zeroed. */
mi_decl_alloc void* mi_zalloc_small(size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(1);
/** Zeroed. */
mi_decl_alloc void* mi_zalloc(size_t size) mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1);
/** Array, not zeroed. */
mi_decl_alloc void* mi_mallocn(size_t count, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size2(1, 2);
/** mi_realloc to an array of count * size bytes. */
mi_decl_result void* mi_reallocn(void* p, size_t count, size_t size) mi_attr_noexcept
    mi_attr_alloc_size2(2, 3);
/** Like mi_realloc, but frees `p` if it fails (FreeBSD's reallocf). */
mi_decl_result void* mi_reallocf(void* p, size_t newsize) mi_attr_noexcept mi_attr_alloc_size(2);

/** Bytes of the block that the program may use, at least what it asked for; 0 for NULL. May change
 *  only with a resize. */
mi_decl_result size_t mi_usable_size(const void* p) mi_attr_noexcept;
/** Usable size that a request of `size` gets. */
mi_decl_result size_t mi_good_size(size_t size) mi_attr_noexcept;
/** Id of the thread that owns the page of the block; 0 if none does. */
mi_decl_result size_t mi_thread_id_of(const void* p) mi_attr_noexcept;

/** mi_free with the size of the block. The promises are the caller's: `size` is what was asked for
 *  or the usable size, `alignment` what was asked for. */
mi_decl_export void mi_free_size(void* p, size_t size) mi_attr_noexcept;
/** mi_free with the size and the alignment of the block. */
mi_decl_export void mi_free_size_aligned(void* p, size_t size, size_t alignment) mi_attr_noexcept;
/** mi_free with the alignment of the block. */
mi_decl_export void mi_free_aligned(void* p, size_t alignment) mi_attr_noexcept;
/** Frees a block whose size was at most MI_SMALL_SIZE_MAX and whose alignment at most its size;
 *  NULL does nothing. */
mi_decl_export void mi_free_small(void* p) mi_attr_noexcept;
/** mi_free_small of a pointer that is not NULL. */
mi_decl_export void mi_free_small_nonnull(void* p) mi_attr_noexcept;
/** mi_free_small of a block that the calling thread allocated, or NULL. */
mi_decl_export void mi_free_small_local(void* p) mi_attr_noexcept;
/** mi_free_small_local of a pointer that is not NULL. */
mi_decl_export void mi_free_small_local_nonnull(void* p) mi_attr_noexcept;
/** @} */

/* ---- Aligned: p, or p + offset with `_at`, is a multiple of the alignment -------------------- */
/** @addtogroup aligned
 *  @{ */

/** mi_malloc; the result is a multiple of `alignment`. */
mi_decl_alloc void* mi_malloc_aligned(size_t size, size_t alignment) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(1) mi_attr_alloc_align(2);
/** mi_malloc; the result plus `offset` is a multiple of `alignment`. */
mi_decl_alloc void* mi_malloc_aligned_at(size_t size, size_t alignment, size_t offset)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1);
/** mi_malloc_aligned, zeroed. */
mi_decl_alloc void* mi_zalloc_aligned(size_t size, size_t alignment) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(1) mi_attr_alloc_align(2);
/** mi_malloc_aligned_at, zeroed. */
mi_decl_alloc void* mi_zalloc_aligned_at(size_t size, size_t alignment, size_t offset)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1);
/** Zeroed array that begins at a multiple of `alignment`. */
mi_decl_alloc void* mi_calloc_aligned(size_t count, size_t size, size_t alignment) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size2(1, 2) mi_attr_alloc_align(3);
/** Zeroed array; the result plus `offset` is a multiple of `alignment`. */
mi_decl_alloc void* mi_calloc_aligned_at(size_t count, size_t size, size_t alignment, size_t offset)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size2(1, 2);
/** Resizes; the result has the alignment whatever `p` had. p == NULL allocates. */
mi_decl_result void* mi_realloc_aligned(void* p, size_t newsize, size_t alignment) mi_attr_noexcept
    mi_attr_alloc_size(2) mi_attr_alloc_align(3);
/** mi_realloc_aligned for an alignment at an offset. */
mi_decl_result void* mi_realloc_aligned_at(void* p, size_t newsize, size_t alignment, size_t offset)
    mi_attr_noexcept mi_attr_alloc_size(2);
/** @} */

/* ---- Zero-preserving resize: `p` came, through any number of these, from a zeroed allocation;
 *      every byte beyond what the program wrote is zero, growth included */
/** @addtogroup zero
 *  @{ */

/** mi_realloc of a zeroed block, whose new part is zero as well. */
mi_decl_result void* mi_rezalloc(void* p, size_t newsize) mi_attr_noexcept mi_attr_alloc_size(2);
/** mi_rezalloc to an array of newcount * size bytes. */
mi_decl_result void* mi_recalloc(void* p, size_t newcount, size_t size) mi_attr_noexcept
    mi_attr_alloc_size2(2, 3);
/** mi_rezalloc; the result is a multiple of `alignment`. */
mi_decl_result void* mi_rezalloc_aligned(void* p, size_t newsize, size_t alignment) mi_attr_noexcept
    mi_attr_alloc_size(2) mi_attr_alloc_align(3);
/** mi_rezalloc; the result plus `offset` is a multiple of `alignment`. */
mi_decl_result void* mi_rezalloc_aligned_at(void* p, size_t newsize, size_t alignment,
                                            size_t offset) mi_attr_noexcept mi_attr_alloc_size(2);
/** mi_recalloc; the result is a multiple of `alignment`. */
mi_decl_result void* mi_recalloc_aligned(void* p, size_t newcount, size_t size, size_t alignment)
    mi_attr_noexcept mi_attr_alloc_size2(2, 3) mi_attr_alloc_align(4);
/** mi_recalloc; the result plus `offset` is a multiple of `alignment`. */
mi_decl_result void* mi_recalloc_aligned_at(void* p, size_t newcount, size_t size, size_t alignment,
                                            size_t offset) mi_attr_noexcept
    mi_attr_alloc_size2(2, 3);
/** @} */

/* ---- Size-returning: *block_size, unless NULL, gets the usable size; on failure it stays ---- */
/** @addtogroup sizes
 *  @{ */

/** mi_malloc that tells the usable size. */
mi_decl_alloc void* mi_umalloc(size_t size, size_t* block_size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(1);
/** mi_calloc that tells the usable size, all of which is zero. */
mi_decl_alloc void* mi_ucalloc(size_t count, size_t size, size_t* block_size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size2(1, 2);
/** Writes the usable size before (0 if p == NULL) and after; if it fails, both are of `p`. */
mi_decl_result void* mi_urealloc(void* p, size_t newsize, size_t* block_size_pre,
                                 size_t* block_size_post) mi_attr_noexcept mi_attr_alloc_size(2);
/** Frees and writes the size that was freed. */
mi_decl_export void mi_ufree(void* p, size_t* block_size) mi_attr_noexcept;
/** mi_malloc_aligned that tells the usable size. */
mi_decl_alloc void* mi_umalloc_aligned(size_t size, size_t alignment, size_t* block_size)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1) mi_attr_alloc_align(2);
/** mi_zalloc_aligned that tells the usable size. */
mi_decl_alloc void* mi_uzalloc_aligned(size_t size, size_t alignment, size_t* block_size)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1) mi_attr_alloc_align(2);
/** mi_malloc_small that tells the usable size. */
mi_decl_alloc void* mi_umalloc_small(size_t size, size_t* block_size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(1);
/** mi_zalloc_small that tells the usable size. */
mi_decl_alloc void* mi_uzalloc_small(size_t size, size_t* block_size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(1);
/** @} */

/* ---- Names of POSIX, glibc, BSD and the Microsoft C runtime ---------------------------------- */
/** @addtogroup names
 *  @{ */

/** Frees `p` if it is a block of this allocator; false, without effect, if it is not. */
mi_decl_export bool mi_cfree(void* p) mi_attr_noexcept;
/** mi_expand that sets errno to ENOMEM when it fails. */
mi_decl_export void* mi__expand(void* p, size_t newsize) mi_attr_noexcept;
/** mi_usable_size, by its name on macOS. */
mi_decl_result size_t mi_malloc_size(const void* p) mi_attr_noexcept;
/** mi_usable_size, by glibc's name. */
mi_decl_result size_t mi_malloc_usable_size(const void* p) mi_attr_noexcept;
/** mi_good_size, by its name on macOS. */
mi_decl_result size_t mi_malloc_good_size(size_t size) mi_attr_noexcept;

/** Returns 0, ENOMEM or EINVAL (alignment no power of two or no multiple of sizeof(void*)); then
 *  *p is as it was. Leaves errno alone (POSIX). */
mi_decl_export int mi_posix_memalign(void** p, size_t alignment, size_t size) mi_attr_noexcept;
/** glibc's memalign: mi_malloc_aligned with the alignment first. */
mi_decl_alloc void* mi_memalign(size_t alignment, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2) mi_attr_alloc_align(1);
/** ISO C 7.24.3.1; as C17 allows, the size need not be a multiple of the alignment. */
mi_decl_alloc void* mi_aligned_alloc(size_t alignment, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2) mi_attr_alloc_align(1);
/** mi_malloc aligned to an OS page. */
mi_decl_alloc void* mi_valloc(size_t size) mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1);
/** mi_valloc that rounds the size up to whole OS pages. */
mi_decl_alloc void* mi_pvalloc(size_t size) mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(1);
/** OpenBSD's and glibc's reallocarray: mi_reallocn. */
mi_decl_result void* mi_reallocarray(void* p, size_t count, size_t size) mi_attr_noexcept
    mi_attr_alloc_size2(2, 3);
/** NetBSD's reallocarr: `ptrp` is the address of the pointer. Returns 0 or an errno value, on which
 *  the pointer is as it was. Leaves errno alone. */
mi_decl_result int mi_reallocarr(void* ptrp, size_t count, size_t size) mi_attr_noexcept;
/** Microsoft's _aligned_recalloc: mi_recalloc_aligned. */
mi_decl_result void* mi_aligned_recalloc(void* p, size_t newcount, size_t size, size_t alignment)
    mi_attr_noexcept;
/** Microsoft's _aligned_offset_recalloc: mi_recalloc_aligned_at. */
mi_decl_result void* mi_aligned_offset_recalloc(void* p, size_t newcount, size_t size,
                                                size_t alignment, size_t offset) mi_attr_noexcept;
/** Copy of an environment variable: *buf (NULL if there is none) and, unless size is NULL, its size
 *  with the final zero. Returns 0, EINVAL for a NULL argument, or ENOMEM. */
mi_decl_export int mi_dupenv_s(char** buf, size_t* size, const char* name) mi_attr_noexcept;
/** The same in wide characters; EINVAL where the system has no wide environment. */
mi_decl_export int mi_wdupenv_s(wchar_t** buf, size_t* size, const wchar_t* name) mi_attr_noexcept;
/** Copies a string of wide characters; s == NULL gives NULL. */
mi_decl_alloc wchar_t* mi_wcsdup(const wchar_t* s) mi_attr_noexcept mi_attr_malloc;
/** Copies a string of multibyte characters; s == NULL gives NULL. */
mi_decl_alloc unsigned char* mi_mbsdup(const unsigned char* s) mi_attr_noexcept mi_attr_malloc;
/** @} */

/* ---- operator new (ISO C++ 17.6.3): calls the new-handler until it succeeds or there is none;
 *      then throws std::bad_alloc, or, `_nothrow`, returns NULL. Without a C++ runtime: abort */
/** @addtogroup cpp
 *  @{ */

/** operator new(size). Never NULL. */
mi_decl_alloc void* mi_new(size_t size) mi_attr_malloc mi_attr_alloc_size(1);
/** operator new(size, alignment). Never NULL. */
mi_decl_alloc void* mi_new_aligned(size_t size, size_t alignment) mi_attr_malloc
    mi_attr_alloc_size(1) mi_attr_alloc_align(2);
/** operator new(size, nothrow). */
mi_decl_alloc void* mi_new_nothrow(size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(1);
/** operator new(size, alignment, nothrow). */
mi_decl_alloc void* mi_new_aligned_nothrow(size_t size, size_t alignment) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(1) mi_attr_alloc_align(2);
/** mi_new of an array; a product that overflows is a lack of memory. Never NULL. */
mi_decl_alloc void* mi_new_n(size_t count, size_t size) mi_attr_malloc mi_attr_alloc_size2(1, 2);
/** mi_realloc that fails as mi_new does; the old block is kept then. Never NULL. */
mi_decl_result void* mi_new_realloc(void* p, size_t newsize) mi_attr_alloc_size(2);
/** mi_new_realloc to an array of newcount * size bytes. Never NULL. */
mi_decl_result void* mi_new_reallocn(void* p, size_t newcount, size_t size)
    mi_attr_alloc_size2(2, 3);
/** mi_new in this heap. */
mi_decl_alloc void* mi_heap_alloc_new(mi_heap_t* heap, size_t size) mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_new_n in this heap. */
mi_decl_alloc void* mi_heap_alloc_new_n(mi_heap_t* heap, size_t count, size_t size) mi_attr_malloc
    mi_attr_alloc_size2(2, 3);
/** mi_new in the heap of this theap; only its own thread. */
mi_decl_alloc void* mi_theap_alloc_new(mi_theap_t* theap, size_t size) mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_new_n in the heap of this theap; only its own thread. */
mi_decl_alloc void* mi_theap_alloc_new_n(mi_theap_t* theap, size_t count, size_t size)
    mi_attr_malloc mi_attr_alloc_size2(2, 3);
/** mi_new_nothrow in the heap of this theap; only its own thread. */
mi_decl_alloc void* mi_theap_alloc_new_nothrow(mi_theap_t* theap, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(2);
/** @} */

/* ---- Process, threads, messages -------------------------------------------------------------- */
/** @addtogroup process
 *  @{ */

/** Version of the library: MI_MALLOC_VERSION of its own build. */
mi_decl_export int mi_version(void);
/** Gives unused memory of the calling thread back to the arenas; with `force` also purges the
 *  arenas, which is slow. */
mi_decl_export void mi_collect(bool force) mi_attr_noexcept;
/** Start of the process, which the first allocation does as well. This and the next three are for
 *  hosts where the system does not tell; each may be called any number of times, and the process
 *  and a thread may allocate again after their end. */
mi_decl_export void mi_process_init(void) mi_attr_noexcept;
/** End of the process: what happens at exit anyway, statistics and `destroy_on_exit`. */
mi_decl_export void mi_cdecl mi_process_done(void) mi_attr_noexcept;
/** Start of a thread, which its first allocation does as well. */
mi_decl_export void mi_thread_init(void) mi_attr_noexcept;
/** End of a thread: gives up its pages; live blocks stay valid, for other threads too. */
mi_decl_export void mi_thread_done(void) mi_attr_noexcept;
/** Hint that the calling thread belongs to a pool: it keeps less memory between tasks. */
mi_decl_export void mi_thread_set_in_threadpool(void) mi_attr_noexcept;

/** Sets the function that slow paths call now and then. Registered functions, this and the next
 *  two, hold for the whole process; NULL restores the default. `arg` is passed on.
 *
 *  Messages of before the registration are not kept: they have gone to standard error, where also
 *  those go that arise while the library holds a lock of its own. Then no error function is called
 *  either, but the call that fails ends with an error of its own, which reaches it. */
mi_decl_export void mi_register_deferred_free(mi_deferred_free_fun* deferred_free,
                                              void* arg) mi_attr_noexcept;
/** Sets the function that gets messages instead of standard error. */
mi_decl_export void mi_register_output(mi_output_fun* out, void* arg) mi_attr_noexcept;
/** Sets the function that is called for each error, after its message. */
mi_decl_export void mi_register_error(mi_error_fun* fun, void* arg);

/** Prints version and options to standard error. This and the next ones print there, or, `_out`, to
 *  a function, with out == NULL to standard error too. None of them allocates. */
mi_decl_export void mi_options_print(void) mi_attr_noexcept;
/** mi_options_print to a function. */
mi_decl_export void mi_options_print_out(mi_output_fun* out, void* arg) mi_attr_noexcept;
/** Prints times, memory and page faults of the process. */
mi_decl_export void mi_process_info_print(void) mi_attr_noexcept;
/** mi_process_info_print to a function. */
mi_decl_export void mi_process_info_print_out(mi_output_fun* out, void* arg) mi_attr_noexcept;
/** Prints what was allocated, and what was taken from the system. */
mi_decl_export void mi_stats_print_out(mi_output_fun* out, void* arg) mi_attr_noexcept;
/** Times in milliseconds, memory in bytes; each pointer may be NULL. */
mi_decl_export void mi_process_info(size_t* elapsed_msecs, size_t* user_msecs, size_t* system_msecs,
                                    size_t* current_rss, size_t* peak_rss, size_t* current_commit,
                                    size_t* peak_commit, size_t* page_faults) mi_attr_noexcept;
/** True if the C runtime's own malloc was redirected here at load time (Windows). */
mi_decl_result bool mi_is_redirected(void) mi_attr_noexcept;
/** @} */

/* ---- Options: also read from the environment, MIMALLOC_<NAME>, at the start ------------------ */
/** @addtogroup options
 *  @{ */

/** Positions are ABI: append only. "deprecated" ones are accepted and have no effect. */
typedef enum mi_option_e {
  mi_option_show_errors,                    /**< 0: print error messages (1 in debug builds) */
  mi_option_show_stats,                     /**< 1: print statistics at exit */
  mi_option_verbose,                        /**< 2: print verbose messages, up to 3 */
  mi_option_deprecated_eager_commit,        /**< 3 */
  mi_option_arena_eager_commit,             /**< 4: 1 commits arenas at once, 2 if OS overcommits */
  mi_option_purge_decommits,                /**< 5: 1 purges by decommit, 0 by reset */
  mi_option_allow_large_os_pages,           /**< 6: use 2 or 4 MiB OS pages */
  mi_option_reserve_huge_os_pages,          /**< 7: number of 1 GiB OS pages to reserve at start */
  mi_option_reserve_huge_os_pages_at,       /**< 8: NUMA node for them, -1 all */
  mi_option_reserve_os_memory,              /**< 9: KiB to reserve at start */
  mi_option_deprecated_segment_cache,       /**< 10 */
  mi_option_deprecated_page_reset,          /**< 11 */
  mi_option_deprecated_abandoned_page_purge, /**< 12 */
  mi_option_deprecated_segment_reset,       /**< 13 */
  mi_option_deprecated_eager_commit_delay,  /**< 14 */
  mi_option_purge_delay,                    /**< 15: ms until unused memory is purged, -1 never */
  mi_option_use_numa_nodes,                 /**< 16: number of NUMA nodes to use, 0 all */
  mi_option_disallow_os_alloc,              /**< 17: 1 uses reserved arenas only */
  mi_option_os_tag,                         /**< 18: tag of mappings on macOS */
  mi_option_max_errors,                     /**< 19: error messages before silence */
  mi_option_max_warnings,                   /**< 20: warnings before silence */
  mi_option_deprecated_max_segment_reclaim, /**< 21 */
  mi_option_destroy_on_exit,                /**< 22: 1 frees all memory at process exit */
  mi_option_arena_reserve,                  /**< 23: KiB of address space an arena takes */
  mi_option_arena_purge_mult,               /**< 24: purge delay of arenas, times purge_delay */
  mi_option_deprecated_purge_extend_delay,  /**< 25 */
  mi_option_disallow_arena_alloc,           /**< 26: 1 asks the OS for each page */
  mi_option_retry_on_oom,                   /**< 27: ms to retry when out of memory (Windows) */
  mi_option_deprecated_visit_abandoned,     /**< 28 */
  mi_option_guarded_min,                    /**< 29: smallest size for guard pages */
  mi_option_guarded_max,                    /**< 30: largest size for guard pages */
  mi_option_unsafe_guarded_precise,         /**< 31: block ends at the guard page, unaligned */
  mi_option_guarded_sample_rate,            /**< 32: one of so many blocks is guarded, 0 none */
  mi_option_guarded_sample_seed,            /**< 33: seed for that choice, 0 random */
  mi_option_generic_collect,                /**< 34: slow paths between two collections */
  mi_option_page_reclaim_on_free,           /**< 35: free reclaims: -1 never, 0 own, 1 any heap */
  mi_option_page_full_retain,               /**< 36: pages of a class kept when they run full */
  mi_option_page_max_candidates,            /**< 37: pages looked at for the fullest one */
  mi_option_max_vabits,                     /**< 38: bits of an address, 0 detect */
  mi_option_pagemap_commit,                 /**< 39: 1 commits the page map at once */
  mi_option_page_commit_on_demand,          /**< 40: 1 commits within a page step by step */
  mi_option_page_max_reclaim,               /**< 41: pages reclaimed in own heap, -1 no limit */
  mi_option_page_cross_thread_max_reclaim,  /**< 42: pages reclaimed from other threads */
  mi_option_allow_thp,                      /**< 43: 1 leaves huge pages to the OS, 0 forbids */
  mi_option_arena_purge_min_size,           /**< 44: KiB, smallest range to purge, 0 automatic */
  mi_option_arena_max_object_size,          /**< 45: KiB, larger blocks come from the OS */
  mi_option_arena_is_numa_local,            /**< 46: 1 binds arenas to NUMA nodes */
  mi_option_stats_merge_on_collect,         /**< 47: 1 merges statistics at each collection */
  mi_option_profile_alloc_interval,         /**< 48: bytes allocated between two snapshots */
  mi_option_profile_inuse_interval,         /**< 49: bytes of growth between two snapshots */
  mi_option_profile_time_interval,          /**< 50: seconds between two snapshots */
  mi_option_profile_sample_rate,            /**< 51: bytes between two samples */
  mi_option_stats_merge_threshold,          /**< 52: bytes allocated between two merges */
  mi_option_arena_purge_immediate_size,     /**< 53: KiB, larger ranges are purged at once */
  _mi_option_last,
  mi_option_large_os_pages = mi_option_allow_large_os_pages,
  mi_option_eager_region_commit = mi_option_arena_eager_commit,
  mi_option_reset_decommits = mi_option_purge_decommits,
  mi_option_reset_delay = mi_option_purge_delay,
  mi_option_limit_os_alloc = mi_option_disallow_os_alloc,
  mi_option_minimal_purge_size = mi_option_arena_purge_min_size
} mi_option_t;

/** Value, in the unit of the option; 0 for an option that does not exist. */
mi_decl_result long mi_option_get(mi_option_t option);
/** mi_option_get, but at least `min` and at most `max`. */
mi_decl_result long mi_option_get_clamp(mi_option_t option, long min, long max);
/** Value in bytes, also for options kept in KiB; 0 for a negative value. */
mi_decl_result size_t mi_option_get_size(mi_option_t option);
/** True if the value is not 0. */
mi_decl_result bool mi_option_is_enabled(mi_option_t option);
/** Sets a value. Most options matter only at the start: set them before the first allocation, or in
 *  the environment. */
mi_decl_export void mi_option_set(mi_option_t option, long value);
/** mi_option_set, if neither the environment nor a call has set the option. */
mi_decl_export void mi_option_set_default(mi_option_t option, long value);
/** Sets an option to 1. */
mi_decl_export void mi_option_enable(mi_option_t option);
/** Sets an option to 0. */
mi_decl_export void mi_option_disable(mi_option_t option);
/** Sets an option to 1 or 0. */
mi_decl_export void mi_option_set_enabled(mi_option_t option, bool enable);
/** mi_option_set_enabled, if neither the environment nor a call has set the option. */
mi_decl_export void mi_option_set_enabled_default(mi_option_t option, bool enable);
/** @} */

/* ---- First-class heaps: the functions without `heap` use mi_heap_main() ---------------------- */
/** @addtogroup heaps
 *  @{ */

/** Makes a heap. NULL, with errno ENOMEM, if there is no memory. */
mi_decl_result mi_heap_t* mi_heap_new(void);
/** Makes a heap that takes memory from one arena only; arena_id NULL is any arena. NULL, with errno
 *  ENOMEM, if there is no memory. */
mi_decl_result mi_heap_t* mi_heap_new_in_arena(mi_arena_id_t arena_id);
/** Ends a heap; its live blocks move to the main heap. No thread may use the heap any more. NULL
 *  does nothing; the main heap has no end: an error message, and nothing. */
mi_decl_export void mi_heap_delete(mi_heap_t* heap);
/** Ends a heap and frees all its blocks at once: neither may be used any more, by any thread. NULL
 *  and the main heap as in mi_heap_delete. */
mi_decl_export void mi_heap_destroy(mi_heap_t* heap);
/** mi_collect for the calling thread's part of a heap; NULL does nothing. See mi_heap_new_qsbr. */
mi_decl_export void mi_heap_collect(mi_heap_t* heap, bool force);
/** New memory of the heap comes from that NUMA node if it has any, and else from others; -1 is any
 *  node. Without effect on machines with one node. */
mi_decl_export void mi_heap_set_numa_affinity(mi_heap_t* heap, int numa_node);
/** A heap for objects that may be read, without a lock, for a while after they were freed
 *  (quiescent-state based reclamation): the memory of a freed block stays readable, and serves only
 *  blocks of the same size class of this heap, until mi_heap_collect(heap, true) is called, at a
 *  moment when nobody reads freed objects, or the heap ends. The first word of a freed block is
 *  overwritten (of checked builds: the first two). NULL, errno ENOMEM, if there is no memory. */
mi_decl_result mi_heap_t* mi_heap_new_qsbr(void);
/** Debug builds fill blocks that are handed out or freed with a pattern; in this heap they leave
 *  the first `preserve` bytes as they were, except for the words that mi_heap_new_qsbr names, for
 *  programs that read freed objects. To be set before the heap is used. */
mi_decl_export void mi_heap_set_debug_fill_preserve(mi_heap_t* heap, size_t preserve);
/** The heap of plain mi_malloc, which has no end. Never NULL. */
mi_decl_result mi_heap_t* mi_heap_main(void);
/** Heap of a block; NULL for NULL and for memory of others. */
mi_decl_result mi_heap_t* mi_heap_of(const void* p);
/** True if a block of this heap is at `p`, which may be any address. */
mi_decl_result bool mi_heap_contains(const mi_heap_t* heap, const void* p);
/** True if a block of this allocator is at `p`, which may be any address. */
mi_decl_result bool mi_any_heap_contains(const void* p);
/** The calling thread's part of a heap, made if need be; NULL if there is no memory for it. */
mi_decl_export mi_theap_t* mi_heap_theap(mi_heap_t* heap);

/** mi_malloc in this heap. */
mi_decl_alloc void* mi_heap_malloc(mi_heap_t* heap, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_zalloc in this heap. */
mi_decl_alloc void* mi_heap_zalloc(mi_heap_t* heap, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_calloc in this heap. */
mi_decl_alloc void* mi_heap_calloc(mi_heap_t* heap, size_t count, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size2(2, 3);
/** mi_mallocn in this heap. */
mi_decl_alloc void* mi_heap_mallocn(mi_heap_t* heap, size_t count, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size2(2, 3);
/** mi_malloc_small in this heap. */
mi_decl_alloc void* mi_heap_malloc_small(mi_heap_t* heap, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(2);
/** mi_zalloc_small in this heap. */
mi_decl_alloc void* mi_heap_zalloc_small(mi_heap_t* heap, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(2);
/** Resizes; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_realloc(mi_heap_t* heap, void* p, size_t newsize) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** mi_heap_realloc to an array of count * size bytes. */
mi_decl_result void* mi_heap_reallocn(mi_heap_t* heap, void* p, size_t count, size_t size)
    mi_attr_noexcept mi_attr_alloc_size2(3, 4);
/** mi_heap_realloc that frees `p` if it fails. */
mi_decl_result void* mi_heap_reallocf(mi_heap_t* heap, void* p, size_t newsize) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** mi_rezalloc; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_rezalloc(mi_heap_t* heap, void* p, size_t newsize) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** mi_recalloc; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_recalloc(mi_heap_t* heap, void* p, size_t newcount, size_t size)
    mi_attr_noexcept mi_attr_alloc_size2(3, 4);
/** mi_strdup in this heap. */
mi_decl_alloc char* mi_heap_strdup(mi_heap_t* heap, const char* s) mi_attr_noexcept mi_attr_malloc;
/** mi_strndup in this heap. */
mi_decl_alloc char* mi_heap_strndup(mi_heap_t* heap, const char* s, size_t n) mi_attr_noexcept
    mi_attr_malloc;
/** mi_realpath in this heap. */
mi_decl_alloc char* mi_heap_realpath(mi_heap_t* heap, const char* fname,
                                     char* resolved_name) mi_attr_noexcept;

/** mi_malloc_aligned in this heap. */
mi_decl_alloc void* mi_heap_malloc_aligned(mi_heap_t* heap, size_t size, size_t alignment)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(2) mi_attr_alloc_align(3);
/** mi_malloc_aligned_at in this heap. */
mi_decl_alloc void* mi_heap_malloc_aligned_at(mi_heap_t* heap, size_t size, size_t alignment,
                                              size_t offset) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_zalloc_aligned in this heap. */
mi_decl_alloc void* mi_heap_zalloc_aligned(mi_heap_t* heap, size_t size, size_t alignment)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(2) mi_attr_alloc_align(3);
/** mi_zalloc_aligned_at in this heap. */
mi_decl_alloc void* mi_heap_zalloc_aligned_at(mi_heap_t* heap, size_t size, size_t alignment,
                                              size_t offset) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_calloc_aligned in this heap. */
mi_decl_alloc void* mi_heap_calloc_aligned(mi_heap_t* heap, size_t count, size_t size,
                                           size_t alignment) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size2(2, 3) mi_attr_alloc_align(4);
/** mi_calloc_aligned_at in this heap. */
mi_decl_alloc void* mi_heap_calloc_aligned_at(mi_heap_t* heap, size_t count, size_t size,
                                              size_t alignment, size_t offset) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size2(2, 3);
/** mi_realloc_aligned; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_realloc_aligned(mi_heap_t* heap, void* p, size_t newsize,
                                             size_t alignment) mi_attr_noexcept
    mi_attr_alloc_size(3) mi_attr_alloc_align(4);
/** mi_realloc_aligned_at; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_realloc_aligned_at(mi_heap_t* heap, void* p, size_t newsize,
                                                size_t alignment, size_t offset) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** mi_rezalloc_aligned; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_rezalloc_aligned(mi_heap_t* heap, void* p, size_t newsize,
                                              size_t alignment) mi_attr_noexcept
    mi_attr_alloc_size(3) mi_attr_alloc_align(4);
/** mi_rezalloc_aligned_at; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_rezalloc_aligned_at(mi_heap_t* heap, void* p, size_t newsize,
                                                 size_t alignment, size_t offset) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** mi_recalloc_aligned; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_recalloc_aligned(mi_heap_t* heap, void* p, size_t newcount,
                                              size_t size, size_t alignment) mi_attr_noexcept
    mi_attr_alloc_size2(3, 4) mi_attr_alloc_align(5);
/** mi_recalloc_aligned_at; if the block moves, it moves into this heap. */
mi_decl_result void* mi_heap_recalloc_aligned_at(mi_heap_t* heap, void* p, size_t newcount,
                                                 size_t size, size_t alignment, size_t offset)
    mi_attr_noexcept mi_attr_alloc_size2(3, 4);
/** @} */

/* ---- Visiting: no other thread may use the heap meanwhile ------------------------------------ */
/** @addtogroup visiting
 *  @{ */

/** Calls `visitor` for each area and, with visit_blocks, for each live block in it. False if the
 *  visitor stopped it or there was no memory. */
mi_decl_export bool mi_heap_visit_blocks(mi_heap_t* heap, bool visit_blocks,
                                         mi_block_visit_fun* visitor, void* arg);
/** The same for pages whose thread has ended. */
mi_decl_export bool mi_heap_visit_abandoned_blocks(mi_heap_t* heap, bool visit_blocks,
                                                   mi_block_visit_fun* visitor, void* arg);
/** True if less than `perc_threshold` percent of the block's page is used: moving the block away
 *  could empty it. False for a block of another heap. The caller owns the block's page. */
mi_decl_export bool mi_unsafe_heap_page_is_under_utilized(mi_heap_t* heap, void* p,
                                                          size_t perc_threshold) mi_attr_noexcept;
/** @} */

/* ---- Arenas ---------------------------------------------------------------------------------- */
/** @addtogroup arenas
 *  @{ */

/** Reserves 1 GiB OS pages, spread evenly over NUMA nodes (0: all). Gives up after timeout_msecs
 *  (0: no limit). The administrator sets such pages aside; they are never given back. Returns 0, or
 *  ENOMEM or ETIMEDOUT, also in errno, if not all could be had: those that could are used. */
mi_decl_export int mi_reserve_huge_os_pages_interleave(size_t pages, size_t numa_nodes,
                                                       size_t timeout_msecs) mi_attr_noexcept;
/** Reserves 1 GiB OS pages at one NUMA node (-1: any). Otherwise as
 *  mi_reserve_huge_os_pages_interleave. */
mi_decl_export int mi_reserve_huge_os_pages_at(size_t pages, int numa_node,
                                               size_t timeout_msecs) mi_attr_noexcept;
/** mi_reserve_huge_os_pages_at that tells the id of the arena, or NULL if there is none.
 *  `exclusive`: only heaps made with mi_heap_new_in_arena use it. arena_id may be NULL. */
mi_decl_export int mi_reserve_huge_os_pages_at_ex(size_t pages, int numa_node, size_t timeout_msecs,
                                                  bool exclusive,
                                                  mi_arena_id_t* arena_id) mi_attr_noexcept;
/** Reserves an arena of at least `size` bytes; `commit`: with memory at once. Returns 0, or ENOMEM,
 *  as errno is then. */
mi_decl_export int mi_reserve_os_memory(size_t size, bool commit,
                                        bool allow_large) mi_attr_noexcept;
/** mi_reserve_os_memory that tells the id of the arena, NULL if it fails. `exclusive`: only heaps
 *  made with mi_heap_new_in_arena use it. arena_id may be NULL. */
mi_decl_export int mi_reserve_os_memory_ex(size_t size, bool commit, bool allow_large,
                                           bool exclusive,
                                           mi_arena_id_t* arena_id) mi_attr_noexcept;
/** Makes memory of the caller an arena, for good. It is at least mi_arena_min_size() bytes after
 *  its start is rounded up to mi_arena_min_alignment(). `is_pinned`: it cannot be decommitted.
 *  `is_zero`: all of it is zero. numa_node -1: any. False, with a warning, if it cannot be one. */
mi_decl_export bool mi_manage_os_memory(void* start, size_t size, bool is_committed, bool is_pinned,
                                        bool is_zero, int numa_node) mi_attr_noexcept;
/** mi_manage_os_memory that tells the id of the arena, NULL if it fails. `exclusive`: only heaps
 *  made with mi_heap_new_in_arena use it. arena_id may be NULL. */
mi_decl_export bool mi_manage_os_memory_ex(void* start, size_t size, bool is_committed,
                                           bool is_pinned, bool is_zero, int numa_node,
                                           bool exclusive,
                                           mi_arena_id_t* arena_id) mi_attr_noexcept;
/** mi_manage_os_memory_ex; `commit_fun` commits and decommits the memory (experimental). NULL: the
 *  system does. */
mi_decl_export bool mi_manage_memory(void* start, size_t size, bool is_committed, bool is_pinned,
                                     bool is_zero, int numa_node, bool exclusive,
                                     mi_commit_fun_t* commit_fun, void* commit_fun_arg,
                                     mi_arena_id_t* arena_id) mi_attr_noexcept;
/** Bytes to which the start of managed memory is rounded up. */
mi_decl_export size_t mi_arena_min_alignment(void);
/** Fewest bytes that can be an arena, from its rounded start on. */
mi_decl_export size_t mi_arena_min_size(void);
/** Bytes; larger blocks do not come from arenas. */
mi_decl_export size_t mi_arena_max_object_size(void);
/** Start of an arena; *size, unless NULL, gets its bytes. NULL and 0 for arena_id NULL. */
mi_decl_export void* mi_arena_area(mi_arena_id_t arena_id, size_t* size);
/** True if `p`, any address, lies in the arena; arena_id NULL: in any arena. */
mi_decl_export bool mi_arena_contains(mi_arena_id_t arena_id, const void* p);
/** Purges all unused memory of the arenas now. */
mi_decl_export void mi_arenas_purge(void) mi_attr_noexcept;
/** Prints a map of the arenas of the current sub-process, a character for each slice (64 KiB; 16
 *  KiB on 32-bit machines), to standard error or what mi_register_output names. */
mi_decl_export void mi_arenas_print(void) mi_attr_noexcept;
/** mi_arenas_print, by its former name. */
mi_decl_export void mi_debug_show_arenas(void) mi_attr_noexcept;
/** @} */

/* ---- Sub-processes --------------------------------------------------------------------------- */
/** @addtogroup subprocs
 *  @{ */

/** The process itself: where each thread starts. */
mi_decl_export mi_subproc_id_t mi_subproc_main(void);
/** The sub-process of the calling thread. */
mi_decl_export mi_subproc_id_t mi_subproc_current(void);
/** A new one, with arenas and a main heap of its own. `_mi_subproc_id` is NULL, errno ENOMEM, if
 *  there is no memory; the functions below ignore such an id. */
mi_decl_export mi_subproc_id_t mi_subproc_new(void);
/** Frees all its memory, and ends its heaps; no other thread of it runs and no block of it is used
 *  any more. The calling thread, if it is one of it, goes back to the main sub-process. The main
 *  sub-process has no end: EINVAL is reported, and nothing happens. */
mi_decl_export void mi_subproc_destroy(mi_subproc_id_t subproc);
/** From now on the calling thread allocates, and makes heaps and arenas, in the sub-process; what
 *  it allocated before stays where it is. Errno is ENOMEM, and nothing changes, without memory. */
mi_decl_export void mi_subproc_add_current_thread(mi_subproc_id_t subproc);
/** Visits the heaps that have not ended, the main heap among them, until the visitor returns false;
 *  false then, or if there is no such sub-process. The visitor may make and end heaps. */
mi_decl_export bool mi_subproc_visit_heaps(mi_subproc_id_t subproc, mi_heap_visit_fun* visitor,
                                           void* arg);
/** @} */

/* ---- Thread-local heaps: only the thread that a theap belongs to may use it ------------------ */
/** @addtogroup theaps
 *  @{ */

/** Sets the theap that plain mi_malloc uses in this thread, and returns the one before; NULL
 *  changes nothing. When its heap ends, mi_malloc uses the main heap again. */
mi_decl_export mi_theap_t* mi_theap_set_default(mi_theap_t* theap);
/** The theap that plain mi_malloc uses in the calling thread, made if need be; NULL if there is no
 *  memory for it. */
mi_decl_export mi_theap_t* mi_theap_get_default(void);
/** mi_collect for this theap; NULL does nothing. */
mi_decl_export void mi_theap_collect(mi_theap_t* theap, bool force) mi_attr_noexcept;
/** Ends a theap of the calling thread; live blocks stay valid, with no owner. That of a main heap
 *  gives up its pages and stays, since malloc needs it. */
mi_decl_export void mi_theap_delete(mi_theap_t* theap) mi_attr_noexcept;
/** Gives up all pages of a theap, for a thread that will sleep long: others may use them, and free
 *  what is free. Live blocks stay valid, and the theap can be used again. The calling thread is its
 *  own, or its own is outside of all functions of this library until the call returns. */
mi_decl_export void mi_theap_quiescent_abandon(mi_theap_t* theap) mi_attr_noexcept;

/** mi_malloc through this theap. */
mi_decl_alloc void* mi_theap_malloc(mi_theap_t* theap, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_zalloc through this theap. */
mi_decl_alloc void* mi_theap_zalloc(mi_theap_t* theap, size_t size) mi_attr_noexcept mi_attr_malloc
    mi_attr_alloc_size(2);
/** mi_calloc through this theap. */
mi_decl_alloc void* mi_theap_calloc(mi_theap_t* theap, size_t count, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size2(2, 3);
/** mi_malloc_small through this theap. */
mi_decl_alloc void* mi_theap_malloc_small(mi_theap_t* theap, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(2);
/** mi_zalloc_small through this theap. */
mi_decl_alloc void* mi_theap_zalloc_small(mi_theap_t* theap, size_t size) mi_attr_noexcept
    mi_attr_malloc mi_attr_alloc_size(2);
/** mi_malloc_aligned through this theap. */
mi_decl_alloc void* mi_theap_malloc_aligned(mi_theap_t* theap, size_t size, size_t alignment)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(2) mi_attr_alloc_align(3);
/** mi_zalloc_aligned through this theap. */
mi_decl_alloc void* mi_theap_zalloc_aligned(mi_theap_t* theap, size_t size, size_t alignment)
    mi_attr_noexcept mi_attr_malloc mi_attr_alloc_size(2) mi_attr_alloc_align(3);
/** mi_realloc; if the block moves, it comes from this theap. */
mi_decl_result void* mi_theap_realloc(mi_theap_t* theap, void* p, size_t newsize) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** mi_rezalloc; if the block moves, it comes from this theap. */
mi_decl_result void* mi_theap_rezalloc(mi_theap_t* theap, void* p, size_t newsize) mi_attr_noexcept
    mi_attr_alloc_size(3);
/** One of `sample_rate` blocks of a size within the bounds gets a guard page behind it, 0 none;
 *  seed 0 is a random one. In place of the options guarded_*, for this theap, from its next block
 *  on. */
mi_decl_export void mi_theap_guarded_set_sample_rate(mi_theap_t* theap, size_t sample_rate,
                                                     size_t seed);
/** Sizes in bytes that may get a guard page, for this theap. */
mi_decl_export void mi_theap_guarded_set_size_bound(mi_theap_t* theap, size_t min, size_t max);
/** @} */

/* ---- Sizes known at compile time ------------------------------------------------------------- */
/** @addtogroup csize
 *  @{ */

/** Small allocation by size in words; the caller promises wsize <= MI_SMALL_WSIZE_MAX. */
mi_decl_alloc void* mi_wmalloc_small(size_t wsize) mi_attr_noexcept mi_attr_malloc;
/** mi_wmalloc_small, zeroed. */
mi_decl_alloc void* mi_wzalloc_small(size_t wsize) mi_attr_noexcept mi_attr_malloc;
/** mi_wmalloc_small through this theap; only its own thread. */
mi_decl_alloc void* mi_theap_wmalloc_small(mi_theap_t* theap, size_t wsize) mi_attr_noexcept
    mi_attr_malloc;
/** mi_wzalloc_small through this theap; only its own thread. */
mi_decl_alloc void* mi_theap_wzalloc_small(mi_theap_t* theap, size_t wsize) mi_attr_noexcept
    mi_attr_malloc;

/** Words that hold `size` bytes. */
static inline size_t mi_wsize_from_size(size_t size) mi_attr_noexcept {
  return size / sizeof(size_t) + (size % sizeof(size_t) != 0);
}

/** mi_malloc; with a constant size the branch of this and the next ones falls away in the
 *  compiler. */
static inline void* mi_malloc_csize(size_t size) mi_attr_noexcept {
  return size > MI_SMALL_SIZE_MAX ? mi_malloc(size) : mi_wmalloc_small(mi_wsize_from_size(size));
}

/** mi_malloc_csize, zeroed. */
static inline void* mi_zalloc_csize(size_t size) mi_attr_noexcept {
  return size > MI_SMALL_SIZE_MAX ? mi_zalloc(size) : mi_wzalloc_small(mi_wsize_from_size(size));
}

/** mi_malloc_csize through this theap; only its own thread. */
static inline void* mi_theap_malloc_csize(mi_theap_t* theap, size_t size) mi_attr_noexcept {
  assert(theap != NULL);
  return size > MI_SMALL_SIZE_MAX ? mi_theap_malloc(theap, size)
                                  : mi_theap_wmalloc_small(theap, mi_wsize_from_size(size));
}

/** mi_zalloc_csize through this theap; only its own thread. */
static inline void* mi_theap_zalloc_csize(mi_theap_t* theap, size_t size) mi_attr_noexcept {
  assert(theap != NULL);
  return size > MI_SMALL_SIZE_MAX ? mi_theap_zalloc(theap, size)
                                  : mi_theap_wzalloc_small(theap, mi_wsize_from_size(size));
}

/** Frees a block of that size; NULL does nothing. */
static inline void mi_free_csize(void* p, size_t size) mi_attr_noexcept {
  if (size > MI_SMALL_SIZE_MAX) { mi_free(p); } else { mi_free_small(p); }
}

/** mi_free_csize of a pointer that is not NULL. */
static inline void mi_free_csize_nonnull(void* p, size_t size) mi_attr_noexcept {
  assert(p != NULL);
  if (size > MI_SMALL_SIZE_MAX) { mi_free(p); } else { mi_free_small_nonnull(p); }
}

/** mi_free_csize of a block that was allocated with that alignment. */
static inline void mi_free_csize_aligned(void* p, size_t size, size_t alignment) mi_attr_noexcept {
  if (alignment > size) { mi_free(p); } else { mi_free_csize(p, size); }
}

/** mi_free_csize_aligned of a pointer that is not NULL. */
static inline void mi_free_csize_aligned_nonnull(void* p, size_t size,
                                                 size_t alignment) mi_attr_noexcept {
  if (alignment > size) { mi_free(p); } else { mi_free_csize_nonnull(p, size); }
}
/** @} */

/* ---- Typed macros: the type comes first ------------------------------------------------------ */
/** @addtogroup typed
 *  @{ */

/** mi_malloc of the size of `tp`, as a pointer to it. */
#define mi_malloc_tp(tp) ((tp*)mi_malloc_csize(sizeof(tp)))
/** mi_zalloc of the size of `tp`. */
#define mi_zalloc_tp(tp) ((tp*)mi_zalloc_csize(sizeof(tp)))
/** mi_calloc of `n` of them. */
#define mi_calloc_tp(tp, n) ((tp*)mi_calloc(n, sizeof(tp)))
/** mi_mallocn of `n` of them. */
#define mi_mallocn_tp(tp, n) ((tp*)mi_mallocn(n, sizeof(tp)))
/** mi_free of a block of that type. */
#define mi_free_tp(tp, p) (mi_free_csize(p, sizeof(tp)))
#if defined(MI_V2_API) /* version 2 has the type in the middle */
#define mi_reallocn_tp(p, tp, n) ((tp*)mi_reallocn(p, n, sizeof(tp)))
#define mi_recalloc_tp(p, tp, n) ((tp*)mi_recalloc(p, n, sizeof(tp)))
#define mi_heap_malloc_tp(hp, tp) ((tp*)mi_heap_malloc(hp, sizeof(tp)))
#define mi_heap_zalloc_tp(hp, tp) ((tp*)mi_heap_zalloc(hp, sizeof(tp)))
#define mi_heap_calloc_tp(hp, tp, n) ((tp*)mi_heap_calloc(hp, n, sizeof(tp)))
#define mi_heap_mallocn_tp(hp, tp, n) ((tp*)mi_heap_mallocn(hp, n, sizeof(tp)))
#define mi_heap_reallocn_tp(hp, p, tp, n) ((tp*)mi_heap_reallocn(hp, p, n, sizeof(tp)))
#define mi_heap_recalloc_tp(hp, p, tp, n) ((tp*)mi_heap_recalloc(hp, p, n, sizeof(tp)))
#else
/** mi_reallocn to `n` of them; with MI_V2_API the type is the second argument. */
#define mi_reallocn_tp(tp, p, n) ((tp*)mi_reallocn(p, n, sizeof(tp)))
/** mi_recalloc to `n` of them; with MI_V2_API the type is the second argument. */
#define mi_recalloc_tp(tp, p, n) ((tp*)mi_recalloc(p, n, sizeof(tp)))
/** mi_malloc_tp in a heap; with MI_V2_API the heap comes first, also in the next ones. */
#define mi_heap_malloc_tp(tp, hp) ((tp*)mi_heap_malloc(hp, sizeof(tp)))
/** mi_zalloc_tp in a heap. */
#define mi_heap_zalloc_tp(tp, hp) ((tp*)mi_heap_zalloc(hp, sizeof(tp)))
/** mi_calloc_tp in a heap. */
#define mi_heap_calloc_tp(tp, hp, n) ((tp*)mi_heap_calloc(hp, n, sizeof(tp)))
/** mi_mallocn_tp in a heap. */
#define mi_heap_mallocn_tp(tp, hp, n) ((tp*)mi_heap_mallocn(hp, n, sizeof(tp)))
/** mi_reallocn_tp in a heap; MI_V2_API: heap, block, type, count. */
#define mi_heap_reallocn_tp(tp, hp, p, n) ((tp*)mi_heap_reallocn(hp, p, n, sizeof(tp)))
/** mi_recalloc_tp in a heap; MI_V2_API: heap, block, type, count. */
#define mi_heap_recalloc_tp(tp, hp, p, n) ((tp*)mi_heap_recalloc(hp, p, n, sizeof(tp)))
#endif
/** @} */

/* ---- Deprecated: here so that old programs build --------------------------------------------- */
/** @addtogroup deprecated
 *  @{ */

/** True if a block of this allocator is at `p`. Use mi_any_heap_contains. */
mi_decl_export bool mi_check_owned(const void* p);
/** True if `p`, any address, lies in memory of this allocator. Use mi_any_heap_contains. */
mi_decl_result bool mi_is_in_heap_region(const void* p) mi_attr_noexcept;
/** Use mi_heap_visit_blocks. */
mi_decl_export bool mi_theap_visit_blocks(const mi_theap_t* theap, bool visit_blocks,
                                          mi_block_visit_fun* visitor, void* arg);
/** Use mi_reserve_huge_os_pages_interleave. */
mi_decl_export int mi_reserve_huge_os_pages(size_t pages, double max_secs,
                                            size_t* pages_reserved) mi_attr_noexcept;
/** Use mi_collect. */
mi_decl_export void mi_collect_reduce(size_t target_thread_owned) mi_attr_noexcept;
/** Use mi_stats_print_out; `out` is ignored. */
mi_decl_export void mi_stats_print(void* out) mi_attr_noexcept;
/** Use mi_stats_print_out. */
mi_decl_export void mi_thread_stats_print_out(mi_output_fun* out, void* arg) mi_attr_noexcept;
/** Peaks and totals start anew; what is in use stays counted. */
mi_decl_export void mi_stats_reset(void) mi_attr_noexcept;
/** Adds what the calling thread has counted to the statistics of the process. */
mi_decl_export void mi_stats_merge(void) mi_attr_noexcept;
/** @} */

/* ---- Version 2: names for programs written for it, behind MI_V2_API ------------------------- */
/** @addtogroup v2
 *  @{ */

#if defined(MI_V2_API) || defined(DOXYGEN)
/** Heap that plain mi_malloc uses in the calling thread; mi_heap_main() at first. Never NULL. */
mi_decl_export mi_heap_t* mi_heap_get_default(void);
/** Sets it for the calling thread and returns the one before; NULL changes nothing, and neither
 *  does a heap for which there is no memory in this thread. When the heap ends, the default is
 *  mi_heap_main() again. */
mi_decl_export mi_heap_t* mi_heap_set_default(mi_heap_t* heap);
/** mi_heap_main(): one for all threads, where version 2 had one for each. */
mi_decl_export mi_heap_t* mi_heap_get_backing(void);
/** mi_heap_new_in_arena; arena_id NULL is any. `heap_tag` has no meaning any more. With
 *  allow_destroy false mi_heap_destroy of this heap means mi_heap_delete. */
mi_decl_export mi_heap_t* mi_heap_new_ex(int heap_tag, bool allow_destroy, mi_arena_id_t arena_id);
/** mi_heap_contains. */
mi_decl_export bool mi_heap_contains_block(mi_heap_t* heap, const void* p);
/** mi_heap_contains; `p` may be any address. */
mi_decl_export bool mi_heap_check_owned(mi_heap_t* heap, const void* p);
/** mi_heap_visit_abandoned_blocks for each heap of a sub-process. `heap_tag` has no meaning any
 *  more. */
mi_decl_export bool mi_abandoned_visit_blocks(mi_subproc_id_t subproc_id, int heap_tag,
                                              bool visit_blocks, mi_block_visit_fun* visitor,
                                              void* arg);
/** mi_subproc_destroy. */
mi_decl_export void mi_subproc_delete(mi_subproc_id_t subproc);
/** mi_theap_guarded_set_sample_rate for the calling thread's part of the heap. */
mi_decl_export void mi_heap_guarded_set_sample_rate(mi_heap_t* heap, size_t sample_rate,
                                                    size_t seed);
/** mi_theap_guarded_set_size_bound for the calling thread's part of the heap. */
mi_decl_export void mi_heap_guarded_set_size_bound(mi_heap_t* heap, size_t min, size_t max);

/* Options under their names of 2.0 to 3.0. */
/** @cond */
#define mi_option_eager_commit mi_option_deprecated_eager_commit
#define mi_option_deprecated_eager_region_commit mi_option_arena_eager_commit
#define mi_option_deprecated_reset_decommits mi_option_purge_decommits
#define mi_option_allow_decommit mi_option_purge_decommits
#define mi_option_decommit_delay mi_option_purge_delay
#define mi_option_segment_cache mi_option_deprecated_segment_cache
#define mi_option_page_reset mi_option_deprecated_page_reset
#define mi_option_segment_reset mi_option_deprecated_segment_reset
#define mi_option_segment_decommit_delay mi_option_deprecated_segment_reset
#define mi_option_eager_commit_delay mi_option_deprecated_eager_commit_delay
#define mi_option_abandoned_page_purge mi_option_deprecated_abandoned_page_purge
#define mi_option_abandoned_page_reset mi_option_deprecated_abandoned_page_purge
#define mi_option_abandoned_page_decommit mi_option_deprecated_abandoned_page_purge
#define mi_option_max_segment_reclaim mi_option_deprecated_max_segment_reclaim
#define mi_option_target_segments_per_thread mi_option_deprecated_segment_cache
#define mi_option_purge_extend_delay mi_option_deprecated_purge_extend_delay
#define mi_option_decommit_extend_delay mi_option_deprecated_purge_extend_delay
#define mi_option_visit_abandoned mi_option_deprecated_visit_abandoned
#define mi_option_abandoned_reclaim_on_free mi_option_page_reclaim_on_free
#define mi_option_reclaim_on_free mi_option_page_reclaim_on_free
#define mi_option_guarded_precise mi_option_unsafe_guarded_precise
/** @endcond */
#endif
/** @} */

#ifdef __cplusplus
} /* extern "C" */
#endif

/* ---- C++ allocators -------------------------------------------------------------------------- */
/** @addtogroup cpp
 *  @{ */

#if defined(__cplusplus) && (__cplusplus >= 201103L || (defined(_MSC_VER) && _MSC_VER > 1900))
#define MI_HAS_HEAP_STL_ALLOCATOR 1
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

/** @cond */
/* Types with an alignment that a plain block does not have go another way. */
template <class T> struct _mi_over_aligned {
  static constexpr bool value = alignof(T) > 2 * sizeof(void*);
};

/* What the allocators share: C++11 needs none of it, containers of before C++11 and programs that
 * call the allocator directly do. */
template <class T> struct _mi_stl_allocator_common {
  using value_type = T;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using pointer = T*;
  using const_pointer = const T*;
  using reference = T&;
  using const_reference = const T&;
  using propagate_on_container_copy_assignment = std::true_type;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;

  template <class U, class... Args> void construct(U* p, Args&&... args) {
    ::new (static_cast<void*>(p)) U(std::forward<Args>(args)...);
  }
  template <class U> void destroy(U* p) noexcept { p->~U(); }
  pointer address(reference x) const noexcept { return std::addressof(x); }
  const_pointer address(const_reference x) const noexcept { return std::addressof(x); }
  size_type max_size() const noexcept { return static_cast<size_type>(PTRDIFF_MAX) / sizeof(T); }
};
/** @endcond */

/** std::allocator of this allocator: stateless, all of them equal. */
template <class T> struct mi_stl_allocator : public _mi_stl_allocator_common<T> {
  using typename _mi_stl_allocator_common<T>::size_type;
  using is_always_equal = std::true_type;
  /** The same for another type. */
  template <class U> struct rebind { using other = mi_stl_allocator<U>; };

  mi_stl_allocator() noexcept = default;
  mi_stl_allocator(const mi_stl_allocator&) noexcept = default;
  template <class U> mi_stl_allocator(const mi_stl_allocator<U>&) noexcept {}
  mi_stl_allocator& operator=(const mi_stl_allocator&) noexcept = default;
  mi_stl_allocator select_on_container_copy_construction() const { return *this; }

  /** Throws std::bad_alloc; the second argument is a hint of C++98 and means nothing. */
  mi_decl_nodiscard T* allocate(size_type count, const void* = nullptr) {
    if (!_mi_over_aligned<T>::value) { return static_cast<T*>(mi_new_n(count, sizeof(T))); }
    /* A count too large becomes a size that mi_new_aligned refuses. */
    const size_type size = count > this->max_size() ? SIZE_MAX : count * sizeof(T);
    return static_cast<T*>(mi_new_aligned(size, alignof(T)));
  }
  void deallocate(T* p, size_type) noexcept { mi_free(p); }
};

template <class T, class U>
bool operator==(const mi_stl_allocator<T>&, const mi_stl_allocator<U>&) noexcept { return true; }
template <class T, class U>
bool operator!=(const mi_stl_allocator<T>&, const mi_stl_allocator<U>&) noexcept { return false; }

/** @cond */
/* A shared heap; the last allocator that refers to it deletes or destroys it. */
template <class T, bool destroys>
struct _mi_heap_stl_allocator_common : public _mi_stl_allocator_common<T> {
  using typename _mi_stl_allocator_common<T>::size_type;
  using is_always_equal = std::false_type;

  /** The heap stays the caller's. */
  _mi_heap_stl_allocator_common(mi_heap_t* hp) : heap(hp, [](mi_heap_t*) {}) {}

  mi_decl_nodiscard T* allocate(size_type count, const void* = nullptr) {
    if (_mi_over_aligned<T>::value && count <= this->max_size()) {
      void* p = mi_heap_malloc_aligned(heap.get(), count * sizeof(T), alignof(T));
      if (p != nullptr) { return static_cast<T*>(p); }
      count = SIZE_MAX; /* so that the next line reports it */
    }
    return static_cast<T*>(mi_heap_alloc_new_n(heap.get(), count, sizeof(T)));
  }
  void collect(bool force) { mi_heap_collect(heap.get(), force); }
  template <class U>
  bool is_equal(const _mi_heap_stl_allocator_common<U, destroys>& other) const {
    return heap == other.heap;
  }

 protected:
  std::shared_ptr<mi_heap_t> heap;
  template <class U, bool d> friend struct _mi_heap_stl_allocator_common;

  _mi_heap_stl_allocator_common() : heap(mi_heap_new(), &end_heap) {}
  _mi_heap_stl_allocator_common(const _mi_heap_stl_allocator_common&) noexcept = default;
  _mi_heap_stl_allocator_common& operator=(const _mi_heap_stl_allocator_common&) = default;
  template <class U>
  _mi_heap_stl_allocator_common(const _mi_heap_stl_allocator_common<U, destroys>& other) noexcept
      : heap(other.heap) {}

 private:
  static void end_heap(mi_heap_t* hp) {
    if (hp == nullptr) { return; }
    if (destroys) { mi_heap_destroy(hp); } else { mi_heap_delete(hp); }
  }
};
/** @endcond */

/** Allocates in a heap of its own (or in a given one), which is deleted with the last copy. */
template <class T>
struct mi_heap_stl_allocator : public _mi_heap_stl_allocator_common<T, false> {
  using typename _mi_heap_stl_allocator_common<T, false>::size_type;
  /** The same for another type. */
  template <class U> struct rebind { using other = mi_heap_stl_allocator<U>; };

  mi_heap_stl_allocator() = default;
  mi_heap_stl_allocator(mi_heap_t* hp) : _mi_heap_stl_allocator_common<T, false>(hp) {}
  template <class U>
  mi_heap_stl_allocator(const mi_heap_stl_allocator<U>& other) noexcept
      : _mi_heap_stl_allocator_common<T, false>(other) {}
  mi_heap_stl_allocator select_on_container_copy_construction() const { return *this; }
  void deallocate(T* p, size_type) noexcept { mi_free(p); }
};

/** The same, but frees nothing one by one: the last copy destroys the heap. */
template <class T>
struct mi_heap_destroy_stl_allocator : public _mi_heap_stl_allocator_common<T, true> {
  using typename _mi_heap_stl_allocator_common<T, true>::size_type;
  /** The same for another type. */
  template <class U> struct rebind { using other = mi_heap_destroy_stl_allocator<U>; };

  mi_heap_destroy_stl_allocator() = default;
  mi_heap_destroy_stl_allocator(mi_heap_t* hp) : _mi_heap_stl_allocator_common<T, true>(hp) {}
  template <class U>
  mi_heap_destroy_stl_allocator(const mi_heap_destroy_stl_allocator<U>& other) noexcept
      : _mi_heap_stl_allocator_common<T, true>(other) {}
  mi_heap_destroy_stl_allocator select_on_container_copy_construction() const { return *this; }
  void deallocate(T*, size_type) noexcept {}
};

template <class T, class U>
bool operator==(const mi_heap_stl_allocator<T>& x, const mi_heap_stl_allocator<U>& y) noexcept {
  return x.is_equal(y);
}
template <class T, class U>
bool operator!=(const mi_heap_stl_allocator<T>& x, const mi_heap_stl_allocator<U>& y) noexcept {
  return !x.is_equal(y);
}
template <class T, class U>
bool operator==(const mi_heap_destroy_stl_allocator<T>& x,
                const mi_heap_destroy_stl_allocator<U>& y) noexcept {
  return x.is_equal(y);
}
template <class T, class U>
bool operator!=(const mi_heap_destroy_stl_allocator<T>& x,
                const mi_heap_destroy_stl_allocator<U>& y) noexcept {
  return !x.is_equal(y);
}
#endif

#if defined(__cplusplus) && __cplusplus >= 201703L && __has_include(<memory_resource>)
#include <memory_resource>
#if defined(__cpp_lib_memory_resource)
#define MI_HAS_MEMORY_RESOURCE 1

/** std::pmr::memory_resource over mi_new_aligned; all of them are equal. */
class mi_memory_resource : public std::pmr::memory_resource {
 protected:
  void* do_allocate(std::size_t size, std::size_t alignment) override {
    return mi_new_aligned(size, alignment);
  }
  void do_deallocate(void* p, std::size_t size, std::size_t alignment) override {
    mi_free_size_aligned(p, size, alignment);
  }
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
#if defined(__cpp_rtti)
    return dynamic_cast<const mi_memory_resource*>(&other) != nullptr;
#else
    return this == &other; /* the most that can be known without type information */
#endif
  }
};
#endif
#endif
/** @} */

#endif /* MIMALLOC_H */
