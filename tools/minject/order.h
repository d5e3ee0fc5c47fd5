/* order.h - in which order the loader initializes the DLLs of a program: each after those it
 * imports, and these in the order of its import table. DLLs in the program's folder are looked
 * into; those of the system are not at hand on every machine. */
#ifndef MIM_TOOLS_MINJECT_ORDER_H
#define MIM_TOOLS_MINJECT_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "minject/names.h"
#include "pe/pe_image.h"

typedef struct order_entry {
  char* dll;
  bool is_beside;  /* in the program's folder */
  bool is_broken;  /* it is there, but cannot be read */
  unsigned number; /* 1 is initialized first */
} order_entry_t;

typedef struct order {
  const char* path;
  const char* left_out;   /* a DLL that is not followed, or NULL */
  order_entry_t* entries; /* in the order in which the loader meets them */
  size_t count;
  unsigned number_last;
} order_t;

/* Follows the imports of the program at `path`, which `image` shows, but for the DLL `left_out`,
 * which may be NULL. */
void order_make(order_t* order, const char* path, const pe_image_t* image, const char* left_out);
void order_free(order_t* order);

/* The entry that is initialized as number `number`. */
const order_entry_t* order_get(const order_t* order, unsigned number);

/* Whether any of the DLLs is that runtime. */
bool order_has_runtime(const order_t* order, runtime_t runtime);

#endif
