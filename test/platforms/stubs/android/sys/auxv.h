/* auxv.h - Android: getauxval. */
#ifndef MIM_STUB_ANDROID_SYS_AUXV_H
#define MIM_STUB_ANDROID_SYS_AUXV_H

#define AT_PHDR 3
#define AT_SECURE 23
unsigned long getauxval(unsigned long kind);

#endif
