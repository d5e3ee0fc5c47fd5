/* order.c - see order.h. */
#include "minject/order.h"

#include <stdlib.h>
#include <string.h>

#include "minject/files.h"
#include "pe/pe_imports.h"

static bool is_known(const order_t* order, const char* dll) {
  for (size_t i = 0; i < order->count; i++) {
    if (pe_names_equal(order->entries[i].dll, dll)) { return true; }
  }
  return false;
}

static size_t add_entry(order_t* order, const char* dll) {
  order_entry_t* const larger = memory_get((order->count + 1) * sizeof(order_entry_t));
  if (order->count > 0) { memcpy(larger, order->entries, order->count * sizeof(order_entry_t)); }
  free(order->entries);
  order->entries = larger;
  larger[order->count] = (order_entry_t){.dll = text_join(dll, "", "")};
  return order->count++;
}

static bool visit_imports(order_t* order, const pe_image_t* image);

/* Depth first; a DLL that is met again while it is looked into (a circle) waits for nobody. */
static void visit_dll(order_t* order, const char* dll) { // NOLINT(misc-no-recursion)
  if (is_known(order, dll)) { return; }
  if (order->left_out != NULL && pe_names_equal(dll, order->left_out)) { return; }
  const size_t index = add_entry(order, dll);
  char* const path = path_find_beside(order->path, dll);
  file_bytes_t file;
  if (path != NULL && !names_is_api_set(dll)) {
    order->entries[index].is_beside = true;
    order->entries[index].is_broken = true;
    if (file_read(path, &file) == NULL) {
      pe_image_t image;
      const bool is_read =
        pe_image_open(&image, file.bytes, file.size) == PE_OK && visit_imports(order, &image);
      order->entries[index].is_broken = !is_read;
      file_free(&file);
    }
  }
  free(path);
  order->entries[index].number = ++order->number_last;
}

static bool visit_imports(order_t* order, const pe_image_t* image) { // NOLINT(misc-no-recursion)
  uint32_t count;
  if (pe_imports_count(image, &count) != PE_OK) { return false; }
  for (uint32_t i = 0; i < count; i++) { visit_dll(order, pe_imports_get(image, i).dll); }
  return true;
}

void order_make(order_t* order, const char* path, const pe_image_t* image, const char* left_out) {
  *order = (order_t){.path = path, .left_out = left_out};
  visit_imports(order, image);
}

void order_free(order_t* order) {
  for (size_t i = 0; i < order->count; i++) { free(order->entries[i].dll); }
  free(order->entries);
}

const order_entry_t* order_get(const order_t* order, unsigned number) {
  for (size_t i = 0; i < order->count; i++) {
    if (order->entries[i].number == number) { return &order->entries[i]; }
  }
  return NULL;
}

bool order_has_runtime(const order_t* order, runtime_t runtime) {
  for (size_t i = 0; i < order->count; i++) {
    if (names_runtime(order->entries[i].dll) == runtime) { return true; }
  }
  return false;
}
