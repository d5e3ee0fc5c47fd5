/* sched_extras.h - Android: sched_getcpu. */
#ifndef MIM_STUB_ANDROID_SCHED_EXTRAS_H
#define MIM_STUB_ANDROID_SCHED_EXTRAS_H

int sched_getcpu(void);

#endif
