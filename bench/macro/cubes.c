/* cubes.c - a minimiser of cube lists (two-level logic), the pattern of the literature's espresso:
   lists of small bit vectors grow, are merged, sorted and freed, one thread, short lifetimes.
   The method is that of Quine and McCluskey: cubes that differ in one literal merge to a larger
   cube, until nothing merges; what never merged is prime. The primes are checked against the
   function: every minterm is covered, and no prime covers a point outside. */
#include "../common/bench.h"

#include <stdlib.h>

enum { FUNCTIONS = 90, INPUTS = 10, POINTS = 1 << INPUTS };

/* A product term: `care` has a bit for each literal, `value` its sign. */
typedef struct cube {
  struct cube* next;
  uint32_t care, value;
  bool is_merged;
} cube_t;

typedef struct cube_list {
  cube_t* first;
  size_t count;
} cube_list_t;

static void list_push(cube_list_t* list, uint32_t care, uint32_t value) {
  cube_t* const cube = malloc(sizeof(cube_t));
  if (cube == NULL) { bench_fail("cubes: no memory"); }
  *cube = (cube_t){list->first, care, value & care, false};
  list->first = cube;
  list->count++;
}

static void list_free(cube_list_t* list) {
  for (cube_t* cube = list->first; cube != NULL;) {
    cube_t* const next = cube->next;
    free(cube);
    cube = next;
  }
  *list = (cube_list_t){NULL, 0};
}

static int cube_compare(const void* left, const void* right) {
  const cube_t* const a = *(cube_t* const*)left;
  const cube_t* const b = *(cube_t* const*)right;
  if (a->care != b->care) { return a->care < b->care ? -1 : 1; }
  return a->value < b->value ? -1 : a->value > b->value;
}

/* A sorted index of the list: cubes with the same literals side by side. */
static cube_t** list_sort(const cube_list_t* list) {
  cube_t** const index = malloc((list->count + 1) * sizeof(cube_t*));
  if (index == NULL) { bench_fail("cubes: no memory"); }
  size_t at = 0;
  for (cube_t* cube = list->first; cube != NULL; cube = cube->next) { index[at++] = cube; }
  qsort(index, list->count, sizeof(cube_t*), cube_compare);
  return index;
}

/* Copies the index without equal cubes to a fresh list: consensus makes each cube many times. */
static cube_list_t list_unique(cube_list_t* list) {
  cube_t** const index = list_sort(list);
  cube_list_t unique = {NULL, 0};
  for (size_t i = 0; i < list->count; i++) {
    if (i > 0 && cube_compare(&index[i - 1], &index[i]) == 0) { continue; }
    list_push(&unique, index[i]->care, index[i]->value);
  }
  free(index);
  list_free(list);
  return unique;
}

static cube_t* index_find(cube_t** index, size_t count, uint32_t care, uint32_t value) {
  cube_t wanted = {NULL, care, value, false};
  cube_t* const key = &wanted;
  cube_t** const found = bsearch(&key, index, count, sizeof(cube_t*), cube_compare);
  return found == NULL ? NULL : *found;
}

/* One pass: each pair that differs in the sign of one literal gives a cube without it. */
static cube_list_t list_merge(const cube_list_t* list) {
  cube_t** const index = list_sort(list);
  cube_list_t merged = {NULL, 0};
  for (size_t i = 0; i < list->count; i++) {
    cube_t* const cube = index[i];
    for (uint32_t bit = 1; bit < POINTS; bit <<= 1) {
      if ((cube->care & bit) == 0) { continue; }
      cube_t* const partner = index_find(index, list->count, cube->care, cube->value ^ bit);
      if (partner == NULL) { continue; }
      cube->is_merged = partner->is_merged = true;
      if ((cube->value & bit) == 0) { list_push(&merged, cube->care & ~bit, cube->value); }
    }
  }
  free(index);
  return list_unique(&merged);
}

static cube_list_t primes_of(const unsigned char* is_on) {
  cube_list_t primes = {NULL, 0};
  cube_list_t level = {NULL, 0};
  for (uint32_t point = 0; point < POINTS; point++) {
    if (is_on[point]) { list_push(&level, POINTS - 1, point); }
  }
  while (level.count > 0) {
    cube_list_t next = list_merge(&level);
    for (const cube_t* cube = level.first; cube != NULL; cube = cube->next) {
      if (!cube->is_merged) { list_push(&primes, cube->care, cube->value); }
    }
    list_free(&level);
    level = next;
  }
  return primes;
}

static void primes_check(const cube_list_t* primes, const unsigned char* is_on) {
  unsigned char* const is_covered = calloc(POINTS, 1);
  if (is_covered == NULL) { bench_fail("cubes: no memory"); }
  for (const cube_t* cube = primes->first; cube != NULL; cube = cube->next) {
    for (uint32_t point = 0; point < POINTS; point++) {
      if ((point & cube->care) == cube->value) { is_covered[point] = 1; }
    }
  }
  if (memcmp(is_covered, is_on, POINTS) != 0) { bench_fail("cubes: the primes are wrong"); }
  free(is_covered);
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  bench_random_t random = bench_random_seed(3);
  const size_t function_count = bench_scaled(&options, FUNCTIONS);
  for (size_t f = 0; f < function_count; f++) {
    unsigned char* const is_on = malloc(POINTS);
    if (is_on == NULL) { bench_fail("cubes: no memory"); }
    for (int point = 0; point < POINTS; point++) {
      is_on[point] = bench_random_below(&random, 100) < 80;
    }
    cube_list_t primes = primes_of(is_on);
    primes_check(&primes, is_on);
    list_free(&primes);
    free(is_on);
  }
  return 0;
}
