/* heaps.c - a tree of its own heap is freed at once, without a walk; another outlives its heap. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

typedef struct node {
  struct node *left, *right;
} node_t;

static node_t* grow(mi_heap_t* heap, int depth) {
  node_t* node = (node_t*)mi_heap_zalloc(heap, sizeof(node_t));
  if (depth > 0) {
    node->left = grow(heap, depth - 1);
    node->right = grow(heap, depth - 1);
  }
  return node;
}

int main(void) {
  mi_heap_t* heap = mi_heap_new();
  node_t* tree = grow(heap, 10);
  EXPECT(mi_heap_contains(heap, tree) && mi_heap_of(tree->left) == heap);
  mi_heap_destroy(heap); /* frees all nodes */

  heap = mi_heap_new();
  char* name = mi_heap_strdup(heap, "survives");
  mi_heap_delete(heap); /* frees nothing: blocks move to the main heap */
  EXPECT(mi_heap_of(name) == mi_heap_main() && strcmp(name, "survives") == 0);
  mi_free(name);
  return 0;
}
