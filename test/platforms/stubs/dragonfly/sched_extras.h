/* sched_extras.h - DragonFly: sched_getcpu(3). */
#ifndef MIM_STUB_DRAGONFLY_SCHED_EXTRAS_H
#define MIM_STUB_DRAGONFLY_SCHED_EXTRAS_H

int sched_getcpu(void);

#endif
