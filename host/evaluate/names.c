#include "names.h"

#include <stdio.h>
#include <string.h>

bool dss_names_parse(const char *text, const char *const *names, size_t n, unsigned *bits,
                     const char **bad) {
  unsigned found = 0;
  for (const char *at = text;; at++) {
    size_t length = strcspn(at, ","), i = 0;
    bool all = length == 3 && memcmp(at, "all", length) == 0;
    while (!all && i < n && !(strlen(names[i]) == length && memcmp(names[i], at, length) == 0))
      i++;
    if (!all && i == n) {
      *bad = at;
      return false;
    }
    found |= all ? (1u << n) - 1u : 1u << i;
    at += length;
    if (*at == '\0') break;
  }
  *bits = found;
  return true;
}

void dss_names_print(unsigned bits, const char *const *names, size_t n, char *text, size_t room) {
  size_t length = 0;
  text[0] = '\0';
  for (size_t i = 0; i < n && length < room; i++)
    if (bits >> i & 1u)
      length += (size_t)snprintf(text + length, room - length, "%s%s", length ? "," : "", names[i]);
}
