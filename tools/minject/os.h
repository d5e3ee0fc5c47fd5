/* os.h - what differs between the systems that minject runs on. */
#ifndef MIM_TOOLS_MINJECT_OS_H
#define MIM_TOOLS_MINJECT_OS_H

#include <stdbool.h>
#include <stdio.h>

/* A file that was not there before, open for writing; NULL, with errno, if it cannot be made. */
FILE* os_create(const char* path);

/* All that was written is on the disk, also if the machine fails now. */
bool os_flush(FILE* file);

/* Gives `path` the rights (may it be executed?) of `model`, as far as the system has such. */
void os_copy_rights(const char* path, const char* model);

/* `from` takes the place of `to`, in one step. */
bool os_replace(const char* from, const char* to);

/* The file that `path` leads to through links, to be freed; NULL if there is none. */
char* os_real_path(const char* path);

long os_process_id(void);

bool os_is_separator(char c);

#endif
