/* files.c - see files.h. */
#include "minject/files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "minject/os.h"
#include "pe/pe_imports.h"

void* memory_get(size_t size) {
  void* const memory = malloc(size != 0 ? size : 1);
  if (memory == NULL) {
    fprintf(stderr, "minject: there is no memory for %zu bytes; close other programs\n", size);
    exit(1);
  }
  return memory;
}

char* text_join(const char* a, const char* b, const char* c) {
  const size_t size = strlen(a) + strlen(b) + strlen(c) + 1;
  char* const text = memory_get(size);
  snprintf(text, size, "%s%s%s", a, b, c);
  return text;
}

/* -- Reading */

/* A file may grow or be a pipe: what counts is what comes. */
static const char* read_all(FILE* stream, file_bytes_t* file) {
  size_t capacity = 1 << 16;
  *file = (file_bytes_t){.bytes = memory_get(capacity), .size = 0};
  for (;;) {
    file->size += fread(file->bytes + file->size, 1, capacity - file->size, stream);
    if (file->size < capacity) { break; }
    uint8_t* const larger = memory_get(capacity * 2);
    memcpy(larger, file->bytes, file->size);
    free(file->bytes);
    file->bytes = larger;
    capacity *= 2;
  }
  return ferror(stream) ? strerror(errno) : NULL;
}

const char* file_read(const char* path, file_bytes_t* file) {
  FILE* const stream = fopen(path, "rb");
  if (stream == NULL) { return strerror(errno); }
  const char* const failure = read_all(stream, file);
  fclose(stream);
  if (failure != NULL) { file_free(file); }
  return failure;
}

void file_free(file_bytes_t* file) {
  free(file->bytes);
  *file = (file_bytes_t){NULL, 0};
}

bool file_exists(const char* path) {
  FILE* const stream = fopen(path, "rb");
  if (stream != NULL) { fclose(stream); }
  /* A file that cannot be read is there nevertheless. */
  return stream != NULL || errno != ENOENT;
}

/* -- Writing */

static bool write_all(const char* path, const file_bytes_t* file) {
  FILE* const stream = os_create(path);
  if (stream == NULL) { return false; }
  const bool is_written =
    fwrite(file->bytes, 1, file->size, stream) == file->size && os_flush(stream);
  return (fclose(stream) == 0) && is_written;
}

const char* file_write(const char* path, const file_bytes_t* file, const char* model) {
  char suffix[40];
  snprintf(suffix, sizeof(suffix), ".%ld.tmp", os_process_id());
  char* const temporary = text_join(path, suffix, "");
  const char* failure = NULL;
  if (write_all(temporary, file)) {
    os_copy_rights(temporary, model);
    if (!os_replace(temporary, path)) { failure = strerror(errno); }
  } else {
    failure = strerror(errno);
  }
  if (failure != NULL) { remove(temporary); }
  free(temporary);
  return failure;
}

/* -- Paths */

size_t path_folder_length(const char* path) {
  size_t length = strlen(path);
  while (length > 0 && !os_is_separator(path[length - 1])) { length--; }
  return length;
}

size_t path_stem_length(const char* path) {
  const size_t folder = path_folder_length(path);
  const char* const dot = strrchr(path + folder, '.');
  return dot != NULL && dot > path + folder ? (size_t)(dot - path) : strlen(path);
}

static char* find_in_folder(DIR* folder, const char* prefix, const char* name) {
  for (struct dirent* entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
    if (pe_names_equal(entry->d_name, name)) { return text_join(prefix, entry->d_name, ""); }
  }
  return NULL;
}

char* path_find_beside(const char* path, const char* name) {
  char* const prefix = text_join(path, "", "");
  prefix[path_folder_length(path)] = 0;
  DIR* const folder = opendir(prefix[0] != 0 ? prefix : ".");
  char* found = NULL;
  if (folder != NULL) {
    found = find_in_folder(folder, prefix, name);
    closedir(folder);
  }
  free(prefix);
  return found;
}
