/* fcntl.h - POSIX: open. */
#ifndef MIM_STUB_POSIX_FCNTL_H
#define MIM_STUB_POSIX_FCNTL_H

enum { O_RDONLY = 0, O_WRONLY = 1, O_CREAT = 4, O_TRUNC = 8, O_CLOEXEC = 16 };
int open(const char* path, int flags, ...);

#endif
