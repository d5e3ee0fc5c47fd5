/* page_guarded.h - OS pages without access behind a block, and over a freed one. */
#ifndef MIM_PAGE_PAGE_GUARDED_H
#define MIM_PAGE_PAGE_GUARDED_H

#include "page/page.h"

/* Takes the access away from what lies behind the first `open` bytes of the slices; false, without
 * effect, where that is not possible. */
bool mim_page_guard(const mim_slices_t* slices, size_t open);

/* Gives guarded slices back, some time later: until then nobody can access them. */
void mim_page_release_guarded(const mim_slices_t* slices);

#endif
