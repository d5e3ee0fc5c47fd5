/* threads.h - the other threads of the process, stopped while functions are changed under them. */
#ifndef MIM_WIN_REDIRECT_THREADS_H
#define MIM_WIN_REDIRECT_THREADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of code that are changed. */
typedef struct threads_range {
  uint64_t start, size;
} threads_range_t;

/* None of them stands behind the first byte of a range then: it would go on in the middle of what
 * is written there.  False: they cannot be stopped, or one does not leave; none is stopped then.
 * Until they are resumed nothing may be called that takes a lock of the process. */
bool threads_stop(const threads_range_t* ranges, size_t count);
void threads_resume(void);

#endif
