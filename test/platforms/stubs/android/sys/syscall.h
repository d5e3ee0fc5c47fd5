/* syscall.h - Android: numbers of system calls. */
#ifndef MIM_STUB_ANDROID_SYS_SYSCALL_H
#define MIM_STUB_ANDROID_SYS_SYSCALL_H

#define SYS_getcpu 168
#define SYS_getrandom 278
#define SYS_mbind 235

#endif
