/* redirect.h - what mimalloc.dll asks of its companion, mimalloc-redirect.dll: to change functions
 * of the C runtime in memory, so that they lead to ours.
 *
 * A runtime has up to four forms of a function (`free`, `_free_base`, `_o_free`, `_free_dbg`), and
 * a process may have three runtimes: that is a *place*.  A pointer that is not ours goes back to
 * the very function that was called, so a replacement that takes pointers is another function at
 * each place, and knows its original. */
#ifndef MIM_API_REDIRECT_H
#define MIM_API_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>

enum { MIM_REDIRECT_VERSION = 2, MIM_REDIRECT_FORMS = 4, MIM_REDIRECT_PLACES = 12 };

typedef void mim_redirect_code_t(void);

typedef struct mim_redirect_function {
  const char* name;
  mim_redirect_code_t* const* replacements; /* one for each place   */
  mim_redirect_code_t** originals; /* filled in; NULL: the function takes no pointer of ours */
} mim_redirect_function_t;

/* Told of each function that was changed (why is NULL), or that could not be. */
typedef void mim_redirect_tell_t(const char* runtime, const char* function, const char* why);

typedef struct mim_redirect_request {
  int version; /* MIM_REDIRECT_VERSION */
  const mim_redirect_function_t* functions;
  size_t count;     /* those that take a pointer come first */
  bool is_late;     /* the process may have other threads */
  bool with_msvcrt; /* msvcrt.dll, too: half of the system's own DLLs use it */
  mim_redirect_tell_t* tell;
} mim_redirect_request_t;

/* Changes all functions of a runtime, or none: *why is then the reason.  How many were changed. */
typedef size_t mim_redirect_install_t(const mim_redirect_request_t* request, const char** why);
#define MIM_REDIRECT_INSTALL "mim_redirect_install"

/* False where this is no DLL. */
bool mim_is_redirected(void);

#endif
