/* The import: what it reads, and every way it refuses. Data errors are compared word for word, as
 * line and column are the point of them. */
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

static void write_file(const char *path, const void *text, size_t length) {
  FILE *file = fopen(path, "wb");
  cr_assert(file && fwrite(text, 1, length, file) == length && fclose(file) == 0, "%s", path);
}

static files make_files(const void *input, size_t length, const options_in_short *o) {
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

static void remove_files(const files *f) {
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

static text_list split(const char *text) {
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

static void keep_warnings(dss_log_level level, const char *message, void *user) {
  outcome *o = user;
  size_t length = strlen(o->warnings);
  if (level == DSS_LOG_WARNING)
    snprintf(o->warnings + length, sizeof o->warnings - length, "%s\n", message);
}

static outcome import_path(const char *path, const char *items, const char *raters,
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

static outcome import_bytes(const void *input, size_t length, const options_in_short *s) {
  files f = make_files(input, length, s);
  outcome result = import_path(f.input, s->items ? f.items : NULL, s->raters ? f.raters : NULL, s);
  /* "FOLDER/t:2: ..." becomes "t:2: ..." wherever it stands */
  size_t prefix = strlen(f.folder) + 1;
  for (char *at; (at = strstr(result.error, f.folder));)
    memmove(at, at + prefix, strlen(at + prefix) + 1);
  remove_files(&f);
  return result;
}

static dss_study *accept(const char *input, options_in_short s) {
  outcome result = import_bytes(input, strlen(input), &s);
  cr_assert_eq(result.status, DSS_OK, "%s", result.error);
  return result.study;
}

static void refuse_bytes(const void *input, size_t length, options_in_short s, dss_status status,
                         const char *error) {
  outcome result = import_bytes(input, length, &s);
  cr_expect_str_eq(result.error, error);
  cr_expect_eq(result.status, status, "%s: %d", error, result.status);
  dss_study_free(result.study);
}

static void refuse(const char *input, options_in_short s, dss_status status, const char *error) {
  refuse_bytes(input, strlen(input), s, status, error);
}

#define LONG .rater = "r", .item = "u"

/* --- looking at a study
 * --------------------------------------------------------------------------- */

/* The label that a rater gave an item; "" for none. */
static const char *rating(const dss_study *study, size_t question, const char *rater,
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
static const char *joined(const char *const *texts, uint32_t count) {
  static char text[1024];
  text[0] = '\0';
  for (uint32_t i = 0; i < count; i++) {
    size_t length = strlen(text);
    snprintf(text + length, sizeof text - length, "%s%s", i ? "|" : "", texts[i]);
  }
  return text;
}

static const char *levels_of(const dss_study *study, size_t question) {
  const dss_question *q = dss_study_question(study, question);
  return joined(q->labels, q->n_levels);
}

/* "Man|Woman: 0 1 -1" */
static const char *attribute(const dss_attribute *a, uint32_t count) {
  static char text[1280];
  size_t length =
      (size_t)snprintf(text, sizeof text, "%s:", joined(a->categories, a->n_categories));
  for (uint32_t i = 0; i < count; i++)
    length += (size_t)snprintf(text + length, sizeof text - length, " %d", a->codes[i]);
  return text;
}

static const char *rater_attribute(const dss_study *study, size_t index) {
  return attribute(dss_study_rater_attribute(study, index), dss_study_n_raters(study));
}

static const char *item_attribute(const dss_study *study, size_t index) {
  return attribute(dss_study_item_attribute(study, index), dss_study_n_items(study));
}

/* A count of the import's log, e.g. ("questions", "q", "ratings"); -1 when it is not there. */
static long long logged(const dss_study *study, const char *a, const char *b, const char *c) {
  json_t *log = json_loads(dss_study_provenance(study)->import_log, 0, NULL);
  cr_assert(log);
  json_t *at = json_object_get(log, a);
  if (b) at = json_object_get(at, b);
  if (c) at = json_object_get(at, c);
  long long count = json_is_integer(at) ? json_integer_value(at) : -1;
  json_decref(log);
  return count;
}

/* --- CSV
 * -------------------------------------------------------------------------------------------- */

Test(csv, lines_end_in_lf_crlf_or_cr) {
  static const char *const inputs[] = {
      "r,u,q\na,x,1\nb,x,2\na,y,2\n", "r,u,q\r\na,x,1\r\nb,x,2\r\na,y,2",
      "r,u,q\ra,x,1\rb,x,2\ra,y,2\r", "\xEF\xBB\xBFr,u,q\n\n  \na,x,1\n\nb,x,2\na,y,2\n\n"};
  char first[65] = "";
  for (size_t i = 0; i < 4; i++) {
    dss_study *study = accept(inputs[i], (options_in_short){LONG, .ratings = "q"});
    char digest[65];
    cr_assert_eq(dss_study_digest(NULL, study, digest), DSS_OK);
    if (i == 0) strcpy(first, digest);
    cr_expect_str_eq(digest, first);
    cr_expect_eq(logged(study, "rows", NULL, NULL), 3);
    dss_study_free(study);
  }
}

Test(csv, quoted_fields) {
  dss_study *study =
      accept("r,\"the \"\"item\"\"\",q\r\n\"a,1\",\"x\r\ny\",1\r\n b ,\" z\",2\r\n",
             (options_in_short){.rater = "r", .item = "the \"item\"", .ratings = "q"});
  cr_expect_str_eq(dss_study_rater_name(study, 0), "a,1");
  cr_expect_str_eq(dss_study_rater_name(study, 1), "b");
  cr_expect_str_eq(dss_study_item_name(study, 0), "x\r\ny");
  cr_expect_str_eq(dss_study_item_name(study, 1), " z");
  dss_study_free(study);
}

Test(csv, a_row_longer_than_the_buffer) {
  enum { LONG_TEXT = 200000 };
  char *input = malloc(LONG_TEXT + 100);
  int length = sprintf(input, "r,u,text,q\na,x,\"");
  for (int i = 0; i < LONG_TEXT; i++)
    input[length++] = i % 70 == 69 ? '\n' : 'x';
  length += sprintf(input + length, "\",1\nb,y,t,?\n");
  char error[100];
  int line = 2 + LONG_TEXT / 70 + 1;
  snprintf(error, sizeof error,
           "t:%d: column 4 'q': '?' is not a finite number, which scale "
           "interval needs",
           line);
  refuse_bytes(input, (size_t)length, (options_in_short){LONG, .ratings = "q:interval"},
               DSS_ERR_DATA, error);
  free(input);
}

Test(csv, broken_files) {
  const options_in_short o = {LONG, .ratings = "q"};
  refuse("", o, DSS_ERR_DATA, "t:1: the file is empty; a header was expected");
  refuse("\xEF\xBB\xBF\r\n \n", o, DSS_ERR_DATA, "t:1: the file is empty; a header was expected");
  refuse("r,u,q\n", o, DSS_ERR_DATA, "t:1: there is a header but no row after it");
  refuse("r,u,q,u\n", o, DSS_ERR_DATA, "t:1: column 4: the name 'u' stands in the header twice");
  refuse("r,u\na,x\n", o, DSS_ERR_DATA, "t:1: no column is named 'q'; there are: r, u");
  refuse("r,u,q\na,x,1\n\nb,x\n", o, DSS_ERR_DATA,
         "t:4: column 3 'q': the row ends after 2 of 3 fields");
  refuse("r,u,q\na,x,1\nb,\"x\ny\",1,7\n", o, DSS_ERR_DATA,
         "t:3: column 4: the row has 4 fields, the header has 3");
  refuse("r,u,q\na,x,1\nb,x\"y,1\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': a quote inside a field without quotes, or text after a closing quote; "
         "a field with quotes in it is quoted, and they are doubled");
  refuse("r,u,q\na,\"x\ny\"z,1\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': a quote inside a field without quotes, or text after a closing quote; "
         "a field with quotes in it is quoted, and they are doubled");
  refuse("r,u,q\na,x,1\na,\"y,2\nb,y,2\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': the file ends inside the quotes that open here");
  refuse("r,u,q\n\"a\nb\",\"y,2\nb,y,2\n", o, DSS_ERR_DATA,
         "t:3: column 2 'u': the file ends inside the quotes that open here");
  refuse("r,u,q\na,x,1\nb\xff,x,2\n", o, DSS_ERR_DATA,
         "t:3: column 1 'r': 'b\xff' is not valid UTF-8");
  refuse("r,u,\xe9\n", o, DSS_ERR_DATA, "t:1: column 3: '\xe9' is not valid UTF-8");
  static const char nul[] = "r,u,q\na,x\0,1\n";
  refuse_bytes(nul, sizeof nul - 1, o, DSS_ERR_DATA,
               "t:2: column 2 'u': a NUL byte; text in UTF-8 was expected");
}

Test(csv, files_that_cannot_be_read) {
  const options_in_short s = {LONG, .ratings = "q"};
  outcome missing = import_path("/nonexistent/x.csv", NULL, NULL, &s);
  cr_expect_eq(missing.status, DSS_ERR_FILE);
  cr_expect_str_eq(missing.error,
                   "/nonexistent/x.csv: cannot be opened: No such file or directory");
  outcome folder = import_path("/tmp", NULL, NULL, &s);
  cr_expect_eq(folder.status, DSS_ERR_FILE);
  cr_expect_str_eq(folder.error, "/tmp: cannot be read: Is a directory");
}

/* --- ratings, levels
 * ------------------------------------------------------------------------------------ */

Test(levels, sorted_and_merged) {
  const char *input = "r,u,n,t,o,i,w\n"
                      "a,x,10,b,3.0,0.50,1e2\n"
                      "b,x,9,B,3,.5,100\n"
                      "c,x,9.0,a,-1,1e300,0\n"
                      "d,x,NA,,+10.0,NaN,-0\n"
                      "a,y,9,a,3,0.1,0.30000000000000004\n";
  dss_study *study =
      accept(input, (options_in_short){LONG, .ratings = "n|t|o:ordinal|i:interval|w:ratio"});
  cr_expect_str_eq(levels_of(study, 0), "9|9.0|10"); /* nominal: texts */
  cr_expect_str_eq(levels_of(study, 1), "B|a|b");
  cr_expect(isnan(dss_study_question(study, 1)->values[0]));
  cr_expect_str_eq(levels_of(study, 2), "-1|3|10");
  cr_expect_str_eq(levels_of(study, 3), "0.1|0.5|1e+300");
  cr_expect_str_eq(levels_of(study, 4), "0|0.30000000000000004|100");
  cr_expect_eq(dss_study_question(study, 4)->values[1], 0.1 + 0.2);
  cr_expect_eq(dss_study_question(study, 3)->scale, DSS_INTERVAL);
  cr_expect_eq(logged(study, "questions", "n", "missing"), 1);
  cr_expect_eq(logged(study, "questions", "i", "missing"), 1);
  cr_expect_eq(logged(study, "questions", "o", "ratings"), 5);
  cr_expect_str_eq(rating(study, 2, "d", "x"), "10");
  cr_expect(strstr(dss_study_provenance(study)->import_log,
                   "\"read_as\":{\"3.0\":\"3\",\"+10.0\":\"10\"}"));
  dss_study_free(study);
}

Test(levels, declared) {
  const char *input = "r,u,q\na,x,Yes\nb,x,No\nc,x,No\nd,x,?\na,y,Maybe\n";
  dss_study *study = accept(input, (options_in_short){LONG, .ratings = "q:ordinal",
                                                      .levels = "q=No,Maybe,Yes", .missing = "?"});
  cr_expect_str_eq(levels_of(study, 0), "No|Maybe|Yes");
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 4);
  dss_study_free(study);
  study = accept("r,u,q\na,x,1.0\nb,y,03\n",
                 (options_in_short){LONG, .ratings = "q:interval", .levels = "q=1,2,3",
                                    .keep_unused_levels = true});
  cr_expect_str_eq(levels_of(study, 0), "1|2|3");
  cr_expect_str_eq(rating(study, 0, "b", "y"), "3");
  cr_expect_eq(dss_study_question(study, 0)->values[2], 3.0);
  cr_expect(strstr(dss_study_provenance(study)->import_log, "\"levels_without_ratings\":[\"2\"]"));
  dss_study_free(study);
}

Test(levels, refused) {
  refuse("r,u,q\na,x,1\nb,x,No\n", (options_in_short){LONG, .ratings = "q:ordinal"}, DSS_ERR_DATA,
         "t:3: column 3 'q': 'No' is not a number; an ordinal question with other labels needs "
         "--levels q=LOWEST,...,HIGHEST");
  static const char *const no_numbers[] = {"x",    "nan",   "inf", "-inf",
                                           "0x10", "1e999", "1,5", "1 2"};
  for (size_t i = 0; i < sizeof no_numbers / sizeof *no_numbers; i++) {
    char input[64], error[128];
    snprintf(input, sizeof input, "r,u,q\na,x,1\nb,x,\"%s\"\n", no_numbers[i]);
    snprintf(error, sizeof error,
             "t:3: column 3 'q': '%s' is not a finite number, which scale interval needs",
             no_numbers[i]);
    refuse(input, (options_in_short){LONG, .ratings = "q:interval"}, DSS_ERR_DATA, error);
  }
  refuse("r,u,q\na,x,1\nb,x,-0.5\n", (options_in_short){LONG, .ratings = "q:ratio"}, DSS_ERR_DATA,
         "t:3: column 3 'q': '-0.5' is negative, which scale ratio does not allow");
  refuse("r,u,q\na,x,1\nb,y,4\n", (options_in_short){LONG, .ratings = "q", .levels = "q=1,2"},
         DSS_ERR_DATA, "t:3: column 3 'q': '4' is none of the declared levels 1,2");
  refuse("r,u,q\na,x,1\nb,y,1\n", (options_in_short){LONG, .ratings = "q", .levels = "q=1,2"},
         DSS_ERR_DATA,
         "t: column 3 'q': the declared level '2' never occurs; --keep-unused-levels keeps it");
  refuse("r,u,q\na,x,\nb,y,NA\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_DATA,
         "t: column 3 'q': the question 'q' has no rating; 2 are missing");
  refuse("r,u,q\na,x,1\nb,y,\n", (options_in_short){LONG, .ratings = "q", .missing = "-"},
         DSS_ERR_DATA,
         "t:3: column 3 'q': an empty rating, and the empty text is not among the missing tokens");
}

Test(levels, at_most_256) {
  char input[8192];
  int length = sprintf(input, "r,u,q\n");
  for (int i = 0; i < 256; i++)
    length += sprintf(input + length, "a,x%d,%d\n", i, i);
  dss_study *study = accept(input, (options_in_short){LONG, .ratings = "q:ordinal"});
  cr_expect_eq(dss_study_question(study, 0)->n_levels, 256);
  cr_expect_str_eq(rating(study, 0, "a", "x255"), "255");
  dss_study_free(study);
  sprintf(input + length, "a,y,256\n");
  refuse(input, (options_in_short){LONG, .ratings = "q:ordinal"}, DSS_ERR_DATA,
         "t:258: column 3 'q': '256' is level 257; at most 256 different ratings are possible");
}

/* --- rows
 * ------------------------------------------------------------------------------------------------
 */

Test(rows, without_rater_or_item_are_counted) {
  dss_study *study =
      accept("r,u,q\na,x,1\n,x,1\nNA,y,2\nb,,2\nb,y,1\n", (options_in_short){LONG, .ratings = "q"});
  cr_expect_eq(dss_study_n_raters(study), 2);
  cr_expect_eq(dss_study_n_items(study), 2);
  cr_expect_eq(logged(study, "rows", NULL, NULL), 5);
  cr_expect_eq(logged(study, "rows_without_rater", NULL, NULL), 2);
  cr_expect_eq(logged(study, "rows_without_item", NULL, NULL), 1);
  dss_study_free(study);
}

Test(rows, refused) {
  refuse("r,u,q\na,x,1\nb,x,2\n,y,2\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_DATA,
         "t: column 2 'u': every row has the item 'x'; the column that tells items apart was "
         "expected");
  refuse("r,u,q\n,x,1\nb,,2\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_DATA,
         "t: column 2 'u': no row has both a rater and an item");
  refuse(
      "r,u,q\n,x,1\nb,,2\n", (options_in_short){LONG, .ratings = "q", .missing = "NA"},
      DSS_ERR_DATA,
      "t:2: column 1 'r': an empty rater name, and the empty text is not among the missing tokens");
}

Test(rows, twice_rated) {
  const char *input = "r,u,q,s\nb,y,1,1\na,x,1,2\n\na,y,2,\na,x,3,\nb,y,2,2\na,x,2,1\n";
  const options_in_short o = {LONG, .ratings = "q|s"};
  refuse(input, o, DSS_ERR_DATA,
         "t:6: column 3 'q': rater 'a' rates item 'x' again after line 3; one rating was expected "
         "(--duplicates first or last keeps one)");
  options_in_short first = o, last = o;
  first.duplicates = DSS_DUPLICATES_FIRST;
  last.duplicates = DSS_DUPLICATES_LAST;
  dss_study *study = accept(input, first);
  cr_expect_str_eq(rating(study, 0, "a", "x"), "1");
  cr_expect_str_eq(rating(study, 0, "b", "y"), "1");
  cr_expect_str_eq(rating(study, 1, "a", "x"), "2");
  cr_expect_str_eq(levels_of(study, 0), "1|2"); /* 3 was only in a dropped row */
  cr_expect_eq(logged(study, "questions", "q", "duplicates_dropped"), 3);
  cr_expect_eq(logged(study, "questions", "s", "duplicates_dropped"), 2);
  dss_study_free(study);
  study = accept(input, last);
  cr_expect_str_eq(rating(study, 0, "a", "x"), "2");
  cr_expect_str_eq(rating(study, 1, "a", "x"), "1");
  cr_expect_str_eq(rating(study, 1, "b", "y"), "2");
  dss_study_free(study);
}

/* A question a row is no repetition. */
Test(rows, of_one_pair_may_hold_different_questions) {
  dss_study *study = accept("r,u,q,s\na,x,1,\na,x,,2\nb,y,2,1\n",
                            (options_in_short){LONG, .ratings = "q|s", .derived = "m=max(q,s)"});
  cr_expect_str_eq(rating(study, 0, "a", "x"), "1");
  cr_expect_str_eq(rating(study, 1, "a", "x"), "2");
  cr_expect_str_eq(rating(study, 2, "a", "x"), "2");
  dss_study_free(study);
}

/* --- attributes
 * -------------------------------------------------------------------------------------------- */

Test(attributes, of_raters_and_items) {
  const char *input = "r,u,q,sex,age,topic\n"
                      "a,x,1,f,9,t2\na,y,2,,9,t1\nb,x,1,NA,10,t2\nb,y,1,,10,\nc,y,2,m,,t1\n";
  dss_study *study =
      accept(input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "sex|age",
                                       .item_attributes = "topic"});
  cr_expect_str_eq(rater_attribute(study, 0), "f|m: 0 -1 1");
  cr_expect_str_eq(rater_attribute(study, 1), "9|10: 0 1 -1");
  cr_expect_str_eq(item_attribute(study, 0), "t1|t2: 1 0");
  cr_expect_not(dss_study_rater_attribute(study, 1)->ordered);
  cr_expect_eq(logged(study, "rater_attributes", "sex", "unknown"), 1);
  cr_expect_eq(logged(study, "rater_attributes", "sex", "filled_from_other_rows"), 1);
  cr_expect_eq(logged(study, "item_attributes", "topic", "filled_from_other_rows"), 1);
  dss_study_free(study);
}

Test(attributes, one_value_each) {
  const char *input = "r,u,q,sex,topic\na,x,1,f,t\n\nb,y,2,m,t\na,y,2,m,t\n";
  refuse(input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "sex"}, DSS_ERR_DATA,
         "t:5: column 4 'sex': rater 'a' has 'm' here and 'f' on line 2; one value for each rater "
         "was expected");
  refuse("r,u,q,t\na,x,1,p\nb,x,2,s\n",
         (options_in_short){LONG, .ratings = "q", .item_attributes = "t"}, DSS_ERR_DATA,
         "t:3: column 4 't': item 'x' has 's' here and 'p' on line 2; one value for each item was "
         "expected");
  refuse("r,u,q,sex\na,x,1,f\nb,y,2,\n",
         (options_in_short){LONG, .ratings = "q", .rater_attributes = "sex", .missing = "?"},
         DSS_ERR_DATA,
         "t:3: column 4 'sex': an empty value, and the empty text is not among the missing tokens");
}

Test(attributes, bins) {
  const char *input = "r,u,q,age\na,x,1,17\nb,x,1,18\nc,x,1,29.0\nd,x,2,50\ne,y,2,\nf,y,1,200\n";
  dss_study *study =
      accept(input, (options_in_short){LONG, .ratings = "q", .rater_attributes = "age",
                                       .bins = "age=18,30,50"});
  cr_expect_str_eq(rater_attribute(study, 0), "<18|18-29|>=50: 0 1 1 2 -1 2");
  cr_expect(dss_study_rater_attribute(study, 0)->ordered);
  dss_study_free(study);
  study = accept(
      "r,u,q,age\na,x,1,17.5\nb,x,1,18\nc,y,1,30\n",
      (options_in_short){LONG, .ratings = "q", .rater_attributes = "age", .bins = "age=18,30.5"});
  cr_expect_str_eq(rater_attribute(study, 0), "<18|18 to <30.5: 0 1 1");
  dss_study_free(study);
  study = accept("r,u,q,h\na,x,1,1\nb,y,1,2\nc,z,1,3\n",
                 (options_in_short){LONG, .ratings = "q", .item_attributes = "h", .bins = "h=2,3"});
  cr_expect_str_eq(item_attribute(study, 0), "<2|2|>=3: 0 1 2");
  dss_study_free(study);
  refuse("r,u,q,age\na,x,1,17\nb,y,1,old\n",
         (options_in_short){LONG, .ratings = "q", .rater_attributes = "age", .bins = "age=18"},
         DSS_ERR_DATA,
         "t:3: column 4 'age': rater 'b' has 'old', which is not a number; --bin needs numbers");
}

Test(attributes, joined_tables) {
  const char *input = "r,u,q,sex\na,x,1,f\nb,x,2,m\nc,y,1,f\n";
  options_in_short o = {
      LONG,
      .ratings = "q",
      .rater_attributes = "sex|age",
      .items = "u,topic,text\ny,news,\"Long, long\"\nz,sport,\n,none,\nx,,t\nx,art,t\n",
      .raters = "name,age,sexuality\nb,30,s\na,20,s\nq,40,s\n",
      .raters_key = "name"};
  dss_study *study = accept(input, o);
  cr_expect_str_eq(rater_attribute(study, 0), "f|m: 0 1 0");
  cr_expect_str_eq(rater_attribute(study, 1), "20|30: 0 1 -1"); /* 40 is nobody's */
  cr_expect_eq(dss_study_n_rater_attributes(study), 2);
  cr_expect_str_eq(item_attribute(study, 0), "art|news: 0 1");
  cr_expect_str_eq(item_attribute(study, 1), "Long, long|t: 1 0");
  cr_expect_eq(logged(study, "raters_table", "matched", NULL), 2);
  cr_expect_eq(logged(study, "raters_table", "without_a_row", NULL), 1);
  cr_expect_eq(logged(study, "raters_table", "keys_of_nobody", NULL), 1);
  cr_expect_eq(logged(study, "items_table", "rows", NULL), 5);
  cr_expect_eq(logged(study, "items_table", "rows_without_key", NULL), 1);
  cr_expect_eq(logged(study, "items_table", "keys_of_nobody", NULL), 1);
  cr_expect_eq(logged(study, "item_attributes", "topic", "filled_from_other_rows"), 1);
  dss_study_free(study);
}

Test(attributes, joined_tables_refused) {
  const char *input = "r,u,q,sex\na,x,1,f\nb,y,2,m\n";
  options_in_short o = {LONG, .ratings = "q", .rater_attributes = "sex"};
  o.raters = "r,sex\na,f\n";
  refuse(
      input, o, DSS_ERR_DATA,
      "t:1: column 4 'sex': raters has a column of this name too; one source for it was expected");
  o.raters = "name,age\na,1\n";
  refuse(input, o, DSS_ERR_DATA, "raters:1: no column is named 'r'; there are: name, age");
  o.raters_key = "name";
  o.rater_attributes = "age|height";
  refuse(input, o, DSS_ERR_DATA, "t:1: no column is named 'height'; there are: r, u, q, sex");
  o.rater_attributes = "age";
  o.raters = "name,age\na,1\nb,2\na,3\n";
  refuse(input, o, DSS_ERR_DATA,
         "raters:4: column 2 'age': rater 'a' has '3' here and '1' on line 2; one value for each "
         "rater was "
         "expected");
  o.raters = "name,age\nb,2\na,x\n";
  o.bins = "age=5";
  refuse(input, o, DSS_ERR_DATA,
         "raters:3: column 2 'age': rater 'a' has 'x', which is not a number; --bin needs numbers");
}

/* --- wide
 * ----------------------------------------------------------------------------------------------------
 */

Test(wide, raters_numbered) {
  dss_study *study =
      accept("sex,x,y,z\nf,1,,3\nm,NA,2,3\n", (options_in_short){.layout = DSS_LAYOUT_WIDE,
                                                                 .ratings = "liking:ordinal",
                                                                 .rater_attributes = "sex",
                                                                 .items = "name,kind\nz,k\nx,l\n",
                                                                 .items_key = "name"});
  cr_expect_eq(dss_study_n_items(study), 3);
  cr_expect_str_eq(dss_study_rater_name(study, 1), "2");
  cr_expect_str_eq(dss_study_question(study, 0)->name, "liking");
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 4);
  cr_expect_str_eq(rating(study, 0, "2", "y"), "2");
  cr_expect_str_eq(rater_attribute(study, 0), "f|m: 0 1");
  cr_expect_str_eq(item_attribute(study, 0), "k|l: 1 -1 0");
  cr_expect_eq(logged(study, "questions", "liking", "missing"), 2);
  dss_study_free(study);
}

Test(wide, refused) {
  const options_in_short o = {.layout = DSS_LAYOUT_WIDE, .rater = "r", .ratings = "q:ordinal"};
  refuse("r,x,y\na,1,2\nb,3,2\na,,1\n", o, DSS_ERR_DATA,
         "t:4: column 3 'y': rater 'a' rates item 'y' again after line 2; one rating was expected "
         "(--duplicates first or last keeps one)");
  refuse("r,x,y\na,1,2\nb,3,b\n", o, DSS_ERR_DATA,
         "t:3: column 3 'y': 'b' is not a number; an ordinal question with other labels needs "
         "--levels q=LOWEST,...,HIGHEST");
  refuse("r,x,\na,1,2\n", o, DSS_ERR_DATA,
         "t:1: column 3 '': a column without a name would be an item; a name was expected");
  refuse("r\na\n", o, DSS_ERR_DATA, "t:1: column 1 'r': no column is left for an item");
  refuse("r,x\n,1\n", o, DSS_ERR_DATA, "t:2: column 1 'r': no row names its rater");
  refuse("r,x\n", o, DSS_ERR_DATA, "t:1: there is a header but no row after it");
}

/* --- derived questions
 * ----------------------------------------------------------------------------------------- */

Test(derived, with_parts_missing) {
  const char *input =
      "r,u,p,q\na,x,Yes,\na,y,No,\nb,x,No,Yes\nb,y,Unsure,No\nc,x,,\nc,y,,Yes\nd,x,Unsure,\n";
  dss_study *study = accept(
      input, (options_in_short){LONG, .ratings = "p|q", .levels = "p=No,Unsure,Yes|q=No,Unsure,Yes",
                                .keep_unused_levels = true,
                                .derived = "any:ordinal=max(p,q)|all=min(q,p)"});
  cr_expect_eq(dss_study_n_questions(study), 4);
  cr_expect_str_eq(dss_study_question(study, 2)->name, "any");
  cr_expect_eq(dss_study_question(study, 2)->scale, DSS_ORDINAL);
  cr_expect_eq(dss_study_question(study, 3)->scale, DSS_NOMINAL);
  cr_expect_str_eq(levels_of(study, 2), "No|Unsure|Yes");
  cr_expect_str_eq(rating(study, 2, "a", "x"), "Yes"); /* decided by the top */
  cr_expect_str_eq(rating(study, 2, "a", "y"), "");
  cr_expect_str_eq(rating(study, 2, "b", "x"), "Yes");
  cr_expect_str_eq(rating(study, 2, "b", "y"), "Unsure");
  cr_expect_str_eq(rating(study, 2, "c", "x"), "");
  cr_expect_str_eq(rating(study, 2, "c", "y"), "Yes");
  cr_expect_str_eq(rating(study, 2, "d", "x"), "");
  cr_expect_eq(logged(study, "derived", "any", "decided_with_a_part_missing"), 2);
  cr_expect_eq(logged(study, "derived", "any", "missing_with_a_part_missing"), 2);
  cr_expect_str_eq(rating(study, 3, "a", "x"), "");
  cr_expect_str_eq(rating(study, 3, "a", "y"), "No"); /* decided by the bottom */
  cr_expect_str_eq(rating(study, 3, "b", "y"), "No");
  cr_expect_eq(logged(study, "derived", "all", "ratings"), 3);
  dss_study_free(study);
}

Test(derived, refused) {
  refuse("r,u,p,q\na,x,1,2\nb,y,3,2\n",
         (options_in_short){LONG, .ratings = "p|q", .derived = "m=max(p,q)"}, DSS_ERR_DATA,
         "--derive m: 'p' and 'q' have different levels; --levels for both, and "
         "--keep-unused-levels, make them "
         "equal");
  refuse("r,u,p,q\na,x,n,y\nb,y,y,n\n",
         (options_in_short){LONG, .ratings = "p|q", .derived = "m=max(p,q)"}, DSS_ERR_USAGE,
         "--derive m: the levels of 'p' have no order; give it with --levels p=...");
  refuse("r,u,p,q\na,x,n,y\nb,y,y,n\n",
         (options_in_short){LONG, .ratings = "p|q", .levels = "p=n,y|q=n,y",
                            .derived = "m:ratio=max(p,q)"},
         DSS_ERR_USAGE, "--derive m: scale ratio needs levels that are numbers");
  refuse("r,u,p,q\na,x,1,\nb,y,,1\n",
         (options_in_short){LONG, .ratings = "p|q", .levels = "p=1,2|q=1,2",
                            .keep_unused_levels = true, .derived = "m=max(p,q)"},
         DSS_ERR_DATA, "--derive m: no rating comes out of it");
}

/* --- LeWiDi
 * ------------------------------------------------------------------------------------------------------
 */

Test(lewidi, items_annotations_annotators) {
  const options_in_short o = {.layout = DSS_LAYOUT_LEWIDI,
                              .ratings = "irony",
                              .item_attributes = "lang|split",
                              .bins = "Age=30"};
  outcome result =
      import_path(DSS_FIXTURES "/lewidi.json", NULL, DSS_FIXTURES "/lewidi_annotators.json", &o);
  cr_assert_eq(result.status, DSS_OK, "%s", result.error);
  dss_study *study = result.study;
  cr_expect_eq(dss_study_n_raters(study), 4);
  cr_expect_eq(dss_study_n_items(study), 3);
  cr_expect_str_eq(levels_of(study, 0), "0|1");
  cr_expect_eq(dss_study_question(study, 0)->n_ratings, 7);
  cr_expect_eq(logged(study, "questions", "irony", "missing"), 1);
  cr_expect_str_eq(rating(study, 0, "Ann1", "2"), "0");
  cr_expect_str_eq(rater_attribute(study, 0), "Female|Male: 1 0 -1 0"); /* Ann1, Ann2, Ann4, Ann3 */
  cr_expect_str_eq(rater_attribute(study, 1), "<30|>=30: 0 1 -1 1");
  cr_expect_str_eq(rater_attribute(study, 2), "Ireland|Kenya: 0 -1 -1 1");
  cr_expect_str_eq(item_attribute(study, 0), "de|en: 1 0 -1");
  cr_expect_eq(logged(study, "raters_table", "keys_of_nobody", NULL), 1);
  cr_expect_eq(strlen(dss_study_provenance(study)->input_sha256), 64);
  dss_study_free(study);
}

Test(lewidi, refused) {
  const options_in_short o = {.layout = DSS_LAYOUT_LEWIDI, .ratings = "q:ordinal"};
  refuse("{\"1\": {\"annotations\": {\"a\": 1,}}}", o, DSS_ERR_DATA,
         "t:1: column 31: not JSON: string or '}' expected near '}'");
  refuse("{\"1\": {\"annotations\":\n {\"a\": 1, \"a\": 2}}}", o, DSS_ERR_DATA,
         "t:2: column 13: not JSON: duplicate object key near '\"a\"'");
  refuse("[1]", o, DSS_ERR_DATA, "t:1: column 1: an object keyed by name was expected");
  refuse("{}", o, DSS_ERR_DATA, "t: there is no annotation");
  refuse("{\"1\": {\"text\": \"x\"}}", o, DSS_ERR_DATA,
         "t: item '1': no object \"annotations\" {annotator: label}");
  refuse("{\"1\": {\"annotations\": {\"a\": [1]}}}", o, DSS_ERR_DATA,
         "t: item '1', annotator 'a': a text or a number was expected");
  refuse("{\"1\": {\"annotations\": {\"a\": null}}}", o, DSS_ERR_DATA,
         "t: item '1', annotator 'a': a text or a number was expected");
  refuse("{\"1\": {\"annotations\": {\"a\": \"low\"}}}", o, DSS_ERR_DATA,
         "t: item '1', annotator 'a': 'low' is not a number; an ordinal question with other labels "
         "needs "
         "--levels q=LOWEST,...,HIGHEST");
  options_in_short with = o;
  with.item_attributes = "lng";
  refuse("{\"1\": {\"lang\": \"en\", \"annotations\": {\"a\": 1}}}", with, DSS_ERR_DATA,
         "t: no item has a value for 'lng'");
  with.item_attributes = "lang";
  refuse("{\"1\": {\"lang\": [], \"annotations\": {\"a\": 1}}}", with, DSS_ERR_DATA,
         "t: item '1', 'lang': a list or object; a text or a number was expected");
  with.item_attributes = NULL;
  with.raters = "{\"a\": 3}";
  refuse("{\"1\": {\"annotations\": {\"a\": 1}}}", with, DSS_ERR_DATA,
         "raters: annotator 'a': an object of attributes was expected");
}

/* --- options
 * ----------------------------------------------------------------------------------------------------
 */

Test(options, refused) {
  static const struct {
    options_in_short o;
    const char *error;
  } cases[] = {
      {{.item = "u", .ratings = "q"}, "long layout needs --rater and --item"},
      {{LONG}, "--rating is needed"},
      {{LONG, .ratings = "q:ordnal"},
       "--rating: 'ordnal' is no scale; there are nominal, ordinal, interval, ratio"},
      {{LONG, .ratings = "q|q"}, "'q' is named twice; a column has one role"},
      {{LONG, .ratings = "q", .rater_attributes = "s", .item_attributes = "s"},
       "'s' is named twice; a column has one role"},
      {{LONG, .ratings = "u"}, "'u' is named twice; a column has one role"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "p|q"},
       "wide layout has one question: give its name as --rating NAME[:SCALE], once"},
      {{.layout = DSS_LAYOUT_WIDE, .item = "u", .ratings = "q"},
       "wide layout has no item column: leave --item out"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "q", .item_attributes = "t"},
       "in wide layout --item-attr needs --items, the table that has them"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "q", .raters = "r\n"},
       "--raters needs --rater, the column to join by"},
      {{.layout = DSS_LAYOUT_WIDE, .ratings = "q", .items = "u\n"},
       "--items needs --item-key, its column of item names"},
      {{.layout = DSS_LAYOUT_LEWIDI, .rater = "r", .ratings = "q"},
       "lewidi layout takes neither --rater, --rater-key, --items nor --item-key"},
      {{.layout = DSS_LAYOUT_LEWIDI, .ratings = "q", .rater_attributes = "s"},
       "in lewidi layout --rater-attr needs --raters, the annotators' file"},
      {{LONG, .ratings = "q", .items_key = "k"},
       "--item-key belongs to --items, which is not given"},
      {{LONG, .ratings = "q", .raters_key = "k"},
       "--rater-key belongs to --raters, which is not given"},
      {{LONG, .ratings = "q", .levels = "p=1,2"},
       "--levels 'p=1,2': QUESTION=A,B,... with a question of --rating was expected"},
      {{LONG, .ratings = "q", .levels = "q=1,2|q=1,2"}, "--levels for 'q' are given twice"},
      {{LONG, .ratings = "q", .levels = "q=a,b,a"}, "--levels q: 'a' is there twice"},
      {{LONG, .ratings = "q", .levels = "q=1,2,1.0"},
       "--levels q: '1' and '1.0' are the same number"},
      {{LONG, .ratings = "q", .levels = "q=a,NA"}, "--levels q: 'NA' is read as missing"},
      {{LONG, .ratings = "q:interval", .levels = "q=1,b"},
       "--levels q: 'b' is no number; scale interval needs numbers"},
      {{LONG, .ratings = "q:ratio", .levels = "q=-1,1"},
       "--levels q: '-1' is negative; scale ratio cannot be"},
      {{LONG, .ratings = "q", .bins = "age"}, "--bin 'age': ATTRIBUTE=EDGE,EDGE,... was expected"},
      {{LONG, .ratings = "q", .bins = "age=1,x"}, "--bin age: the edge 'x' is no number"},
      {{LONG, .ratings = "q", .bins = "age=2,2"}, "--bin age: the edges must ascend; '2' does not"},
      {{LONG, .ratings = "q", .bins = "age=1|age=2"}, "--bin for 'age' is given twice"},
      {{LONG, .ratings = "q", .bins = "age=1"}, "--bin: no attribute is named 'age'"},
      {{LONG, .ratings = "q", .derived = "m=sum(q)"},
       "--derive 'm=sum(q)': NAME[:SCALE]=max(A,B,...) or min(...) was expected"},
      {{LONG, .ratings = "q", .derived = "m=max(q"},
       "--derive 'm=max(q': NAME[:SCALE]=max(A,B,...) or min(...) was expected"},
      {{LONG, .ratings = "q", .derived = "m=max(q,p)"},
       "--derive 'm=max(q,p)': 'p' is no question of --rating"},
      {{LONG, .ratings = "q", .derived = "q=max(q)"}, "--derive: there is a question 'q' already"},
      {{LONG, .ratings = "q", .derived = "m:x=max(q)"},
       "--derive: 'x' is no scale; there are nominal, ordinal, interval, ratio"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    refuse("r,u,q\na,x,1\n", cases[i].o, DSS_ERR_USAGE, cases[i].error);
}

