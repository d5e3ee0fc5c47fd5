/* loaded.h - a DLL as the Windows loader lays it out in memory, on any system. */
#ifndef MIM_TEST_REDIRECT_LOADED_H
#define MIM_TEST_REDIRECT_LOADED_H

#include "pe/pe_image.h"

/* As a process for x64 sees it, which of an ARM64X file is the ARM64EC half. File offsets of the
 * image are the same as addresses. Ends the process if the file cannot be read. */
pe_image_t loaded_open(const char* path);

#endif
