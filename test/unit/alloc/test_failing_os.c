/* test_failing_os.c - the OS fails: at its n-th call, from its n-th call on, at every n-th call;
 * with pages of 4, 16 and 64 KiB, under the rules of Linux and of Windows.
 *
 * In each run: NULL comes with ENOMEM and changes nothing, calloc is zero, a realloc that fails
 * leaves the old block; afterwards everything can be allocated, everything can be freed, the
 * accounting is true, and destroying gives every byte back. */
/* links: sim */
#include <errno.h>

#include "alloc/alloc.h"
#include "alloc/malloc_inline.h"
#include "test/unit/heap/heap_test.h"

enum { SLOTS = 24, OPERATIONS = 260 };

typedef struct slot {
  uint8_t* p;
  size_t size;
  uint8_t tag;
} slot_t;

typedef struct plan {
  sim_rules_t rules;
  long first, every;
  long purge_delay;
} plan_t;

static slot_t slots[SLOTS];
static uint64_t seed;
static size_t failures;

/* Contents at both ends: the middle of large blocks would only take time. */
static size_t edge(size_t size) { return mim_min(size, 2000); }

static void fill(slot_t* s, uint8_t tag) {
  s->tag = tag;
  memset(s->p, tag, edge(s->size));
  memset(s->p + s->size - edge(s->size), tag, edge(s->size));
}

static void check_contents(const slot_t* s, size_t size) {
  CHECK(is_filled(s->p, s->tag, edge(size)));
  if (size == s->size) { CHECK(is_filled(s->p + size - edge(size), s->tag, edge(size))); }
}

/* NULL only because the OS failed, and with the right errno. */
static bool is_there(const void* p) {
  if (p != NULL) { return true; }
  CHECK_EQ(errno, ENOMEM);
  CHECK(sim_failed_calls() > 0);
  failures++;
  return false;
}

static size_t random_size(void) {
  return random_below(&seed, (size_t)1 << (4 + random_below(&seed, 18)));
}

static void* allocate(size_t size, size_t kind) {
  errno = 0;
  switch (kind) {
    case 0:
    case 1: return mim_malloc(size);
    case 2: return mim_malloc_aligned(size, (size_t)16 << random_below(&seed, 14), 0, false);
    case 3: return mim_malloc_aligned(size, 256, 8, false);
    default: return mim_calloc(size, 1);
  }
}

static void step_allocate(slot_t* s) {
  const size_t kind = random_below(&seed, 7);
  s->size = random_size();
  s->p = allocate(s->size, kind);
  if (!is_there(s->p)) { return; }
  if (kind >= 4) { CHECK(is_filled(s->p, 0, s->size)); }
  fill(s, (uint8_t)(1 + random_below(&seed, 255)));
}

static void step_resize(slot_t* s) {
  const size_t size = random_size();
  errno = 0;
  uint8_t* const p = mim_realloc(s->p, size, false);
  if (is_there(p)) {
    s->p = p;
    const size_t kept = mim_min(size, edge(s->size));
    CHECK(is_filled(p, s->tag, kept));
    s->size = size;
    fill(s, s->tag);
  } else {
    check_contents(s, s->size);
  }
}

static void step_free(slot_t* s) {
  check_contents(s, s->size);
  errno = 4321;
  mim_free(s->p);
  CHECK_EQ(errno, 4321);
  s->p = NULL;
}

static void* work_in_thread(void* arg) {
  slot_t* const s = arg;
  if (s->p != NULL) { step_free(s); }
  step_allocate(s);
  void* const small = mim_malloc(40);
  mim_free(small);
  return NULL;
}

static void step(void) {
  slot_t* const s = &slots[random_below(&seed, SLOTS)];
  const size_t what = random_below(&seed, 40);
  if (what == 0) {
    in_thread(work_in_thread, s);
  } else if (what == 1) {
    mim_theap_t* const theap = mim_theap_get();
    if (theap != NULL) { mim_theap_collect(theap, random_below(&seed, 2) == 0); }
  } else if (s->p == NULL) {
    step_allocate(s);
  } else if (what < 16) {
    step_resize(s);
  } else {
    step_free(s);
  }
}

static void check_recovered(void) {
  sim_fail(SIM_ANY, 0, 0);
  const size_t before = failures;
  for (int i = 0; i < SLOTS; i++) {
    if (slots[i].p == NULL) { step_allocate(&slots[i]); }
  }
  CHECK_EQ(failures, before);
  check_accounting();
  for (int i = 0; i < SLOTS; i++) { step_free(&slots[i]); }
  mim_theap_collect(mim_theap_self, true);
  CHECK(mim_theap_is_valid(mim_theap_self));
  CHECK_EQ(slices_in_use(), 0);
  CHECK_EQ(pages_now(), 0);
  CHECK_EQ(mim_heap_main.tally.pages[MIM_BIN_HUGE].current, 0);
  CHECK_EQ(mim_heap_main.tally.huge.current, 0);
  check_accounting();
  mim_heap_destroy_all();
  CHECK_EQ(sim_reserved(), 0);
  check_accounting();
}

