/* prim.h - everything the allocator asks of an operating system.
 *
 * One implementation per folder: prim/unix (what every Unix has), prim/linux (memory), ...  To
 * port, write these functions; nothing else in src/ may name an OS.  test/sim has one
 * more, for tests.
 *
 *   - Addresses and sizes are nonzero multiples of mim_prim_config_t.page_size.
 *   - A function returns 0 or the OS error code.  It never logs, retries, counts, or reads an
 *     option: policy belongs to os/.
 *   - Nothing here may call malloc, directly or through libc; nothing changes errno, but where it
 *     says so.
 */
#ifndef MIM_PRIM_PRIM_H
#define MIM_PRIM_PRIM_H

#include "base/compiler.h"

/* ---- memory (prim/<os>/memory.c) ---- */

typedef struct mim_prim_config {
  size_t page_size;            /* the OS page: the unit of commit                            */
  size_t reserve_align;        /* the unit of reserve: 64 KiB on Windows                     */
  size_t huge_page_size;       /* of a transparent huge page; 0: none                        */
  size_t gigantic_size;        /* of the OS pages that mim_prim_map_gigantic maps; 0: none   */
  const char* gigantic_advice; /* where there are none: what to do about it, or NULL   */
  size_t address_limit;        /* most bytes this process may map (RLIMIT_AS); 0: no limit   */
  bool overcommits;            /* reserving is free, so commit can be a no-op                */
  bool can_release_part;       /* munmap can; VirtualFree cannot                             */
  bool can_move;               /* mim_prim_move works                                        */
  bool keeps_memory;           /* what is reserved is in use, and stays so (WebAssembly): to reserve
                                  more than is needed costs, to purge is of no use           */
} mim_prim_config_t;

typedef enum mim_prim_purge {
  MIM_PURGE_RESET,   /* contents may vanish; stays accessible; still counts as committed   */
  MIM_PURGE_DECOMMIT /* contents vanish: zero after the next commit, if *needs_commit also
                        inaccessible until then                                            */
} mim_prim_purge_t;

/* What memory should be like; not every OS can be asked for it. */
typedef struct mim_prim_wish {
  size_t alignment; /* a power of two */
  int numa_node;    /* pages that are touched first come from this one, if it has any; -1: any */
  int numa_error;   /* out: why they will not; 0: they will, or were not to */
} mim_prim_wish_t;

void mim_prim_memory_config(mim_prim_config_t* config);

/* Reserves address space; committed at once if `commit`.  It holds zeros when it is committed for
 * the first time, and again after a decommit.  No memory: an error; a wish that is not heeded is
 * none. */
int mim_prim_reserve(size_t size, mim_prim_wish_t* wish, bool commit, void** base);
int mim_prim_release(void* base, size_t size);

int mim_prim_commit(void* base, size_t size);
int mim_prim_purge(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit);

/* No access at all, or full access again: for guard pages. */
int mim_prim_protect(void* base, size_t size, bool is_accessible);

/* Asks for transparent huge pages in the range, or forbids them. */
int mim_prim_advise_huge(void* base, size_t size, bool wanted);

/* Touches the range in the kernel, cheaper than a fault an OS page; may do nothing. */
int mim_prim_populate(void* base, size_t size);

/* Moves the pages of a committed range to a committed range of the same size: the old range then
 * reads as zeros, the old contents of the new one are lost. */
int mim_prim_move(void* from, void* to, size_t size);

/* ---- large machines (prim/<os>/numa.c) ---- */

/* NUMA nodes are numbered from 0.  Where there is only one, no wish has to be heeded. */
unsigned mim_prim_numa_count(void);
unsigned mim_prim_numa_node(void); /* of the CPU that runs the calling thread now */

/* Maps free addresses, and no other ones, to OS pages of gigantic_size that the administrator has
 * set aside; base and size are multiples of it.  Committed, zero, never purged. */
int mim_prim_map_gigantic(void* base, size_t size, mim_prim_wish_t* wish);

/* ---- process (prim/unix/process.c, usage.c; prim/<os>/system.c) ---- */

typedef struct mim_prim_process_info {
  uint64_t user_us, system_us; /* CPU time spent                */
  size_t current_rss;          /* bytes                         */
  size_t peak_rss;             /* bytes                         */
  size_t page_faults;          /* those that needed the disk    */
} mim_prim_process_info_t;

void mim_prim_process_info(mim_prim_process_info_t* info);

/* NAME=value strings, ended by NULL; NULL while the process has no environment yet. */
char** mim_prim_environment(void);

/* A variable of the program's wide environment in *value, NULL if there is none of that name; not 0
 * where the OS has no such environment. */
int mim_prim_wide_variable(const wchar_t* name, const wchar_t** value);

/* A setuid program: its environment belongs to somebody else. */
bool mim_prim_is_secure_execution(void);

/* To standard error, whole or not at all. */
void mim_prim_write_error(const char* text, size_t length);

uint64_t mim_prim_clock_ns(void); /* monotonic, fine               */
uint64_t mim_prim_clock_ms(void); /* monotonic, coarse and cheap   */

/* Unpredictable bytes; false if the OS has none to give now. */
bool mim_prim_random(void* buffer, size_t size);

/* The CPU that runs the calling thread now, as a hint; 0 where the OS does not say. */
unsigned mim_prim_cpu(void);

/* Lets other threads run, where there are any. */
void mim_prim_yield(void);

/* The process that runs now: a forked child is another one. */
unsigned mim_prim_process_id(void);

/* ---- files (prim/unix/file.c) ---- */

/* An empty file to write, whatever was there before; -1 in *file on an error. */
int mim_prim_file_create(const char* path, int* file);
int mim_prim_file_write(int file, const char* text, size_t length); /* all of it */

/* The absolute path, in at least MIM_PRIM_PATH_MAX bytes; false, with errno, as of realpath(3). */
enum { MIM_PRIM_PATH_MAX = 4096 };
bool mim_prim_real_path(const char* path, char* resolved);

/* Appends what the OS tells of the mappings of this process, in its own form. */
int mim_prim_file_write_mappings(int file);

/* All that was written is with the OS; the file is closed, also on an error. */
int mim_prim_file_close(int file);
int mim_prim_file_rename(const char* from, const char* to); /* in the place of what is there */
int mim_prim_file_remove(const char* path);

/* ---- the stack (prim/unix/stack.c) ---- */

/* What has to be done once before the first mim_prim_stack; false: this system cannot walk stacks.
 * The one function here that may call malloc. */
bool mim_prim_stack_prepare(void);

/* Where the calls lead back to, innermost first, without the allocator's own functions where they
 * lie in a shared library; how many.  It has been prepared. */
size_t mim_prim_stack(uintptr_t* frames, size_t most);

/* ---- threads (prim/unix/thread.c; locks: prim/lock.h; identity: prim/thread_id.h) ---- */

/* `on_exit` runs when a thread that called mim_prim_at_thread_exit ends: the upward call is data,
 * not a symbol.  A thread may ask again from within `on_exit`, or after it. */
typedef void mim_prim_thread_exit_fun_t(void);
int mim_prim_thread_exit_init(mim_prim_thread_exit_fun_t* on_exit);
int mim_prim_at_thread_exit(void);

int mim_prim_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void));

#endif
