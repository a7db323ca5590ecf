/* Running the import on texts, and looking at what came out; for the tests of the import. */
#ifndef DSS_TESTS_UNIT_IMPORT_CASES_H
#define DSS_TESTS_UNIT_IMPORT_CASES_H

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "dissensus/dissensus.h"

enum { MAX_TEXTS = 8 };

/* Options in few words: lists are separated by '|'. */
typedef struct options_in_short {
  dss_layout layout;
  const char *rater, *item, *ratings, *rater_attributes, *item_attributes, *levels, *bins, *derived;
  const char *missing, *items_key, *raters_key;
  const char *items, *raters; /* contents of the joined tables */
  dss_duplicates duplicates;
  bool keep_unused_levels;
} options_in_short;

/* --- files in a folder of their own ------------------------------------------------------------
 */

typedef struct files {
  char folder[64];
  char input[96], items[96], raters[96];
} files;

static inline void write_file(const char *path, const void *text, size_t length) {
  FILE *file = fopen(path, "wb");
  cr_assert(file && fwrite(text, 1, length, file) == length && fclose(file) == 0, "%s", path);
}

static inline files make_files(const void *input, size_t length, const options_in_short *o) {
  files f;
  snprintf(f.folder, sizeof f.folder, "/tmp/dss-import-XXXXXX");
  cr_assert(mkdtemp(f.folder));
  snprintf(f.input, sizeof f.input, "%s/t", f.folder);
  snprintf(f.items, sizeof f.items, "%s/items", f.folder);
  snprintf(f.raters, sizeof f.raters, "%s/raters", f.folder);
  write_file(f.input, input, length);
  if (o->items) write_file(f.items, o->items, strlen(o->items));
  if (o->raters) write_file(f.raters, o->raters, strlen(o->raters));
  return f;
}

static inline void remove_files(const files *f) {
  unlink(f->input);
  unlink(f->items);
  unlink(f->raters);
  cr_assert_eq(rmdir(f->folder), 0);
}

/* --- running ------------------------------------------------------------------------------------
 */

typedef struct text_list {
  char *copy;
  const char *at[MAX_TEXTS];
  size_t count;
} text_list;

static inline text_list split(const char *text) {
  text_list list = {0};
  if (!text) return list;
  list.copy = strdup(text);
  char *rest = list.copy;
  while (rest) {
    char *end = strchr(rest, '|');
    if (end) *end++ = '\0';
    cr_assert_lt(list.count, MAX_TEXTS);
    list.at[list.count++] = rest;
    rest = end;
  }
  return list;
}

typedef struct outcome {
  dss_status status;
  dss_study *study;
  char error[1024];
  char warnings[1024];
} outcome;

static inline void keep_warnings(dss_log_level level, const char *message, void *user) {
  outcome *o = user;
  size_t length = strlen(o->warnings);
  if (level == DSS_LOG_WARNING)
    snprintf(o->warnings + length, sizeof o->warnings - length, "%s\n", message);
}

static inline outcome import_path(const char *path, const char *items, const char *raters,
                                  const options_in_short *s) {
  text_list ratings = split(s->ratings), rater_attributes = split(s->rater_attributes),
            item_attributes = split(s->item_attributes), levels = split(s->levels),
            bins = split(s->bins), derived = split(s->derived);
  dss_import_options o;
  dss_import_options_init(&o);
  o.input = path;
  o.layout = s->layout;
  o.rater = s->rater;
  o.item = s->item;
  o.ratings = ratings.at, o.n_ratings = ratings.count;
  o.rater_attributes = rater_attributes.at, o.n_rater_attributes = rater_attributes.count;
  o.item_attributes = item_attributes.at, o.n_item_attributes = item_attributes.count;
  o.items_path = items;
  o.raters_path = raters;
  o.item_key = s->items_key;
  o.rater_key = s->raters_key;
  o.levels = levels.at, o.n_levels = levels.count;
  o.bins = bins.at, o.n_bins = bins.count;
  o.derived = derived.at, o.n_derived = derived.count;
  o.missing = s->missing;
  o.duplicates = s->duplicates;
  o.keep_unused_levels = s->keep_unused_levels;
  o.command = "a test";
  outcome result = {0};
  dss_context *context = dss_context_new();
  dss_context_set_log(context, keep_warnings, &result);
  result.status = dss_import(context, &o, &result.study);
  snprintf(result.error, sizeof result.error, "%s", dss_context_error(context));
  dss_context_free(context);
  text_list *lists[] = {&ratings, &rater_attributes, &item_attributes, &levels, &bins, &derived};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    free(lists[i]->copy);
  cr_assert((result.status == DSS_OK) == (result.study != NULL));
  return result;
}

