/* unistd.h - POSIX: files, and the process. */
#ifndef MIM_STUB_POSIX_UNISTD_H
#define MIM_STUB_POSIX_UNISTD_H

#include <sys/types.h>

enum { _SC_PAGESIZE = 1, STDERR_FILENO = 2 };
long sysconf(int name);
int close(int file);
ssize_t read(int file, void* buffer, size_t size);
ssize_t write(int file, const void* buffer, size_t size);
int unlink(const char* path);
pid_t getpid(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
void _exit(int status);
#include <unistd_extras.h>

#endif
