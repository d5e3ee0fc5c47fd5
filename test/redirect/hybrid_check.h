/* hybrid_check.h - what has to hold for each function that an ARM64EC runtime exports. */
#ifndef MIM_TEST_REDIRECT_HYBRID_CHECK_H
#define MIM_TEST_REDIRECT_HYBRID_CHECK_H

#include "pe/pe_image.h"

/* Both ways into it are found, each is code of its processor, and both are planned; if not, the
 * process ends. The result is the address of the ARM64 code in the image. */
uint32_t hybrid_check(const pe_image_t* image, const char* name);

#endif
