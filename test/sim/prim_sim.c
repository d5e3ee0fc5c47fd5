/* prim_sim.c - see prim_sim.h.  Backed by real memory: one range without access, in which commit
 * and decommit change the protection; a byte an OS page remembers its state. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "test/sim/prim_sim.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bits.h"

enum {
  SPACE_MIB = (SIM_IS_LARGE ? 32 * 1024 : 1024),
  SPACE_ALIGN_MIB = (SIM_IS_LARGE ? 4096 : 256),
  PAGE_SIZE_MIN = 4096,
  GARBAGE = 0xDB
};

/* The state of an OS page, and three marks. */
enum {
  STATE_FREE = 0,
  STATE_RESERVED = 1,
  STATE_COMMITTED = 2,
  STATE_MASK = 3,
  MARK_START = 4,     /* the first of a reservation */
  MARK_GUARD = 8,     /* no access for now          */
  MARK_GIGANTIC = 16, /* never purged               */
  NODE_SHIFT = 5      /* one more than the node it is bound to */
};

const sim_rules_t sim_linux = {
  .config =
    {
      .page_size = 4096,
      .reserve_align = 4096,
      .huge_page_size = (size_t)1 << 21,
      .overcommits = true,
      .can_release_part = true,
      .can_move = true,
    },
};

const sim_rules_t sim_windows = {
  .config =
    {
      .page_size = 4096,
      .reserve_align = 65536,
    },
};

static const size_t space_size = (size_t)SPACE_MIB << 20;
static pthread_mutex_t sim_lock = PTHREAD_MUTEX_INITIALIZER;
static sim_rules_t rules;
static uint8_t* space;
static uint8_t* state;     /* by OS page of the space */
static size_t lowest_free; /* page index: there is no free page below */
static size_t used_end;    /* page index: this and all above were never used */
static size_t reserved_pages, committed_pages;
static unsigned current_node;
static long calls[SIM_KIND_COUNT];
static long failed_calls;
static void (*during_calls)(sim_kind_t kind);

static struct {
  sim_kind_t kind;
  long countdown; /* to the next failure; 0: none comes */
  long every;
} failure;

#define SIM_CHECK(c, what, base, size) ((c) ? (void)0 : sim_violation(#c, (what), (base), (size)))

MIM_NORETURN static void sim_violation(const char* claim, const char* what, const void* base,
                                       size_t size) {
  fprintf(stderr, "simulated OS: bad %s of %zu bytes at %p: not true: %s\n", what, size, base,
          claim);
  abort();
}