static void run(void* arg) {
  const plan_t* const plan = arg;
  heap_start(&plan->rules);
  mim_option_set(MIM_OPTION_arena_reserve, 1024);
  mim_option_set(MIM_OPTION_purge_delay, plan->purge_delay);
  seed = (uint64_t)(plan->first * 2654435761 + 1);
  sim_fail(SIM_ANY, plan->first, plan->every);
  for (int i = 0; i < OPERATIONS; i++) { step(); }
  check_accounting();
  check_recovered();
}

static sim_rules_t rules_of(bool is_windows, size_t page_size) {
  sim_rules_t rules = is_windows ? sim_windows : sim_linux;
  rules.config.page_size = page_size;
  rules.config.reserve_align = mim_max(page_size, rules.config.reserve_align);
  return rules;
}

static void run_plan(plan_t plan) {
  const int status = child_status(run, &plan, false);
  if (status == 0) { return; }
  fprintf(stderr, "first %ld, every %ld, purge delay %ld, OS page %zu, overcommit %d\n", plan.first,
          plan.every, plan.purge_delay, plan.rules.config.page_size, plan.rules.config.overcommits);
  CHECK_EQ(status, 0);
}

/* ThreadSanitizer and emulators make processes slow to fork: there, not each n; a step that is odd,
 * for what depends on n being even. */
static void run_all(bool is_windows, size_t page_size, long last) {
  const sim_rules_t rules = rules_of(is_windows, page_size);
  for (long n = 1; n <= last; n += MIM_TSAN || TEST_IS_EMULATED ? 13 : 1) {
    run_plan((plan_t){rules, n, 0, n % 2 == 0 ? 0 : 100000}); /* only the n-th call */
    run_plan((plan_t){rules, n, 1, n % 3 == 0 ? 0 : 100000}); /* all from the n-th on */
    run_plan((plan_t){rules, n, n, n % 2});                   /* every n-th */
  }
}

TEST(failing_linux_with_pages_of_4_kib) { run_all(false, 4096, 200); }
TEST(failing_windows_with_pages_of_4_kib) { run_all(true, 4096, 200); }
TEST(failing_linux_with_pages_of_16_kib) { run_all(false, 16384, 40); }
TEST(failing_linux_with_pages_of_64_kib) { run_all(false, 65536, 40); }
TEST(failing_windows_with_pages_of_16_kib) { run_all(true, 16384, 40); }
TEST(failing_windows_with_pages_of_64_kib) { run_all(true, 65536, 40); }

static void run_all_fail(void* arg) {
  heap_start(arg);
  sim_fail(SIM_ANY, 1, 1);
  for (int i = 0; i < 100; i++) {
    errno = 0;
    CHECK(mim_malloc(1u << (i % 20)) == NULL);
    CHECK_EQ(errno, ENOMEM);
  }
  CHECK_EQ(sim_reserved(), 0);
  sim_fail(SIM_ANY, 0, 0);
  void* const p = mim_malloc(100);
  CHECK(p != NULL);
  mim_free(p);
}

TEST(failing_from_the_very_first_call_on) {
  run_in_child(run_all_fail, (void*)&sim_linux);
  run_in_child(run_all_fail, (void*)&sim_windows);
}

/* Memory runs out for good: what was handed out stays sound, and what is freed serves again. */
static void run_out(void* arg) {
  static uint8_t* blocks[20000];
  const size_t size = *(const size_t*)arg;
  heap_start(&sim_windows);
  mim_free(mim_malloc(size));
  sim_limit_commit((size_t)32 << 20);
  size_t count = 0;
  while (count < 20000 && (blocks[count] = mim_malloc(size)) != NULL) {
    memset(blocks[count], (int)(count % 251), size);
    count++;
  }
  CHECK(count * size >= ((size_t)32 << 20) * 2 / 3); /* 100 KiB take two slices of an arena */
  for (size_t i = 0; i < count; i += 2) {
    CHECK(is_filled(blocks[i], (unsigned char)(i % 251), size));
    mim_free(blocks[i]);
  }
  for (size_t i = 0; i < count; i += 2) { CHECK((blocks[i] = mim_malloc(size)) != NULL); }
  for (size_t i = 0; i < count; i++) { mim_free(blocks[i]); }
  mim_theap_collect(mim_theap_self, true);
  CHECK_EQ(slices_in_use(), 0);
}

TEST(failing_when_memory_runs_out) {
  const size_t sizes[] = {2000, 4096, 30000, 102400, 1 << 20};
  for (int i = 0; i < 5; i++) { run_in_child(run_out, (void*)&sizes[i]); }
}

TEST_MAIN()
