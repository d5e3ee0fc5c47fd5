/* param.h - openbsd: types. */
#ifndef MIM_STUB_OPENBSD_SYS_PARAM_H
#define MIM_STUB_OPENBSD_SYS_PARAM_H

#include <sys/types.h>

#endif
