/* script_heap.c - the heap of a big script: a few million small objects that point at each other.
   Small trees of nodes with string values and a chained hash table over them grow to about 100 MB,
   then the program churns: it deletes and inserts keys at random, and doubles the bucket array
   on the way. Rewards dense placement and large pages; everything is one thread. */
#include "../common/bench.h"

#include <stdlib.h>

enum {
  ENTRIES = 700000,
  CHURN = 400000,
  TREES = 4096,
  BUCKETS_FIRST = 1024,
  TEXT_LOW = 8,
  TEXT_HIGH = 72
};

/* As a script's objects: one for the entry, one for the key, one for the text. */
typedef struct script_key {
  uint64_t hash;
  uint64_t number;
} script_key_t;
typedef struct entry {
  struct entry* chain;
  struct entry *left, *right;
  script_key_t* key;
  char* text;
} entry_t;

typedef struct script_table {
  entry_t** buckets;
  size_t bucket_count, entry_count;
  entry_t* roots[TREES]; /* unbalanced trees over the hashes: random keys keep them shallow */
} script_table_t;

static uint64_t hash_of(uint64_t number) {
  uint64_t x = number * UINT64_C(0xBF58476D1CE4E5B9);
  x ^= x >> 31;
  return x * UINT64_C(0x94D049BB133111EB);
}

static void* allocate(size_t size) {
  void* const p = malloc(size);
  if (p == NULL) { bench_fail("script-heap: no memory"); }
  return p;
}

static size_t text_length(uint64_t hash) { return TEXT_LOW + hash % (TEXT_HIGH - TEXT_LOW); }

static entry_t* entry_new(uint64_t number) {
  entry_t* const entry = allocate(sizeof(entry_t));
  entry->key = allocate(sizeof(script_key_t));
  entry->key->number = number;
  entry->key->hash = hash_of(number);
  entry->text = allocate(text_length(entry->key->hash) + 1);
  memset(entry->text, 'a' + (int)(number % 26), text_length(entry->key->hash));
  entry->text[text_length(entry->key->hash)] = 0;
  entry->chain = entry->left = entry->right = NULL;
  return entry;
}

static void entry_free(entry_t* entry) {
  const size_t length = text_length(entry->key->hash);
  if (entry->text[length] != 0 || entry->text[0] != 'a' + (char)(entry->key->number % 26)) {
    bench_fail("script-heap: an entry lost its text");
  }
  free(entry->text);
  free(entry->key);
  free(entry);
}

static void table_grow(script_table_t* table) {
  const size_t count = table->bucket_count * 2;
  entry_t** const buckets = calloc(count, sizeof(entry_t*));
  if (buckets == NULL) { bench_fail("script-heap: no memory"); }
  for (size_t i = 0; i < table->bucket_count; i++) {
    for (entry_t* entry = table->buckets[i]; entry != NULL;) {
      entry_t* const next = entry->chain;
      entry_t** const bucket = &buckets[entry->key->hash & (count - 1)];
      entry->chain = *bucket;
      *bucket = entry;
      entry = next;
    }
  }
  free(table->buckets);
  table->buckets = buckets;
  table->bucket_count = count;
}

static entry_t** tree_find(script_table_t* table, uint64_t hash) {
  entry_t** link = &table->roots[(hash >> 40) % TREES];
  while (*link != NULL && (*link)->key->hash != hash) {
    link = hash < (*link)->key->hash ? &(*link)->left : &(*link)->right;
  }
  return link;
}

static void table_insert(script_table_t* table, uint64_t number) {
  if (table->entry_count >= table->bucket_count) { table_grow(table); }
  entry_t* const entry = entry_new(number);
  entry_t** const bucket = &table->buckets[entry->key->hash & (table->bucket_count - 1)];
  entry->chain = *bucket;
  *bucket = entry;
  *tree_find(table, entry->key->hash) = entry;
  table->entry_count++;
}

/* Unlinks the entry at `link`: its place is taken by the leftmost of its right side. */
static void tree_remove(entry_t** link) {
  entry_t* const entry = *link;
  if (entry->right == NULL) {
    *link = entry->left;
    return;
  }
  entry_t** successor = &entry->right;
  while ((*successor)->left != NULL) { successor = &(*successor)->left; }
  entry_t* const taken = *successor;
  *successor = taken->right;
  taken->left = entry->left;
  taken->right = entry->right;
  *link = taken;
}

static void table_remove(script_table_t* table, uint64_t number) {
  const uint64_t hash = hash_of(number);
  entry_t** chain = &table->buckets[hash & (table->bucket_count - 1)];
  while (*chain != NULL && (*chain)->key->number != number) { chain = &(*chain)->chain; }
  entry_t** const link = tree_find(table, hash);
  entry_t* const entry = *chain;
  if (entry == NULL || *link != entry) { bench_fail("script-heap: an entry got lost"); }
  *chain = entry->chain;
  tree_remove(link);
  entry_free(entry);
  table->entry_count--;
}

int main(int argc, char** argv) {
  const bench_options_t options = bench_options(argc, argv, 1);
  const size_t entry_count = bench_scaled(&options, ENTRIES);
  const size_t churn_count = bench_scaled(&options, CHURN);
  static script_table_t table;
  table.buckets = calloc(BUCKETS_FIRST, sizeof(entry_t*));
  if (table.buckets == NULL) { bench_fail("script-heap: no memory"); }
  table.bucket_count = BUCKETS_FIRST;
  uint32_t* const numbers = bench_table_new(entry_count, sizeof(uint32_t));
  bench_random_t random = bench_random_seed(1);
  uint32_t next_number = 0;
  for (size_t i = 0; i < entry_count; i++) {
    numbers[i] = next_number++;
    table_insert(&table, numbers[i]);
  }
  for (size_t i = 0; i < churn_count; i++) {
    uint32_t* const victim = &numbers[bench_random_below(&random, (uint32_t)entry_count)];
    table_remove(&table, *victim);
    *victim = next_number++;
    table_insert(&table, *victim);
  }
  for (size_t i = 0; i < entry_count; i++) { table_remove(&table, numbers[i]); }
  free(table.buckets);
  return table.entry_count == 0 ? 0 : 1;
}
