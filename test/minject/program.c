/* program.c - a program that uses the C runtime, and says so. */
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  char* const block = malloc(100);
  if (block == NULL) { return 1; }
  printf("the program runs\n");
  free(block);
  return 0;
}