static void* real_map(size_t size, int access) {
  void* const p = mmap(NULL, size, access, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (p == MAP_FAILED) {
    perror("simulated OS: mmap");
    abort();
  }
  return p;
}

static void real_protect(void* base, size_t size, int access) {
  if (mprotect(base, size, access) != 0) {
    perror("simulated OS: mprotect");
    abort();
  }
}

typedef struct range {
  size_t first, count; /* OS pages */
} range_t;

/* What was never committed holds nothing. */
static void range_discard(range_t range) {
  const size_t page = rules.config.page_size, end = range.first + range.count;
  for (size_t i = range.first; i < end; i++) {
    const size_t first = i;
    while (i < end && (state[i] & STATE_MASK) == STATE_COMMITTED) { i++; }
    if (i == first) { continue; }
    real_protect(space + first * page, (i - first) * page, PROT_NONE);
    madvise(space + first * page, (i - first) * page, MADV_DONTNEED);
  }
}

/* The address space, and the states, all free: new ones, or what was used before is cleared. */
static void space_clear(void) {
  const size_t alignment = (size_t)SPACE_ALIGN_MIB << 20;
  const size_t state_size = space_size / PAGE_SIZE_MIN + PAGE_SIZE_MIN; /* one behind the end */
  if (space == NULL) {
    uint8_t* const whole = real_map(space_size + alignment, PROT_NONE);
    space = (uint8_t*)mim_align_up((uintptr_t)whole, alignment);
    state = real_map(state_size, PROT_READ | PROT_WRITE);
  } else if (used_end > 0) {
    range_discard((range_t){0, used_end});
    memset(state, STATE_FREE, used_end);
  }
  used_end = 0;
}

/* The simulated OS protects by real pages: its own cannot be smaller. */
static void rules_fit_machine(void) {
  if (!TEST_HAS_PROTECTION) { return; }
  mim_prim_config_t* const config = &rules.config;
  config->page_size = mim_max(config->page_size, (size_t)sysconf(_SC_PAGESIZE));
  config->reserve_align = mim_max(config->reserve_align, config->page_size);
}

void sim_start(const sim_rules_t* new_rules) {
  pthread_mutex_lock(&sim_lock);
  space_clear();
  rules = *new_rules;
  rules_fit_machine();
  lowest_free = rules.config.reserve_align / rules.config.page_size;
  reserved_pages = committed_pages = 0;
  current_node = 0;
  memset(calls, 0, sizeof(calls));
  memset(&failure, 0, sizeof(failure));
  failed_calls = 0;
  during_calls = NULL;
  pthread_mutex_unlock(&sim_lock);
}

void sim_fail(sim_kind_t kind, long first, long every) {
  pthread_mutex_lock(&sim_lock);
  failure.kind = kind;
  failure.countdown = first;
  failure.every = every;
  pthread_mutex_unlock(&sim_lock);
}

void sim_limit_commit(size_t bytes) {
  pthread_mutex_lock(&sim_lock);
  rules.commit_limit = bytes;
  pthread_mutex_unlock(&sim_lock);
}

void sim_during_calls(void (*fun)(sim_kind_t kind)) {
  pthread_mutex_lock(&sim_lock);
  during_calls = fun;
  pthread_mutex_unlock(&sim_lock);
}

static size_t guarded_read(const size_t* value, size_t unit) {
  pthread_mutex_lock(&sim_lock);
  const size_t result = *value * unit;
  pthread_mutex_unlock(&sim_lock);
  return result;
}

size_t sim_reserved(void) { return guarded_read(&reserved_pages, rules.config.page_size); }
size_t sim_committed(void) { return guarded_read(&committed_pages, rules.config.page_size); }
long sim_calls(sim_kind_t kind) { return calls[kind]; }
long sim_failed_calls(void) { return failed_calls; }

/* ---- the state of ranges; under the lock ---- */

static range_t range_of(const void* base, size_t size, const char* what) {
  const size_t page = rules.config.page_size;
  SIM_CHECK(size > 0 && size % page == 0 && (uintptr_t)base % page == 0, what, base, size);
  const size_t offset = (size_t)((const uint8_t*)base - space);
  SIM_CHECK(offset < space_size && size <= space_size - offset, what, base, size);
  return (range_t){offset / page, size / page};
}

static bool range_is(range_t range, unsigned wanted) {
  for (size_t i = range.first; i < range.first + range.count; i++) {
    if ((state[i] & STATE_MASK) != wanted) { return false; }
  }
  return true;
}

static size_t range_count(range_t range, unsigned wanted) {
  size_t count = 0;
  for (size_t i = range.first; i < range.first + range.count; i++) {
    count += (state[i] & STATE_MASK) == wanted;
  }
  return count;
}

static void range_set(range_t range, unsigned to) {
  for (size_t i = range.first; i < range.first + range.count; i++) {
    const unsigned kept = MARK_START | (unsigned)~0 << NODE_SHIFT;
    state[i] = (uint8_t)((state[i] & kept) | to);
  }
}

bool sim_is_committed(const void* p, size_t size) {
  pthread_mutex_lock(&sim_lock);
  const uint8_t* const from = (const uint8_t*)mim_align_down((uintptr_t)p, rules.config.page_size);
  const uint8_t* const to =
    (const uint8_t*)mim_align_up((uintptr_t)p + size, rules.config.page_size);
  const bool result = range_is(range_of(from, (size_t)(to - from), "question"), STATE_COMMITTED);
  pthread_mutex_unlock(&sim_lock);
  return result;
}

static void count_down(bool* fails) {
  if (failure.countdown == 0 || --failure.countdown > 0) { return; }
  failure.countdown = failure.every;
  *fails = true;
}

/* Counts the call; true if it shall fail. */
static bool call_fails(sim_kind_t kind) {
  bool fails = false;
  if (during_calls != NULL) { during_calls(kind); }
  calls[kind]++;
  if (kind != SIM_RELEASE) { calls[SIM_ANY]++; }
  if (failure.kind == kind || (failure.kind == SIM_ANY && kind != SIM_RELEASE)) {
    count_down(&fails);
  }
  failed_calls += fails;
  return fails;
}

/* The lowest free pages, at the OS's own unit of reservation; SIZE_MAX if there are not so many. */
static size_t find_free(size_t count) {
  const size_t unit = rules.config.reserve_align / rules.config.page_size;
  const size_t end = space_size / rules.config.page_size;
  size_t at = mim_align_up(lowest_free, unit);
  size_t length = 0;
  while (at + length < end) {
    if (length == count) { return at; }
    if (state[at + length] == STATE_FREE) {
      length++;
    } else {
      at = mim_align_up(at + length + 1, unit);
      length = 0;
    }
  }
  return SIZE_MAX;
}

/* ---- prim.h ---- */

void mim_prim_memory_config(mim_prim_config_t* config) {
  if (space == NULL) { sim_start(&sim_linux); }
  *config = rules.config;
}

static int reserve_locked(size_t size, bool commit, void** base) {
  const size_t page = rules.config.page_size;
  SIM_CHECK(size > 0 && size % page == 0, "reserve", NULL, size);
  if (call_fails(SIM_RESERVE)) { return ENOMEM; }
  const size_t limit = rules.config.address_limit;
  const size_t first = size > space_size ? SIZE_MAX : find_free(size / page);
  if (first == SIZE_MAX || (limit != 0 && reserved_pages * page + size > limit)) {
    failed_calls++;
    return ENOMEM;
  }
  const range_t range = {first, size / page};
  uint8_t* const p = space + first * page;
  range_set(range, commit ? STATE_COMMITTED : STATE_RESERVED);
  if (commit) { real_protect(p, size, PROT_READ | PROT_WRITE); }
  state[first] |= MARK_START;
  reserved_pages += range.count;
  committed_pages += commit ? range.count : 0;
  if (first == lowest_free) { lowest_free = first + range.count; }
  used_end = mim_max(used_end, first + range.count);
  *base = p;
  return 0;
}

/* Where the range has been got. */
static void heed_node(void* base, size_t size, mim_prim_wish_t* wish) {
  const int node = wish->numa_node;
  const range_t range = range_of(base, size, "wish");
  wish->numa_error = 0;
  if (node < 0) { return; }
  SIM_CHECK((unsigned)node < mim_prim_numa_count(), "wish of a node that is not there", base, size);
  if (call_fails(SIM_NUMA)) {
    wish->numa_error = EPERM;
    return;
  }
  for (size_t i = range.first; i < range.first + range.count; i++) {
    state[i] =
      (uint8_t)((state[i] & ~((unsigned)~0 << NODE_SHIFT)) | ((unsigned)node + 1) << NODE_SHIFT);
  }
}

int mim_prim_reserve(size_t size, mim_prim_wish_t* wish, bool commit, void** base) {
  *base = NULL;
  pthread_mutex_lock(&sim_lock);
  const int error = reserve_locked(size, commit, base);
  if (error == 0) { heed_node(*base, size, wish); }
  pthread_mutex_unlock(&sim_lock);
  return error;
}

/* Where parts cannot be released, the range must be a reservation as it was made. */
static bool is_whole(range_t range) {
  const size_t end = range.first + range.count;
  for (size_t i = range.first + 1; i < end; i++) {
    if ((state[i] & MARK_START) != 0) { return false; }
  }
  const bool goes_on = state[end] != STATE_FREE && (state[end] & MARK_START) == 0;
  return (state[range.first] & MARK_START) != 0 && !goes_on;
}

static int release_locked(void* base, size_t size) {
  const range_t range = range_of(base, size, "release");
  if (call_fails(SIM_RELEASE)) { return ENOMEM; }
  const size_t committed = range_count(range, STATE_COMMITTED);
  SIM_CHECK(range_is((range_t){range.first, 1}, STATE_RESERVED) ||
              range_is((range_t){range.first, 1}, STATE_COMMITTED),
            "release", base, size);
  SIM_CHECK(range_count(range, STATE_FREE) == 0, "release of free memory", base, size);
  SIM_CHECK(rules.config.can_release_part || is_whole(range), "release", base, size);
  const size_t end = range.first + range.count;
  if (end < space_size / rules.config.page_size && state[end] != STATE_FREE) {
    state[end] |= MARK_START;
  }
  range_discard(range);
  memset(&state[range.first], STATE_FREE, range.count);
  reserved_pages -= range.count;
  committed_pages -= committed;
  lowest_free = mim_min(lowest_free, range.first);
  return 0;
}

int mim_prim_release(void* base, size_t size) {
  pthread_mutex_lock(&sim_lock);
  const int error = release_locked(base, size);
  pthread_mutex_unlock(&sim_lock);
  return error;
}

static int commit_locked(void* base, size_t size) {
  const range_t range = range_of(base, size, "commit");
  if (call_fails(SIM_COMMIT)) { return ENOMEM; }
  SIM_CHECK(range_count(range, STATE_FREE) == 0, "commit", base, size);
  const size_t fresh = range_count(range, STATE_RESERVED);
  const size_t limit = rules.commit_limit;
  if (limit != 0 && (committed_pages + fresh) * rules.config.page_size > limit) {
    failed_calls++;
    return ENOMEM;
  }
  range_set(range, STATE_COMMITTED);
  real_protect(base, size, PROT_READ | PROT_WRITE);
  committed_pages += fresh;
  return 0;
}

int mim_prim_commit(void* base, size_t size) {
  pthread_mutex_lock(&sim_lock);
  const int error = commit_locked(base, size);
  pthread_mutex_unlock(&sim_lock);
  return error;
}

static int purge_locked(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit) {
  const range_t range = range_of(base, size, "purge");
  if (call_fails(SIM_PURGE)) { return EINVAL; }
  SIM_CHECK(range_is(range, STATE_COMMITTED), "purge", base, size);
  for (size_t i = range.first; i < range.first + range.count; i++) {
    SIM_CHECK((state[i] & MARK_GIGANTIC) == 0, "purge of gigantic pages", base, size);
  }
  *needs_commit = (how == MIM_PURGE_DECOMMIT);
  if (how == MIM_PURGE_RESET) {
    memset(base, GARBAGE, size);
    return 0;
  }
  range_discard(range);
  range_set(range, STATE_RESERVED);
  committed_pages -= range.count;
  return 0;
}

int mim_prim_purge(void* base, size_t size, mim_prim_purge_t how, bool* needs_commit) {
  *needs_commit = false;
  pthread_mutex_lock(&sim_lock);
  const int error = purge_locked(base, size, how, needs_commit);
  pthread_mutex_unlock(&sim_lock);
  return error;
}

int mim_prim_protect(void* base, size_t size, bool is_accessible) {
  pthread_mutex_lock(&sim_lock);
  const range_t range = range_of(base, size, "protect");
  const bool fails = call_fails(SIM_PROTECT);
  SIM_CHECK(range_is(range, STATE_COMMITTED), "protect", base, size);
  if (!fails) {
    range_set(range, STATE_COMMITTED | (is_accessible ? 0u : MARK_GUARD));
    real_protect(base, size, is_accessible ? PROT_READ | PROT_WRITE : PROT_NONE);
  }
  pthread_mutex_unlock(&sim_lock);
  return fails ? ENOMEM : 0;
}

int mim_prim_advise_huge(void* base, size_t size, bool wanted) {
  (void)wanted;
  pthread_mutex_lock(&sim_lock);
  const range_t range = range_of(base, size, "advice");
  SIM_CHECK(range_count(range, STATE_FREE) == 0, "advice", base, size);
  pthread_mutex_unlock(&sim_lock);
  return rules.config.huge_page_size == 0 ? EINVAL : 0;
}

int mim_prim_populate(void* base, size_t size) {
  pthread_mutex_lock(&sim_lock);
  SIM_CHECK(range_is(range_of(base, size, "populate"), STATE_COMMITTED), "populate", base, size);
  pthread_mutex_unlock(&sim_lock);
  return 0;
}

int mim_prim_move(void* from, void* to, size_t size) {
  pthread_mutex_lock(&sim_lock);
  SIM_CHECK(rules.config.can_move, "move", from, size);
  SIM_CHECK(range_is(range_of(from, size, "move"), STATE_COMMITTED), "move", from, size);
  SIM_CHECK(range_is(range_of(to, size, "move"), STATE_COMMITTED), "move", to, size);
  SIM_CHECK((uint8_t*)from + size <= (uint8_t*)to || (uint8_t*)to + size <= (uint8_t*)from, "move",
            from, size);
  const bool fails = call_fails(SIM_MOVE);
  if (!fails) {
    memcpy(to, from, size);
    memset(from, 0, size);
  }
  pthread_mutex_unlock(&sim_lock);
  return fails ? ENOMEM : 0;
}

/* ---- large machines ---- */

unsigned mim_prim_numa_count(void) { return rules.numa_nodes == 0 ? 1 : rules.numa_nodes; }
unsigned mim_prim_numa_node(void) { return current_node; }
void sim_run_on_node(unsigned node) { current_node = node; }

int sim_node_of(const void* p) {
  const size_t page = rules.config.page_size;
  const range_t range = range_of((const void*)mim_align_down((uintptr_t)p, page), page, "question");
  return (state[range.first] >> NODE_SHIFT) - 1;
}

static int gigantic_locked(void* base, size_t size) {
  const size_t unit = rules.config.gigantic_size;
  const range_t range = range_of(base, size, "map gigantic");
  SIM_CHECK(unit != 0 && size % unit == 0 && (uintptr_t)base % unit == 0, "map gigantic", base,
            size);
  if (call_fails(SIM_GIGANTIC)) { return ENOMEM; }
  if (rules.gigantic_pages < size / unit) { return ENOMEM; }
  if (!range_is(range, STATE_FREE)) { return EEXIST; }
  rules.gigantic_pages -= size / unit;
  range_set(range, STATE_COMMITTED | MARK_GIGANTIC);
  state[range.first] |= MARK_START;
  real_protect(base, size, PROT_READ | PROT_WRITE);
  reserved_pages += range.count;
  committed_pages += range.count;
  if (range.first == lowest_free) { lowest_free = range.first + range.count; }
  used_end = mim_max(used_end, range.first + range.count);
  return 0;
}

int mim_prim_map_gigantic(void* base, size_t size, mim_prim_wish_t* wish) {
  pthread_mutex_lock(&sim_lock);
  const int error = gigantic_locked(base, size);
  if (error == 0) { heed_node(base, size, wish); }
  pthread_mutex_unlock(&sim_lock);
  return error;
}
