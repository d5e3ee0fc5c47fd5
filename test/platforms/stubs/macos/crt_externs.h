/* crt_externs.h - macOS: the environment of a program, for its libraries; environ(7). */
#ifndef MIM_STUB_MACOS_CRT_EXTERNS_H
#define MIM_STUB_MACOS_CRT_EXTERNS_H

char*** _NSGetEnviron(void);

#endif
