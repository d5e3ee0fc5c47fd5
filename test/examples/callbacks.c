/* callbacks.c - messages and errors go to functions of the program. */
#include <errno.h>
#include <mimalloc.h>
#include <stdint.h>
#include <string.h>

#include "example.h"

static char messages[4096];
static int last_error;

static void keep_message(const char* message, void* arg) {
  (void)arg;
  strncat(messages, message, sizeof(messages) - strlen(messages) - 1);
}

static void keep_error(int error, void* arg) {
  (void)arg;
  last_error = error;
}

int main(void) {
  mi_option_enable(mi_option_show_errors);
  mi_register_output(&keep_message, NULL);
  mi_register_error(&keep_error, NULL);

  volatile size_t impossible = (size_t)PTRDIFF_MAX + 1;
  errno = 0;
  EXPECT(mi_malloc(impossible) == NULL && errno == ENOMEM);
  EXPECT(last_error == ENOMEM || last_error == EOVERFLOW);
  EXPECT(strstr(messages, "mimalloc") != NULL);

  mi_register_error(NULL, NULL);
  mi_register_output(NULL, NULL); /* standard error again */
  return 0;
}
