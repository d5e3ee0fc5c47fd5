/* unistd_extras.h - macOS: issetugid(2). */
#ifndef MIM_STUB_MACOS_UNISTD_EXTRAS_H
#define MIM_STUB_MACOS_UNISTD_EXTRAS_H

int issetugid(void);

#endif