/* --- presets, provenance, warnings
 * -------------------------------------------------------------------------------- */

Test(presets, are_in_the_library) {
  static const char *const names[] = {"d3code", "dices-350", "dices-990", "popquorn"};
  for (size_t i = 0; i < 4; i++) {
    cr_expect_str_eq(dss_preset_name(i), names[i]);
    cr_expect(strstr(dss_preset_text(names[i]), "\nrater="));
  }
  cr_expect_null(dss_preset_name(4));
  cr_expect_null(dss_preset_text("dices"));
  cr_expect_null(dss_preset_text(NULL));
}

Test(provenance, digest_time_and_log) {
  setenv("SOURCE_DATE_EPOCH", "86400", 1);
  dss_study *study = accept("r,u,q\na,x,1\nb,y,2\n", (options_in_short){LONG, .ratings = "q"});
  const dss_provenance *p = dss_study_provenance(study);
  cr_expect_str_eq(p->created_at, "1970-01-02T00:00:00Z");
  cr_expect_str_eq(p->created_by, "dissensus " DSS_VERSION_STRING);
  cr_expect_str_eq(p->command, "a test");
  cr_expect_str_eq(p->input_sha256,
                   "1e283609348903d68c14222b8e9bc56bd25d5fe9873a7098e4d8f6727b72c403");
  dss_study_free(study);
  setenv("SOURCE_DATE_EPOCH", "noon", 1);
  refuse("r,u,q\na,x,1\nb,y,2\n", (options_in_short){LONG, .ratings = "q"}, DSS_ERR_USAGE,
         "SOURCE_DATE_EPOCH 'noon' is not a number of seconds");
}

Test(warnings, nothing_shared_and_names_as_attributes) {
  const options_in_short o = {LONG, .ratings = "q", .rater_attributes = "s"};
  const char *input = "r,u,q,s\na,x,1,p\nb,y,2,t\n";
  outcome result = import_bytes(input, strlen(input), &o);
  cr_expect_str_eq(result.warnings,
                   "rater attribute 's' has another value for each rater; is it their name?\n"
                   "question 'q': no item has two ratings, so nothing can agree\n");
  dss_study_free(result.study);
}
