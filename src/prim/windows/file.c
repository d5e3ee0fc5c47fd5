/* file.c - files that are written once, from start to end; their names are UTF-8. */
#include <stdlib.h>

#include "base/bits.h"
#include "prim/prim.h"
#include "prim/windows/api.h"

enum { PATH_LENGTH = 1024 };

static bool path_widen(const char* path, wchar_t* wide) {
  return MultiByteToWideChar(CP_UTF8, 0, path, -1, wide, PATH_LENGTH) != 0;
}

/* A handle has 32 significant bits on every Windows. */
static HANDLE handle_of(int file) { return (HANDLE)(intptr_t)file; }

int mim_prim_file_create(const char* path, int* file) {
  const DWORD saved = GetLastError();
  wchar_t wide[PATH_LENGTH];
  HANDLE handle = INVALID_HANDLE_VALUE;
  if (path_widen(path, wide)) {
    handle = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS,
                         FILE_ATTRIBUTE_NORMAL, NULL);
  }
  *file = (int)(intptr_t)handle;
  return prim_result(handle != INVALID_HANDLE_VALUE, saved);
}

static bool write_all(HANDLE handle, const char* text, size_t length) {
  DWORD written;
  for (; length > 0; text += written, length -= written) {
    const DWORD part = (DWORD)mim_min(length, (size_t)1 << 20);
    if (!WriteFile(handle, text, part, &written, NULL) || written == 0) { return false; }
  }
  return true;
}

int mim_prim_file_write(int file, const char* text, size_t length) {
  const DWORD saved = GetLastError();
  return prim_result(write_all(handle_of(file), text, length), saved);
}

int mim_prim_file_close(int file) {
  const DWORD saved = GetLastError();
  return prim_result(CloseHandle(handle_of(file)), saved);
}

int mim_prim_file_rename(const char* from, const char* to) {
  const DWORD saved = GetLastError();
  wchar_t wide_from[PATH_LENGTH], wide_to[PATH_LENGTH];
  return prim_result(path_widen(from, wide_from) && path_widen(to, wide_to) &&
                       MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING),
                     saved);
}

int mim_prim_file_remove(const char* path) {
  const DWORD saved = GetLastError();
  wchar_t wide[PATH_LENGTH];
  return prim_result(path_widen(path, wide) && DeleteFileW(wide), saved);
}

bool mim_prim_real_path(const char* path, char* resolved) {
  return _fullpath(resolved, path, MAX_PATH) != NULL;
}
