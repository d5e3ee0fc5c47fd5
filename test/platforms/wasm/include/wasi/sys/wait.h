/* wait.h - so that tests with child processes compile for WASI: lacking.h skips them before they
 * come to ask how a child ended. */
#ifndef MIM_TEST_WASI_WAIT_H
#define MIM_TEST_WASI_WAIT_H

#define WIFEXITED(status) ((status) >= 0)
#define WEXITSTATUS(status) (status)
#define WIFSIGNALED(status) ((status) < 0)
#define WTERMSIG(status) (-(status))

#endif
