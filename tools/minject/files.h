/* files.h - whole files: read into memory, written so that nobody ever sees half of one. */
#ifndef MIM_TOOLS_MINJECT_FILES_H
#define MIM_TOOLS_MINJECT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct file_bytes {
  uint8_t* bytes;
  size_t size;
} file_bytes_t;

/* Ends the program, with a sentence, if there is no memory. */
void* memory_get(size_t size);

/* A new text of three parts. */
char* text_join(const char* a, const char* b, const char* c);

/* NULL, or why the file cannot be read. An empty file has one byte of memory. */
const char* file_read(const char* path, file_bytes_t* file);
void file_free(file_bytes_t* file);

bool file_exists(const char* path);

/* NULL, or why not. The bytes go to a new file beside it, which then takes the place of `path`, so
 * that after a failure all is as it was. It gets the rights of `model`. */
const char* file_write(const char* path, const file_bytes_t* file, const char* model);

/* The length of the folder in front of the name, with its last separator; 0 if there is none. */
size_t path_folder_length(const char* path);

/* The length up to the dot of the extension: of "a.b/prog.exe", that of "a.b/prog". */
size_t path_stem_length(const char* path);

/* The path of `name` in the folder of `path`, as that folder spells it; NULL if it is not there. */
char* path_find_beside(const char* path, const char* name);

#endif
