/* processor.h - illumos: getcpuid(3C). */
#ifndef MIM_STUB_ILLUMOS_SYS_PROCESSOR_H
#define MIM_STUB_ILLUMOS_SYS_PROCESSOR_H

typedef int processorid_t;
processorid_t getcpuid(void);

#endif
