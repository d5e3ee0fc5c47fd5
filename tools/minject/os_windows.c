/* os_windows.c - see os.h. */
#include "minject/os.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <windows.h>

FILE* os_create(const char* path) {
  const int handle = _open(path, _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY, _S_IREAD | _S_IWRITE);
  return handle >= 0 ? _fdopen(handle, "wb") : NULL;
}

bool os_flush(FILE* file) { return fflush(file) == 0 && _commit(_fileno(file)) == 0; }

/* A new file inherits its rights from the folder; nothing marks a program. */
void os_copy_rights(const char* path, const char* model) {
  (void)path;
  (void)model;
}

bool os_replace(const char* from, const char* to) {
  return MoveFileExA(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
}

char* os_real_path(const char* path) { return _fullpath(NULL, path, 0); }

long os_process_id(void) { return (long)GetCurrentProcessId(); }

bool os_is_separator(char c) { return c == '/' || c == '\\' || c == ':'; }
