/* test_arena_model.c - random claims, releases, extensions, shrinks and purges against a plain
 * array: first fit, no overlap, contents kept, zeroed slices zero, bitmaps and accounting true. */
/* links: sim */
#include "test/unit/arena/arena_test.h"

enum { RUNS = 64, SLICES_MAX = 512, OPERATIONS = 3000 };

typedef struct model_run {
  mim_slices_t slices;
  uint8_t tag; /* 0: not in use */
} model_run_t;

static model_run_t runs[RUNS];
static uint8_t taken[SLICES_MAX]; /* by slice of the only arena: the tag of its run */
static mim_arena_t* only;
static uint64_t seed;

static bool edges_are(const mim_slices_t* s, size_t from, size_t to, uint8_t value) {
  for (size_t i = from; i < to; i++) {
    const uint8_t* const slice = s->base + i * MIM_SLICE_SIZE;
    if (!is_filled(slice, value, 64)) { return false; }
    if (!is_filled(slice + MIM_SLICE_SIZE - 64, value, 64)) { return false; }
  }
  return true;
}

static void fill_edges(const mim_slices_t* s, size_t from, size_t to, uint8_t value) {
  for (size_t i = from; i < to; i++) {
    memset(s->base + i * MIM_SLICE_SIZE, value, 64);
    memset(s->base + (i + 1) * MIM_SLICE_SIZE - 64, value, 64);
  }
}

static void mark(model_run_t* run, size_t from, size_t to, uint8_t before, uint8_t after) {
  for (size_t i = from; i < to; i++) {
    CHECK_EQ(taken[run->slices.first + i], before);
    taken[run->slices.first + i] = after;
  }
}

/* Where first fit must find it; SIZE_MAX: nowhere. */
static size_t model_find(size_t count, size_t alignment) {
  for (size_t at = only->head_slices; at + count <= only->slice_count; at++) {
    if (((uintptr_t)only->base + at * MIM_SLICE_SIZE) % alignment != 0) { continue; }
    size_t n = 0;
    while (n < count && taken[at + n] == 0) { n++; }
    if (n == count) { return at; }
  }
  return SIZE_MAX;
}

/* As mim_slices_for rounds. */
static size_t random_count(size_t most) {
  return mim_slices_for((1 + random_below(&seed, most)) * MIM_SLICE_SIZE);
}

static void step_claim(model_run_t* run, uint8_t tag) {
  const size_t count = random_count(random_below(&seed, 4) == 0 ? 90 : 9);
  const size_t alignment = mim_arena_min_alignment() << random_below(&seed, 4);
  const size_t expected = model_find(count, alignment);
  const bool is_claimed =
    mim_slices_claim(&arenas, &(mim_place_t){only, -1}, count, alignment, &run->slices);
  CHECK_EQ(is_claimed, expected != SIZE_MAX);
  if (!is_claimed) { return; }
  CHECK_EQ(run->slices.first, expected);
  if (run->slices.is_zero) { CHECK(edges_are(&run->slices, 0, count, 0)); }
  mark(run, 0, count, 0, tag);
  fill_edges(&run->slices, 0, count, tag);
  run->tag = tag;
}

static void step_release(model_run_t* run) {
  CHECK(edges_are(&run->slices, 0, run->slices.count, run->tag));
  mark(run, 0, run->slices.count, run->tag, 0);
  mim_slices_release(&run->slices);
  run->tag = 0;
}

static void step_extend(model_run_t* run) {
  const size_t count = run->slices.count, more = random_count(70);
  const size_t end = run->slices.first + count;
  bool fits = end + more <= only->slice_count;
  for (size_t i = end; fits && i < end + more; i++) { fits = taken[i] == 0; }
  CHECK_EQ(mim_slices_extend(&run->slices, more), fits);
  CHECK_EQ(run->slices.count, fits ? count + more : count);
  if (!fits) { return; }
  if (run->slices.is_zero) { CHECK(edges_are(&run->slices, count, count + more, 0)); }
  mark(run, count, count + more, 0, run->tag);
  fill_edges(&run->slices, count, count + more, run->tag);
}

static void step_shrink(model_run_t* run) {
  const size_t count = run->slices.count;
  if (count <= mim_slices_for(1)) { return; }
  const size_t less = mim_min(random_count(count), count - mim_slices_for(1));
  mark(run, count - less, count, run->tag, 0);
  mim_slices_shrink(&run->slices, less);
  CHECK_EQ(run->slices.count, count - less);
}

static void step(void) {
  model_run_t* const run = &runs[random_below(&seed, RUNS)];
  const uint8_t tag = (uint8_t)(1 + (run - runs));
  const size_t what = random_below(&seed, 16);
  if (what == 0) {
    mim_arenas_purge(&arenas, true);
  } else if (run->tag == 0) {
    step_claim(run, tag);
  } else if (what < 4) {
    step_extend(run);
  } else if (what < 7) {
    step_shrink(run);
  } else {
    step_release(run);
  }
}

static void check_model(void) {
  size_t used = 0;
  for (size_t i = 0; i < only->slice_count; i++) { used += taken[i] != 0; }
  CHECK_EQ(check_arenas(), used);
  check_accounting();
}

static void run_model(const sim_rules_t* rules, long purge_delay, long decommits) {
  arenas_start(rules, 0);
  mim_option_set(MIM_OPTION_purge_delay, purge_delay);
  mim_option_set(MIM_OPTION_purge_decommits, decommits);
  memset(runs, 0, sizeof(runs));
  memset(taken, 0, sizeof(taken));
  const mim_arena_traits_t traits = {.numa_node = -1};
  CHECK(mim_arenas_reserve(&arenas, 300 * MIM_SLICE_SIZE, &traits) != NULL);
  only = arenas.first;
  CHECK(only->slice_count <= SLICES_MAX);
  for (int i = 0; i < OPERATIONS; i++) {
    step();
    if (i % 50 == 0) { check_model(); }
  }
  for (int i = 0; i < RUNS; i++) {
    if (runs[i].tag != 0) { step_release(&runs[i]); }
  }
  check_model();
  CHECK_EQ(check_arenas(), 0);
  mim_arenas_purge(&arenas, true);
  check_model();
  if (decommits) { CHECK_EQ(sim_committed(), only->head_slices * MIM_SLICE_SIZE); }
}

TEST(arena_random_operations_agree_with_a_model_where_parts_can_be_released) {
  seed = 1;
  run_model(&sim_linux, 100000, 1);
}

TEST(arena_random_operations_agree_with_a_model_under_the_rules_of_windows) {
  seed = 2;
  run_model(&sim_windows, 100000, 1);
}

TEST(arena_random_operations_agree_with_a_model_when_freed_slices_are_reset) {
  seed = 3;
  run_model(&sim_linux, 100000, 0);
}

TEST(arena_random_operations_agree_with_a_model_when_all_is_purged_at_once) {
  seed = 4;
  run_model(&sim_windows, 0, 1);
}

TEST(arena_random_operations_agree_with_a_model_with_os_pages_of_64_kib) {
  sim_rules_t rules = sim_windows;
  rules.config.page_size = 65536;
  seed = 5;
  run_model(&rules, 100000, 1);
}

TEST_MAIN()
