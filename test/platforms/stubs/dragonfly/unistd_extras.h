/* unistd_extras.h - dragonfly: issetugid(2), getentropy(3). */
#ifndef MIM_STUB_DRAGONFLY_UNISTD_EXTRAS_H
#define MIM_STUB_DRAGONFLY_UNISTD_EXTRAS_H

int issetugid(void);
int getentropy(void* buffer, size_t size);

#endif
