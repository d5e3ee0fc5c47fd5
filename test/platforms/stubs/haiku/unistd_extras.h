/* unistd_extras.h - Haiku: nothing that the sources use. */
#ifndef MIM_STUB_HAIKU_UNISTD_EXTRAS_H
#define MIM_STUB_HAIKU_UNISTD_EXTRAS_H

/* Its random numbers come from a file. */

#endif
