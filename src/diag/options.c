/* options.c - see options.h.  The environment is read from the environ block itself: getenv may
 * not be ready when the first allocation comes, and a lock or a copy would need memory. */
#include "diag/options.h"

#include <stdatomic.h>

#include "base/assert.h"
#include "base/bits.h"
#include "base/text.h"
#include "diag/message.h"
#include "prim/prim.h"

static const mim_option_info_t option_info[MIM_OPTION_COUNT] = {
#define MIM_OPTION(position, name, old, def, min, max, unit, help) \
  [position] = {#name, old, def, min, max, MIM_UNIT_##unit, help},
#include "diag/options.def"
#undef MIM_OPTION
};

static _Atomic(long) option_value[MIM_OPTION_COUNT] = {
#define MIM_OPTION(position, name, old, def, min, max, unit, help) [position] = (def),
#include "diag/options.def"
#undef MIM_OPTION
};

static _Atomic(bool) option_is_set[MIM_OPTION_COUNT];

/* Each default must lie in its own range: checked by the compiler, not by a reviewer. */
#define MIM_OPTION(position, name, old, def, min, max, unit, help) \
  _Static_assert((def) >= (min) && (def) <= (max), "default of " #name " is out of range");
#include "diag/options.def"
#undef MIM_OPTION

/* Names of version 2 that a program may still set: accepted, without effect. */
static const char* const option_ignored[] = {
  "eager_commit",
  "eager_commit_delay",
  "abandoned_page_purge",
  "max_segment_reclaim",
  "target_segments_per_thread",
  "purge_extend_delay",
  "segment_cache",
  "page_reset",
  "segment_reset",
};

const mim_option_info_t* mim_option_info(mim_option_t option) {
  mim_assert(option < MIM_OPTION_COUNT);
  return &option_info[option];
}

long mim_option_get(mim_option_t option) {
  mim_assert(option < MIM_OPTION_COUNT);
  return atomic_load_explicit(&option_value[option], memory_order_relaxed);
}

long mim_option_get_clamp(mim_option_t option, long min, long max) {
  const long value = mim_option_get(option);
  return value < min ? min : (value > max ? max : value);
}

size_t mim_option_get_size(mim_option_t option) {
  const long value = mim_option_get(option);
  if (value <= 0) { return 0; }
  if (option_info[option].unit != MIM_UNIT_KIB) { return (size_t)value; }
  return (size_t)value > SIZE_MAX / MIM_KIB ? SIZE_MAX : (size_t)value * MIM_KIB;
}

void mim_option_set(mim_option_t option, long value) {
  mim_assert(option < MIM_OPTION_COUNT);
  atomic_store_explicit(&option_value[option], value, memory_order_relaxed);
  atomic_store_explicit(&option_is_set[option], true, memory_order_relaxed);
}

void mim_option_set_default(mim_option_t option, long value) {
  mim_assert(option < MIM_OPTION_COUNT);
  if (atomic_load_explicit(&option_is_set[option], memory_order_relaxed)) { return; }
  atomic_store_explicit(&option_value[option], value, memory_order_relaxed);
}

/* ---- values ---- */

static bool is_word(const char* text, const char* const words[], size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (mim_text_equal_nocase(text, words[i], SIZE_MAX)) { return true; }
  }
  return false;
}

static bool parse_digits(const char** at, bool* is_negative, uint64_t* value) {
  const char* t = *at;
  *is_negative = (*t == '-');
  if (*t == '-' || *t == '+') { t++; }
  if (*t < '0' || *t > '9') { return false; }
  for (*value = 0; *t >= '0' && *t <= '9'; t++) {
    const uint64_t digit = (uint64_t)(*t - '0');
    if (*value > (INT64_MAX - digit) / 10) { return false; }
    *value = 10 * *value + digit;
  }
  *at = t;
  return true;
}

/* K, M, G, T, alone or followed by B or iB: the power of 1024, 0 for none, -1 for nonsense. */
static int parse_size_suffix(const char* text) {
  static const char letters[] = "KMGT";
  if (*text == 0) { return 0; }
  int power = -1;
  for (int i = 0; letters[i] != 0; i++) {
    if (mim_text_upper(*text) == letters[i]) { power = i + 1; }
  }
  text++;
  if (mim_text_upper(text[0]) == 'I' && mim_text_upper(text[1]) == 'B') {
    text += 2;
  } else if (mim_text_upper(text[0]) == 'B') {
    text++;
  }
  return *text == 0 ? power : -1;
}

/* A plain number is a number of bytes; what is kept in KiB is rounded up. */
static bool scale_size(mim_option_unit_t unit, const char* suffix, uint64_t* value) {
  const int power = parse_size_suffix(suffix);
  if (power < 0) { return false; }
  if (power == 0) {
    if (unit == MIM_UNIT_KIB) { *value = *value / MIM_KIB + (*value % MIM_KIB != 0); }
    return true;
  }
  const unsigned shift = 10u * (unsigned)power - (unit == MIM_UNIT_KIB ? 10u : 0u);
  if (*value > ((uint64_t)INT64_MAX >> shift)) { return false; }
  *value <<= shift;
  return true;
}

bool mim_option_parse(mim_option_t option, const char* text, long* value) {
  static const char* const yes[] = {"", "1", "TRUE", "YES", "ON"};
  static const char* const no[] = {"0", "FALSE", "NO", "OFF"};
  const mim_option_info_t* const info = mim_option_info(option);
  const bool is_size = (info->unit == MIM_UNIT_KIB || info->unit == MIM_UNIT_BYTES);
  bool is_negative = false;
  uint64_t number = 0;
  if (is_word(text, yes, sizeof(yes) / sizeof(yes[0]))) {
    number = 1;
  } else if (!is_word(text, no, sizeof(no) / sizeof(no[0]))) {
    if (!parse_digits(&text, &is_negative, &number)) { return false; }
    if (is_size ? !scale_size(info->unit, text, &number) : *text != 0) { return false; }
  }
  if (number > LONG_MAX) { return false; }
  const long parsed = is_negative ? -(long)number : (long)number;
  if (parsed < info->min || parsed > info->max) { return false; }
  *value = parsed;
  return true;
}

/* ---- the environment ---- */

/* Names may stand in a row, with spaces between them. */
static bool ends_name(char c) { return c == 0 || c == ' '; }

/* The text behind `=` if `variable` is PREFIX_NAME=text for one of our two prefixes. */
static const char* value_of(const char* variable, const char* name) {
  static const char* const prefixes[] = {"MIMALLOC_", "MI_"};
  for (size_t i = 0; i < 2; i++) {
    const char* at = variable;
    const char* p = prefixes[i];
    for (; *p != 0 && mim_text_upper(*at) == *p; p++) { at++; }
    if (*p != 0) { continue; }
    const char* n = name;
    for (; !ends_name(*n) && mim_text_upper(*at) == mim_text_upper(*n); n++) { at++; }
    if (ends_name(*n) && *at == '=') { return at + 1; }
  }
  return NULL;
}

static void warn_bad_value(const mim_option_info_t* info, const char* text) {
  char name[64];
  mim_text_t upper = mim_text_in(name, sizeof(name));
  for (const char* c = info->name; *c != 0; c++) { mim_text_char(&upper, mim_text_upper(*c)); }
  static const char* const units[] = {"", "", " milliseconds", " KiB", " bytes"};
  if (info->unit == MIM_UNIT_BOOL) {
    mim_warn("environment variable MIMALLOC_%s has the bad value '%s': expected 0 or 1; "
             "the default %ld is used",
             name, text, info->initial);
  } else if (info->max >= (info->unit == MIM_UNIT_KIB ? MIM_OPTION_KIB_MAX : LONG_MAX)) {
    mim_warn("environment variable MIMALLOC_%s has the bad value '%s': expected a number%s of at "
             "least %ld; the default %ld is used",
             name, text, units[info->unit], info->min, info->initial);
  } else {
    mim_warn("environment variable MIMALLOC_%s has the bad value '%s': expected a number%s from "
             "%ld to %ld; the default %ld is used",
             name, text, units[info->unit], info->min, info->max, info->initial);
  }
}

/* The former name that the variable has; NULL if it is none of them. */
static const char* old_name_of(const char* variable, const mim_option_info_t* info) {
  for (const char* name = info->old_names; *name != 0; name++) {
    const bool starts = name == info->old_names || name[-1] == ' ';
    if (starts && value_of(variable, name) != NULL) { return name; }
  }
  return NULL;
}

static void tell_old_name(const char* old_name, const mim_option_info_t* info) {
  static const char gone[] = "deprecated_";
  char buffer[64];
  mim_text_t name = mim_text_in(buffer, sizeof(buffer));
  for (; !ends_name(*old_name); old_name++) { mim_text_char(&name, *old_name); }
  if (mim_text_equal_nocase(info->name, gone, sizeof(gone) - 1)) {
    mim_verbose(1, "the option '%s' of version 2 has no effect any more", buffer);
  } else {
    mim_warn("the option '%s' is deprecated: it is now called '%s'", buffer, info->name);
  }
}

static bool load_variable_as(const char* variable, mim_option_t option) {
  const mim_option_info_t* const info = mim_option_info(option);
  const char* text = value_of(variable, info->name);
  const char* const old_name = text == NULL ? old_name_of(variable, info) : NULL;
  if (old_name != NULL) { text = value_of(variable, old_name); }
  if (text == NULL) { return false; }
  long value;
  if (!mim_option_parse(option, text, &value)) {
    warn_bad_value(info, text);
    return true;
  }
  mim_option_set(option, value);
  if (old_name != NULL) { tell_old_name(old_name, info); }
  return true;
}

static size_t name_length(const char* text) {
  size_t length = 0;
  while (text[length] != 0 && text[length] != '=') { length++; }
  return length;
}

enum { NAME_MAX_LENGTH = 48 };

/* How many letters must be changed, added or left out to get from one name to the other. */
static size_t name_distance(const char* a, const char* b) {
  size_t row[NAME_MAX_LENGTH + 1];
  const size_t width = mim_min(name_length(b), NAME_MAX_LENGTH);
  for (size_t j = 0; j <= width; j++) { row[j] = j; }
  for (size_t i = 0; i < name_length(a); i++) {
    size_t diagonal = row[0]++;
    for (size_t j = 0; j < width; j++) {
      const size_t changed = diagonal + (mim_text_upper(a[i]) != mim_text_upper(b[j]));
      diagonal = row[j + 1];
      row[j + 1] = mim_min(changed, 1 + mim_min(row[j], diagonal));
    }
  }
  return row[width];
}

static void warn_unknown(const char* variable) {
  const char* const name = variable + sizeof("MIMALLOC_") - 1;
  for (size_t i = 0; i < sizeof(option_ignored) / sizeof(option_ignored[0]); i++) {
    if (value_of(variable, option_ignored[i]) == NULL) { continue; }
    mim_verbose(1, "the option '%s' of version 2 has no effect any more", option_ignored[i]);
    return;
  }
  size_t best_distance = SIZE_MAX;
  const char* best = "";
  for (int i = 0; i < MIM_OPTION_COUNT; i++) {
    const size_t distance = name_distance(name, option_info[i].name);
    if (distance >= best_distance) { continue; }
    best_distance = distance;
    best = option_info[i].name;
  }
  char text[128];
  mim_text_t known = mim_text_in(text, sizeof(text));
  for (size_t i = 0; i < name_length(variable); i++) { mim_text_char(&known, variable[i]); }
  mim_verbose(1, "environment variable %s names no option; the nearest is '%s'", text, best);
}

static _Atomic(const char*) option_profile_file;

const char* mim_option_profile_file(void) {
  return atomic_load_explicit(&option_profile_file, memory_order_relaxed);
}

static bool load_profile_file(const char* variable) {
  const char* const name = value_of(variable, "profile");
  if (name == NULL) { return false; }
  const char* const file = *name == 0 ? NULL : name;
  atomic_store_explicit(&option_profile_file, file, memory_order_relaxed);
  return true;
}

/* Of redirection on Windows, which is before the options. */
static bool is_of_redirection(const char* variable) {
  return value_of(variable, "disable_redirect") != NULL ||
         value_of(variable, "redirect_msvcrt") != NULL;
}

static void load_variable(const char* variable) {
  if (mim_text_upper(variable[0]) != 'M' || mim_text_upper(variable[1]) != 'I') { return; }
  if (load_profile_file(variable) || is_of_redirection(variable)) { return; }
  for (int i = 0; i < MIM_OPTION_COUNT; i++) {
    if (load_variable_as(variable, (mim_option_t)i)) { return; }
  }
  if (mim_text_equal_nocase(variable, "MIMALLOC_", 9)) { warn_unknown(variable); }
}

/* Two rounds: the first finds `verbose` and the limits of messages, which the second obeys. */
static void load_environment(char** environment) {
  static const mim_option_t first[] = {MIM_OPTION_verbose, MIM_OPTION_max_warnings,
                                       MIM_OPTION_max_errors};
  for (char** e = environment; *e != NULL; e++) {
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
      const char* const text = value_of(*e, option_info[first[i]].name);
      long value;
      if (text != NULL && mim_option_parse(first[i], text, &value)) {
        mim_option_set(first[i], value);
      }
    }
  }
  for (char** e = environment; *e != NULL; e++) { load_variable(*e); }
}

void mim_options_load(void) {
  static _Atomic(bool) is_loaded;
  char** const environment = mim_prim_environment();
  if (environment == NULL) { return; }
  if (atomic_exchange_explicit(&is_loaded, true, memory_order_acq_rel)) { return; }
  if (mim_prim_is_secure_execution()) { return; }
  load_environment(environment);
}
