/* unistd_extras.h - freebsd: issetugid(2), getentropy(3). */
#ifndef MIM_STUB_FREEBSD_UNISTD_EXTRAS_H
#define MIM_STUB_FREEBSD_UNISTD_EXTRAS_H

int issetugid(void);
int getentropy(void* buffer, size_t size);

#endif