static inline outcome import_bytes(const void *input, size_t length, const options_in_short *s) {
  files f = make_files(input, length, s);
  outcome result = import_path(f.input, s->items ? f.items : NULL, s->raters ? f.raters : NULL, s);
  /* "FOLDER/t:2: ..." becomes "t:2: ..." wherever it stands */
  size_t prefix = strlen(f.folder) + 1;
  char *texts[] = {result.error, result.warnings};
  for (int i = 0; i < 2; i++)
    for (char *at; (at = strstr(texts[i], f.folder));)
      memmove(at, at + prefix, strlen(at + prefix) + 1);
  remove_files(&f);
  return result;
}

static inline dss_study *accept(const char *input, options_in_short s) {
  outcome result = import_bytes(input, strlen(input), &s);
  cr_assert_eq(result.status, DSS_OK, "%s", result.error);
  return result.study;
}

static inline void refuse_bytes(const void *input, size_t length, options_in_short s,
                                dss_status status, const char *error) {
  outcome result = import_bytes(input, length, &s);
  cr_expect_str_eq(result.error, error);
  cr_expect_eq(result.status, status, "%s: %d", error, result.status);
  dss_study_free(result.study);
}

static inline void refuse(const char *input, options_in_short s, dss_status status,
                          const char *error) {
  refuse_bytes(input, strlen(input), s, status, error);
}

#define LONG .rater = "r", .item = "u"

/* --- looking at a study
 * --------------------------------------------------------------------------- */

/* The label that a rater gave an item; "" for none. */
static inline const char *rating(const dss_study *study, size_t question, const char *rater,
                                 const char *item) {
  const dss_question *q = dss_study_question(study, question);
  for (uint32_t u = 0; u < dss_study_n_items(study); u++) {
    if (strcmp(dss_study_item_name(study, u), item) != 0) continue;
    for (uint64_t i = q->item_ptr[u]; i < q->item_ptr[u + 1]; i++)
      if (strcmp(dss_study_rater_name(study, q->rater[i]), rater) == 0)
        return q->labels[q->code[i]];
  }
  return "";
}

/* "A,B,C" of a list of texts. */
static inline const char *joined(const char *const *texts, uint32_t count) {
  static char text[1024];
  text[0] = '\0';
  for (uint32_t i = 0; i < count; i++) {
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "%s%s", i ? "|" : "", texts[i]);
  }
  return text;
}

static inline const char *levels_of(const dss_study *study, size_t question) {
  const dss_question *q = dss_study_question(study, question);
  return joined(q->labels, q->n_levels);
}

/* "Man|Woman: 0 1 -1" */
static inline const char *attribute(const dss_attribute *a, uint32_t count) {
  static char text[1280];
  size_t length =
      (size_t)snprintf(text, sizeof text, "%s:", joined(a->categories, a->n_categories));
  for (uint32_t i = 0; i < count; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, " %d", a->codes[i]);
  return text;
}

static inline const char *rater_attribute(const dss_study *study, size_t index) {
  return attribute(dss_study_rater_attribute(study, index), dss_study_n_raters(study));
}

static inline const char *item_attribute(const dss_study *study, size_t index) {
  return attribute(dss_study_item_attribute(study, index), dss_study_n_items(study));
}

/* A count of the import's log, e.g. ("questions", "q", "ratings"); -1 when it is not there. */
static inline long long logged(const dss_study *study, const char *a, const char *b,
                               const char *c) {
  json_t *log = json_loads(dss_study_provenance(study)->import_log, 0, NULL);
  cr_assert(log);
  json_t *at = json_object_get(log, a);
  if (b) at = json_object_get(at, b);
  if (c) at = json_object_get(at, c);
  long long count = json_is_integer(at) ? json_integer_value(at) : -1;
  json_decref(log);
  return count;
}

/* A text of the import's log, to compare. */
static inline void expect_logged(const dss_study *study, const char *a, const char *b,
                                 const char *text) {
  json_t *log = json_loads(dss_study_provenance(study)->import_log, 0, NULL);
  cr_assert(log);
  const char *found = json_string_value(json_object_get(json_object_get(log, a), b));
  cr_expect_str_eq(found ? found : "(none)", text);
  json_decref(log);
}

/* Imports text, which must go well, and compares the warnings word for word. */
static inline void expect_warnings(const char *input, options_in_short s, const char *warnings) {
  outcome result = import_bytes(input, strlen(input), &s);
  cr_expect_eq(result.status, DSS_OK, "%s", result.error);
  cr_expect_str_eq(result.warnings, warnings);
  dss_study_free(result.study);
}

#endif
