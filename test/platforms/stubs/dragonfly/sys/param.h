/* param.h - DragonFly: types. */
#ifndef MIM_STUB_DRAGONFLY_SYS_PARAM_H
#define MIM_STUB_DRAGONFLY_SYS_PARAM_H

#include <sys/types.h>

#endif
