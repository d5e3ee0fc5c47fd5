/* errno.h - POSIX: error numbers. */
#ifndef MIM_STUB_POSIX_ERRNO_H
#define MIM_STUB_POSIX_ERRNO_H

int* mim_stub_errno(void);
#define errno (*mim_stub_errno())
enum { ENOENT = 2, EINTR, ENOMEM, EEXIST, EINVAL, ENOSYS, EFAULT, EAGAIN, EOVERFLOW, ETIMEDOUT };

#endif
