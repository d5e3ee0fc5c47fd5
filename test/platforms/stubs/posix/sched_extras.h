/* sched_extras.h - nothing beside POSIX. */
#ifndef MIM_STUB_POSIX_SCHED_EXTRAS_H
#define MIM_STUB_POSIX_SCHED_EXTRAS_H

/* Systems with more have a file of this name of their own. */

#endif
