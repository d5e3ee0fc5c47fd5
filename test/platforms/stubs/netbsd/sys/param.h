/* param.h - netbsd: types. */
#ifndef MIM_STUB_NETBSD_SYS_PARAM_H
#define MIM_STUB_NETBSD_SYS_PARAM_H

#include <sys/types.h>

#endif
