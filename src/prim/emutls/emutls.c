/* emutls.c - thread-local variables for compilers that emulate them (-femulated-tls), where the
 * system's own would call malloc on first use (macOS), or there are none (OpenBSD, old Android).
 *
 * The compiler makes a control of each variable, and asks for its address in this thread.  A thread
 * has one block of memory, mapped when it first asks: a table from the variable's number to its
 * place, and the places behind it, filled from the variable's initial value when it is first asked
 * for.  Only pages that are touched are memory.
 *
 * The format of a control is that of GCC's and LLVM's runtimes.  In a program that is linked with
 * this library statically, this serves the program's own variables as well. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/bits.h"
#include "prim/prim.h"

enum { BLOCK_SIZE = 1 << 20, VARIABLES_MAX = 4096, EXIT_ROUNDS = 4 };

typedef struct emutls_control {
  size_t size, alignment;
  _Atomic(uintptr_t) number; /* 0: none yet */
  const void* initial;       /* NULL: zeros */
} emutls_control_t;

typedef struct emutls_block {
  uint8_t* next; /* behind the last place */
  unsigned exit_rounds;
  void* places[VARIABLES_MAX];
} emutls_block_t;

static pthread_key_t emutls_key;
static pthread_once_t emutls_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t emutls_lock = PTHREAD_MUTEX_INITIALIZER;
static uintptr_t emutls_count;

static _Noreturn void emutls_fail(const char* message) {
  size_t length = 0;
  while (message[length] != 0) { length++; }
  mim_prim_write_error(message, length);
  abort();
}

/* Destructors of other keys may still ask for variables: the block goes in the last round. */
static void block_delete(void* value) {
  emutls_block_t* const block = value;
  if (++block->exit_rounds < EXIT_ROUNDS) {
    pthread_setspecific(emutls_key, block);
  } else {
    munmap(block, BLOCK_SIZE);
  }
}

static void make_key(void) {
  if (pthread_key_create(&emutls_key, &block_delete) != 0) {
    emutls_fail("mimalloc: there is no pthread key left for thread-local variables: "
                "let the program start with fewer keys\n");
  }
}

static emutls_block_t* block_new(void) {
  const int saved_errno = errno;
  void* const p = mmap(NULL, BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
  if (p == MAP_FAILED) {
    emutls_fail("mimalloc: there is no memory for the thread-local variables of a thread\n");
  }
  emutls_block_t* const block = p;
  block->next = (uint8_t*)(block + 1);
  pthread_setspecific(emutls_key, block);
  errno = saved_errno;
  return block;
}

static emutls_block_t* block_of_thread(void) {
  pthread_once(&emutls_once, &make_key);
  emutls_block_t* const block = pthread_getspecific(emutls_key);
  return block != NULL ? block : block_new();
}

/* Release and acquire: a number is complete before it is seen.  Numbers begin with 1. */
static uintptr_t number_of(emutls_control_t* control) {
  uintptr_t number = atomic_load_explicit(&control->number, memory_order_acquire);
  if (number != 0) { return number; }
  pthread_mutex_lock(&emutls_lock);
  number = atomic_load_explicit(&control->number, memory_order_relaxed);
  if (number == 0) {
    number = ++emutls_count;
    atomic_store_explicit(&control->number, number, memory_order_release);
  }
  pthread_mutex_unlock(&emutls_lock);
  return number;
}

static void* place_new(emutls_block_t* block, const emutls_control_t* control) {
  const uintptr_t start = mim_align_up((uintptr_t)block->next, control->alignment);
  const uintptr_t end = (uintptr_t)block + BLOCK_SIZE;
  if (start > end || control->size > end - start) {
    emutls_fail("mimalloc: the thread-local variables of this program need more than 1 MiB: link "
                "the shared library instead of the static one\n");
  }
  uint8_t* const place = (uint8_t*)start;
  block->next = place + control->size;
  if (control->initial != NULL) { memcpy(place, control->initial, control->size); }
  return place;
}

void* __emutls_get_address(emutls_control_t* control);

void* __emutls_get_address(emutls_control_t* control) {
  const uintptr_t number = number_of(control);
  if (number >= VARIABLES_MAX) {
    emutls_fail("mimalloc: this program has more than 4095 thread-local variables: link the shared "
                "library instead of the static one\n");
  }
  emutls_block_t* const block = block_of_thread();
  if (block->places[number] == NULL) { block->places[number] = place_new(block, control); }
  return block->places[number];
}
