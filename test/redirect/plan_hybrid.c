/* plan_hybrid.c - whether functions of an ARM64EC or ARM64X DLL can be redirected, both ways in.
 *
 *   plan-hybrid DLL FUNCTION...
 *
 * Names each with the address of its ARM64 code; ends with a failed check at the first that
 * cannot. */
#include "test/redirect/hybrid_check.h"
#include "test/redirect/loaded.h"
#include "test/test.h"

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: plan-hybrid DLL FUNCTION...\n");
    return 2;
  }
  const pe_image_t image = loaded_open(argv[1]);
  for (int i = 2; i < argc; i++) {
    printf("%s: ", argv[i]);
    fflush(stdout);
    printf("%#x\n", (unsigned)hybrid_check(&image, argv[i]));
  }
  return 0;
}
