/* unistd_extras.h - openbsd: issetugid(2), getentropy. */
#ifndef MIM_STUB_OPENBSD_UNISTD_EXTRAS_H
#define MIM_STUB_OPENBSD_UNISTD_EXTRAS_H

int issetugid(void);
int getentropy(void* buffer, size_t size);

#endif
