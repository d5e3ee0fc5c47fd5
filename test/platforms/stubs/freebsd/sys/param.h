/* param.h - FreeBSD: its version; sched_getcpu came with 13.1. */
#ifndef MIM_STUB_FREEBSD_SYS_PARAM_H
#define MIM_STUB_FREEBSD_SYS_PARAM_H

#include <sys/types.h>

#define __FreeBSD_version 1401000

#endif
