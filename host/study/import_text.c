#include "import_text.h"

#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/alloc.h"

static const char *skip_digits(const char *at) {
  while (*at >= '0' && *at <= '9')
    at++;
  return at;
}

static bool is_decimal(const char *text) {
  const char *at = text + (*text == '-' || *text == '+');
  const char *whole = at;
  at = skip_digits(at);
  size_t digits = (size_t)(at - whole);
  if (*at == '.') {
    const char *fraction = ++at;
    at = skip_digits(at);
    digits += (size_t)(at - fraction);
  }
  if (digits == 0) return false;
  if (*at == 'e' || *at == 'E') {
    at++;
    at += *at == '-' || *at == '+';
    const char *exponent = at;
    at = skip_digits(at);
    if (at == exponent) return false;
  }
  return *at == '\0';
}

/* The calling thread's locale becomes "C" until restored: strtod and printf follow it. "C" exists
 * always, so newlocale cannot fail for want of it. */
static locale_t enter_c_locale(locale_t *c_locale) {
  *c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  return uselocale(*c_locale);
}

static void leave_c_locale(locale_t c_locale, locale_t before) {
  uselocale(before);
  if (c_locale) freelocale(c_locale);
}

bool dss_number_parse(const char *text, double *value) {
  if (!is_decimal(text)) return false;
  locale_t c_locale;
  locale_t before = enter_c_locale(&c_locale);
  double number = strtod(text, NULL);
  leave_c_locale(c_locale, before);
  if (!isfinite(number)) return false;
  *value = number == 0.0 ? 0.0 : number;
  return true;
}

void dss_number_format(double value, char text[DSS_NUMBER_CHARS]) {
  locale_t c_locale;
  locale_t before = enter_c_locale(&c_locale);
  if (value == trunc(value) && fabs(value) < 1e15) {
    snprintf(text, DSS_NUMBER_CHARS, "%.0f", value);
  } else {
    for (int digits = 1; digits <= 17; digits++) {
      snprintf(text, DSS_NUMBER_CHARS, "%.*g", digits, value);
      if (strtod(text, NULL) == value) break;
    }
  }
  leave_c_locale(c_locale, before);
}

dss_excerpt dss_excerpt_of(const char *text) {
  enum { LONGEST = 64 };
  dss_excerpt excerpt;
  size_t length = strlen(text);
  size_t kept = length;
  if (length > LONGEST) {
    kept = LONGEST;
    while (kept > 0 && ((unsigned char)text[kept] & 0xC0) == 0x80)
      kept--;
  }
  memcpy(excerpt.text, text, kept);
  strcpy(excerpt.text + kept, kept < length ? "..." : "");
  return excerpt;
}

const char *dss_file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

static void write_place(char *text, size_t size, dss_place place) {
  char line[32] = "";
  char column[128] = "";
  if (place.line) snprintf(line, sizeof line, ":%llu", (unsigned long long)place.line);
  if (place.column && place.name)
    snprintf(column, sizeof column, " column %zu '%s':", place.column, DSS_EXCERPT(place.name));
  else if (place.column)
    snprintf(column, sizeof column, " column %zu:", place.column);
  snprintf(text, size, "%s%s:%s", place.file, line, column);
}

dss_status dss_fail_at(dss_context *context, dss_place place, dss_status status, const char *format,
                       ...) {
  char where[640];
  char what[640];
  write_place(where, sizeof where, place);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(what, sizeof what, format, arguments);
  va_end(arguments);
  return dss_fail(context, status, "%s %s", where, what);
}

dss_status dss_words_add(dss_context *context, dss_words *words, const char *text, size_t length) {
  DSS_TRY(DSS_GROW(context, &words->at, &words->capacity, words->count + 1));
  char *copy = malloc(length + 1);
  if (!copy) return dss_fail_memory(context, length + 1);
  memcpy(copy, text, length);
  copy[length] = '\0';
  words->at[words->count++] = copy;
  return DSS_OK;
}

dss_status dss_words_split(dss_context *context, dss_words *words, const char *text,
                           char separator) {
  for (;;) {
    const char *end = strchr(text, separator);
    size_t length = end ? (size_t)(end - text) : strlen(text);
    DSS_TRY(dss_words_add(context, words, text, length));
    if (!end) return DSS_OK;
    text = end + 1;
  }
}

size_t dss_words_find(const dss_words *words, const char *text) {
  for (size_t i = 0; i < words->count; i++)
    if (strcmp(words->at[i], text) == 0) return i;
  return SIZE_MAX;
}

void dss_words_list(const dss_words *words, char *text, size_t size) {
  size_t length = 0;
  *text = '\0';
  for (size_t i = 0; i < words->count; i++) {
    dss_excerpt next = dss_excerpt_of(words->at[i]);
    if (length + strlen(next.text) + sizeof ", , ..." > size) {
      strcpy(text + length, i ? ", ..." : "...");
      return;
    }
    length += (size_t)snprintf(text + length, size - length, "%s%s", i ? ", " : "", next.text);
  }
}

void dss_words_free(dss_words *words) {
  for (size_t i = 0; i < words->count; i++)
    free(words->at[i]);
  free(words->at);
  *words = (dss_words){0};
}

/* --- order ---------------------------------------------------------------------------------- */

typedef struct sort_key {
  const char *label;
  double value; /* 0 for all when one of them is no number */
  uint32_t index;
} sort_key;

static int compare_keys(const void *left, const void *right) {
  const sort_key *a = left, *b = right;
  if (a->value != b->value) return a->value < b->value ? -1 : 1;
  return strcmp(a->label, b->label);
}

dss_status dss_labels_order(dss_context *context, char *const *labels, size_t count, double *values,
                            uint32_t *order) {
  sort_key *keys = NULL;
  DSS_TRY(DSS_ALLOC(context, &keys, count));
  bool all_numbers = true;
  for (size_t i = 0; i < count; i++) {
    bool number = dss_number_parse(labels[i], &values[i]);
    if (!number) values[i] = NAN;
    all_numbers = all_numbers && number;
  }
  for (size_t i = 0; i < count; i++)
    keys[i] = (sort_key){labels[i], all_numbers ? values[i] : 0.0, (uint32_t)i};
  qsort(keys, count, sizeof *keys, compare_keys);
  for (size_t i = 0; i < count; i++)
    order[i] = keys[i].index;
  free(keys);
  return DSS_OK;
}
