/* unistd_extras.h - illumos: issetugid(2). */
#ifndef MIM_STUB_ILLUMOS_UNISTD_EXTRAS_H
#define MIM_STUB_ILLUMOS_UNISTD_EXTRAS_H

int issetugid(void);

#endif
