/* example.h - what the examples share: a claim that ends the program if it is not true.
 *
 * Each example is a whole program, for C99 to C23 and for C++, and part of the HTML documentation.
 */
#ifndef MIM_TEST_EXAMPLES_EXAMPLE_H
#define MIM_TEST_EXAMPLES_EXAMPLE_H

#include <stdio.h>
#include <stdlib.h>

#define EXPECT(claim) ((claim) ? (void)0 : example_fail(__FILE__, __LINE__, #claim))

static inline void example_fail(const char* file, int line, const char* claim) {
  fprintf(stderr, "%s:%d: not true: %s\n", file, line, claim);
  exit(1);
}

#endif
