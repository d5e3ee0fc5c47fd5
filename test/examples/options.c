/* options.c - options are read and set; the environment says the same: MIMALLOC_PURGE_DELAY=0. */
#include <mimalloc.h>
#include <string.h>

#include "example.h"

static void find_name(const char* message, void* arg) {
  if (strstr(message, "purge_delay") != NULL) { *(int*)arg = 1; }
}

int main(void) {
  mi_option_set_default(mi_option_purge_delay, 10); /* unless the environment says otherwise */
  EXPECT(mi_option_get(mi_option_purge_delay) >= -1);
  mi_option_set(mi_option_purge_delay, 0);
  EXPECT(mi_option_get(mi_option_purge_delay) == 0);

  mi_option_set(mi_option_arena_reserve, 64 * 1024); /* kept in KiB ... */
  EXPECT(mi_option_get_size(mi_option_arena_reserve) == (size_t)64 * 1024 * 1024); /* in bytes */
  EXPECT(mi_option_get_clamp(mi_option_arena_reserve, 1, 1024) == 1024);

  mi_option_enable(mi_option_show_errors);
  EXPECT(mi_option_is_enabled(mi_option_show_errors));
  mi_option_set_enabled(mi_option_show_errors, false);
  EXPECT(!mi_option_is_enabled(mi_option_show_errors));

  int is_printed = 0;
  mi_options_print_out(&find_name, &is_printed);
  EXPECT(is_printed);
  return 0;
}
