/* thread.c - thread exit by a TLS callback.
 *
 * The loader calls it for each thread that ends, of the program or of a DLL, whatever made the
 * thread and whatever runtime the program has, and never again once the module that holds it is
 * unloaded.  A fiber's local storage, the other way, would have to be freed at the right moment of
 * an unload, and is taken for the end of a thread where only a fiber ends.
 *
 * The section .CRT$XL* holds the callbacks, in the order of its names: this one runs behind those
 * of the C runtimes, which end thread-local objects of C++ and, in MinGW's, keys of winpthreads. */
#include "prim/prim.h"
#include "prim/thread_slot.h"
#include "prim/windows/api.h"

enum { ROUNDS_MAX = 4 };

static mim_prim_thread_exit_fun_t* thread_exit_fun;
static MIM_THREAD_LOCAL bool thread_exit_is_wanted;

/* ---- the slot (thread_slot.h) ---- */

/* In the thread's block as winternl.h has it, which is looked at before it is believed. */
enum { SLOTS_PLACE = sizeof(void*) == 8 ? 0x1480 : 0xe10, SLOTS_MAX = 64 };

_Atomic(size_t) mim_thread_slot_place;
static DWORD slot_index;

static bool is_slot(size_t place) {
  if (!TlsSetValue(slot_index, &slot_index)) { return false; }
  const bool is_there = mim_thread_slot_at(place) == &slot_index;
  return TlsSetValue(slot_index, NULL) && is_there && mim_thread_slot_at(place) == NULL;
}

/* Later ones than those of the block are elsewhere. */
static void slot_new(void) {
  const DWORD saved = GetLastError();
  slot_index = TlsAlloc();
  const size_t place = SLOTS_PLACE + slot_index * sizeof(void*);
  if (slot_index < SLOTS_MAX && is_slot(place)) {
    atomic_store_explicit(&mim_thread_slot_place, place, memory_order_relaxed);
  } else if (slot_index != TLS_OUT_OF_INDEXES) {
    TlsFree(slot_index);
  }
  SetLastError(saved);
}

/* When the module goes: others may get the slot. */
static void slot_delete(void) {
  if (atomic_exchange_explicit(&mim_thread_slot_place, 0, memory_order_relaxed) != 0) {
    TlsFree(slot_index);
  }
}

/* ---- the end of a thread ---- */

int mim_prim_thread_exit_init(mim_prim_thread_exit_fun_t* on_exit) {
  thread_exit_fun = on_exit;
  slot_new();
  return 0;
}

int mim_prim_at_thread_exit(void) {
  mim_tls(thread_exit_is_wanted) = (thread_exit_fun != NULL);
  return 0;
}

/* Blocks, and calls of ours, may be anywhere when somebody unloads the DLL. */
static void stay_loaded(void) {
#if defined(MI_SHARED_LIB_EXPORT)
  HMODULE self;
  const DWORD flags = GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS;
  (void)GetModuleHandleExA(flags, (const char*)&thread_exit_fun, &self);
#endif
}

static void NTAPI thread_callback(void* module, DWORD reason, void* reserved) {
  (void)module, (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) { stay_loaded(); }
  if (reason == DLL_PROCESS_DETACH) { slot_delete(); }
  if (reason != DLL_THREAD_DETACH) { return; }
  for (int round = 0; round < ROUNDS_MAX && mim_tls(thread_exit_is_wanted); round++) {
    mim_tls(thread_exit_is_wanted) = false;
    thread_exit_fun();
  }
}

/* Linkers merge only what is alike: Microsoft's runtime has its callbacks in memory that cannot be
 * written, MinGW's in memory that can.  The table that leads to them is in a DLL or a program only
 * if somebody asks for it; MinGW's start code does. */
#if defined(_MSC_VER)
#define CALLBACK_CONST const
#if defined(_M_IX86)
#pragma comment(linker, "/include:__tls_used")
#else
#pragma comment(linker, "/include:_tls_used")
#endif
#else
#define CALLBACK_CONST
#endif

__attribute__((section(".CRT$XLY"), used)) PIMAGE_TLS_CALLBACK CALLBACK_CONST mim_thread_callback =
  &thread_callback;

/* Windows has no fork. */
int mim_prim_at_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
  (void)prepare, (void)parent, (void)child;
  return 0;
}
