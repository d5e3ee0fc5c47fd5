/* options.h - the options of the library: a value each, from the default, the environment, or the
 * program.  Any thread may read and set any option at any time. */
#ifndef MIM_DIAG_OPTIONS_H
#define MIM_DIAG_OPTIONS_H

#include <limits.h>

#include "base/config.h"

/* Build options that only change a default. */
#ifndef MI_SHOW_ERRORS
#define MI_SHOW_ERRORS 0
#endif
#ifndef MI_GUARDED
#define MI_GUARDED 0
#endif
#ifndef MI_NO_THP
#define MI_NO_THP 0
#endif

#define MIM_OPTION_SHOW_ERRORS (MI_SHOW_ERRORS != 0 || MI_DEBUG > 0 || MIM_ASSERT_LEVEL > 0)
#define MIM_OPTION_ALLOW_THP (MI_NO_THP != 0 ? 0 : 1)
#define MIM_OPTION_GUARDED_SAMPLE_RATE (MI_GUARDED != 0 && MI_DEBUG == 0 ? 4000 : 0)
#define MIM_OPTION_ARENA_RESERVE (MIM_IS_64BIT ? 1048576 : 16384)
/* Of a size in KiB: so many bytes can be counted, and a long, which may be shorter, holds it. */
#define MIM_OPTION_KIB_MAX ((long)(PTRDIFF_MAX / 1024 < LONG_MAX ? PTRDIFF_MAX / 1024 : LONG_MAX))
#define MIM_OPTION_MAX_OBJECT (MIM_IS_64BIT ? 2097152 : 262144)

typedef enum mim_option {
#define MIM_OPTION(position, name, old, def, min, max, unit, help) MIM_OPTION_##name = (position),
#include "diag/options.def"
#undef MIM_OPTION
  MIM_OPTION_COUNT
} mim_option_t;

typedef enum mim_option_unit {
  MIM_UNIT_BOOL,
  MIM_UNIT_INT,
  MIM_UNIT_MSEC,
  MIM_UNIT_KIB,
  MIM_UNIT_BYTES
} mim_option_unit_t;

typedef struct mim_option_info {
  const char* name;      /* lower case; the environment variable is MIMALLOC_<UPPER CASE> */
  const char* old_names; /* separated by spaces; or "" */
  long initial, min, max;
  mim_option_unit_t unit;
  const char* help;
} mim_option_info_t;

/* MIMALLOC_PROFILE: the file that a profile of the whole process goes to; NULL: none. */
const char* mim_option_profile_file(void);

/* Reads the environment, once there is one; later calls do nothing. */
void mim_options_load(void);

const mim_option_info_t* mim_option_info(mim_option_t option);
long mim_option_get(mim_option_t option);
long mim_option_get_clamp(mim_option_t option, long min, long max);
size_t mim_option_get_size(mim_option_t option); /* in bytes; 0 for a negative value */
void mim_option_set(mim_option_t option, long value);

/* Has no effect on an option that the environment or the program has set. */
void mim_option_set_default(mim_option_t option, long value);

/* The value of a text such as "1", "off", "64MiB"; false, without effect, if it is none. */
bool mim_option_parse(mim_option_t option, const char* text, long* value);

MIM_INLINE bool mim_option_is_enabled(mim_option_t option) { return mim_option_get(option) != 0; }

#endif
