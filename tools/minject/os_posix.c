/* os_posix.c - see os.h. */
#include "minject/os.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

FILE* os_create(const char* path) {
  const int handle = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  return handle >= 0 ? fdopen(handle, "wb") : NULL;
}

bool os_flush(FILE* file) { return fflush(file) == 0 && fsync(fileno(file)) == 0; }

void os_copy_rights(const char* path, const char* model) {
  struct stat info;
  /* Best effort: a file system without rights is no reason to fail. */
  if (stat(model, &info) == 0 && chmod(path, info.st_mode & 0777) != 0) { return; }
}

bool os_replace(const char* from, const char* to) { return rename(from, to) == 0; }

char* os_real_path(const char* path) { return realpath(path, NULL); }

long os_process_id(void) { return (long)getpid(); }

bool os_is_separator(char c) { return c == '/'; }
