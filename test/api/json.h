/* json.h - whether a text is JSON (RFC 8259), and the number behind a key. */
#ifndef MIM_TEST_API_JSON_H
#define MIM_TEST_API_JSON_H

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static const char* json_value(const char* s);

static const char* json_space(const char* s) {
  while (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r') { s++; }
  return s;
}

static const char* json_string(const char* s) {
  if (*s++ != '"') { return NULL; }
  while (*s != '"') {
    if ((unsigned char)*s < ' ') { return NULL; } /* the end, too */
    s += (*s == '\\' ? 2 : 1);
  }
  return s + 1;
}

static const char* json_number(const char* s) {
  if (*s == '-') { s++; }
  if (!isdigit((unsigned char)*s) || (*s == '0' && isdigit((unsigned char)s[1]))) { return NULL; }
  while (isdigit((unsigned char)*s)) { s++; }
  return s;
}

/* The items of an object or array, behind its opening bracket. */
static const char* json_items(const char* s, char closing) {
  s = json_space(s);
  if (*s == closing) { return s + 1; }
  for (;;) {
    if (closing == '}') {
      s = json_string(json_space(s));
      if (s == NULL) { return NULL; }
      s = json_space(s);
      if (*s++ != ':') { return NULL; }
    }
    s = json_value(s);
    if (s == NULL) { return NULL; }
    s = json_space(s);
    if (*s == closing) { return s + 1; }
    if (*s++ != ',') { return NULL; }
  }
}

static const char* json_value(const char* s) {
  s = json_space(s);
  if (*s == '{') { return json_items(s + 1, '}'); }
  if (*s == '[') { return json_items(s + 1, ']'); }
  return *s == '"' ? json_string(s) : json_number(s);
}

__attribute__((unused)) static bool json_is_valid(const char* s) {
  s = json_value(s);
  return s != NULL && *json_space(s) == 0;
}

/* The number of the first "key": N, or of "field": N behind it; -1 if there is none. */
__attribute__((unused)) static long long json_number_of(const char* s, const char* key,
                                                        const char* field) {
  char quoted[64];
  snprintf(quoted, sizeof(quoted), "\"%s\":", key);
  s = strstr(s, quoted);
  if (s == NULL) { return -1; }
  s += strlen(quoted);
  return field == NULL ? atoll(s) : json_number_of(s, field, NULL);
}

#endif
