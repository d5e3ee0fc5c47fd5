/* mi_options.c - mi_option_*.  Contracts: include/mimalloc.h; the table: diag/options.def. */
#include "diag/message.h"
#include "diag/options.h"
#include "mimalloc.h"

/* The public enum is written out in the header; the table is the truth. */
#define MIM_OPTION(position, name, old, def, min, max, unit, help) \
  _Static_assert((int)mi_option_##name == (position), "position of " #name);
#include "diag/options.def"
#undef MIM_OPTION
_Static_assert((int)_mi_option_last == (int)MIM_OPTION_COUNT, "the same number of options");

static bool option_exists(mi_option_t option) {
  return (unsigned)option < (unsigned)MIM_OPTION_COUNT;
}

MIM_EXPORT long mi_option_get(mi_option_t option) {
  return option_exists(option) ? mim_option_get((mim_option_t)option) : 0;
}

MIM_EXPORT long mi_option_get_clamp(mi_option_t option, long min, long max) {
  const long value = mi_option_get(option);
  return value < min ? min : (value > max ? max : value);
}

MIM_EXPORT size_t mi_option_get_size(mi_option_t option) {
  return option_exists(option) ? mim_option_get_size((mim_option_t)option) : 0;
}

MIM_EXPORT bool mi_option_is_enabled(mi_option_t option) { return mi_option_get(option) != 0; }

MIM_EXPORT void mi_option_set(mi_option_t option, long value) {
  if (option_exists(option)) { mim_option_set((mim_option_t)option, value); }
}

MIM_EXPORT void mi_option_set_default(mi_option_t option, long value) {
  if (option_exists(option)) { mim_option_set_default((mim_option_t)option, value); }
}

MIM_EXPORT void mi_option_set_enabled(mi_option_t option, bool enable) {
  mi_option_set(option, enable ? 1 : 0);
}

MIM_EXPORT void mi_option_set_enabled_default(mi_option_t option, bool enable) {
  mi_option_set_default(option, enable ? 1 : 0);
}

MIM_EXPORT void mi_option_enable(mi_option_t option) { mi_option_set_enabled(option, true); }
MIM_EXPORT void mi_option_disable(mi_option_t option) { mi_option_set_enabled(option, false); }

MIM_EXPORT void mi_options_print_out(mi_output_fun* out, void* arg) {
  static const char* const units[] = {"", "", " ms", " KiB", " B"};
  mim_print_to(out, arg, "mimalloc %d.%d.%d\n", MIM_VERSION / 10000, MIM_VERSION / 100 % 100,
               MIM_VERSION % 100);
  for (int i = 0; i < MIM_OPTION_COUNT; i++) {
    const mim_option_info_t* const info = mim_option_info((mim_option_t)i);
    mim_print_to(out, arg, "option '%s': %ld%s\n", info->name, mim_option_get((mim_option_t)i),
                 units[info->unit]);
  }
}

MIM_EXPORT void mi_options_print(void) { mi_options_print_out(NULL, NULL); }
