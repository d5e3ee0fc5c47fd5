/* random.h - illumos: getrandom(2). */
#ifndef MIM_STUB_ILLUMOS_SYS_RANDOM_H
#define MIM_STUB_ILLUMOS_SYS_RANDOM_H

#include <sys/types.h>

#define GRND_NONBLOCK 1
ssize_t getrandom(void* buffer, size_t size, unsigned flags);

#endif
