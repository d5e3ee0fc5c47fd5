/* file.c - files that are written once, from start to end. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "prim/prim.h"

int mim_prim_file_create(const char* path, int* file) {
  const int saved_errno = errno;
  *file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  const int error = (*file < 0 ? errno : 0);
  errno = saved_errno;
  return error;
}

/* errno is left to the caller. */
static int write_all(int file, const char* text, size_t length) {
  while (length > 0) {
    const ssize_t written = write(file, text, length);
    if (written < 0 && errno == EINTR) { continue; }
    if (written < 0) { return errno; }
    text += written;
    length -= (size_t)written;
  }
  return 0;
}

int mim_prim_file_write(int file, const char* text, size_t length) {
  const int saved_errno = errno;
  const int error = write_all(file, text, length);
  errno = saved_errno;
  return error;
}

static int copy_all(int from, int to) {
  char buffer[4096];
  for (;;) {
    const ssize_t length = read(from, buffer, sizeof(buffer));
    if (length < 0 && errno == EINTR) { continue; }
    if (length < 0) { return errno; }
    if (length == 0) { return 0; }
    const int error = write_all(to, buffer, (size_t)length);
    if (error != 0) { return error; }
  }
}

/* Where there is no such file, a profile has no names: that is no error. */
int mim_prim_file_write_mappings(int file) {
  const int saved_errno = errno;
  const int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  const int error = (maps < 0 ? 0 : copy_all(maps, file));
  if (maps >= 0) { close(maps); }
  errno = saved_errno;
  return error;
}

int mim_prim_file_close(int file) {
  const int saved_errno = errno;
  const int error = (close(file) == 0 ? 0 : errno);
  errno = saved_errno;
  return error;
}

int mim_prim_file_rename(const char* from, const char* to) {
  const int saved_errno = errno;
  const int error = (rename(from, to) == 0 ? 0 : errno);
  errno = saved_errno;
  return error;
}

int mim_prim_file_remove(const char* path) {
  const int saved_errno = errno;
  const int error = (unlink(path) == 0 ? 0 : errno);
  errno = saved_errno;
  return error;
}

_Static_assert(MIM_PRIM_PATH_MAX >= PATH_MAX, "realpath may write so much");

bool mim_prim_real_path(const char* path, char* resolved) {
  return realpath(path, resolved) != NULL;
}
