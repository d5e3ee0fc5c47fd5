/* unistd_extras.h - Android: system calls. */
#ifndef MIM_STUB_ANDROID_UNISTD_EXTRAS_H
#define MIM_STUB_ANDROID_UNISTD_EXTRAS_H

long syscall(long number, ...);

#endif
