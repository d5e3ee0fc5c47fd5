/* spawn.h - so that tests which start programs compile for WASI: lacking.h skips them. */
#ifndef MIM_TEST_WASI_SPAWN_H
#define MIM_TEST_WASI_SPAWN_H

#include <fcntl.h>
#include <unistd.h>

typedef int posix_spawn_file_actions_t;
#define posix_spawn_file_actions_init(actions) (*(actions) = 0)
#define posix_spawn_file_actions_destroy(actions) (*(actions) = 0)
#define posix_spawn_file_actions_addopen(actions, file, path, flags, mode) (*(actions) = (file))
#define posix_spawn_file_actions_adddup2(actions, from, to) (*(actions) = (from) + (to))
#define posix_spawn_file_actions_addclose(actions, file) (*(actions) = (file))

static inline int posix_spawn(pid_t* child, const char* path, const void* actions,
                              const void* attributes, char* const* arguments, char* const* names) {
  (void)actions, (void)attributes, (void)names;
  *child = execv(path, arguments);
  return *child;
}

#endif
