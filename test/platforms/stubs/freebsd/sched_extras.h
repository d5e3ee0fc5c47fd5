/* sched_extras.h - FreeBSD: sched_getcpu(3). */
#ifndef MIM_STUB_FREEBSD_SCHED_EXTRAS_H
#define MIM_STUB_FREEBSD_SCHED_EXTRAS_H

int sched_getcpu(void);

#endif
