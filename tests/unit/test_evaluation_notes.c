/* What an evaluation warns of, in every format: how raters came to their items. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/evaluate/evaluation.h"

static void must(dss_context *context, dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static const char exchange[] = "Scheme free takes all raters to be exchangeable";
static const char half[] =
    "Scheme free takes all raters to be exchangeable, though they rated only 50% of the items";
static const char own_items[] =
    "1 group shares under half of its items with anyone outside the group";
static const dss_report_format formats[] = {DSS_REPORT_TABLE, DSS_REPORT_MARKDOWN, DSS_REPORT_LATEX,
                                            DSS_REPORT_HTML, DSS_REPORT_JSON};
enum { N_FORMATS = sizeof formats / sizeof *formats };

/* A study of 10 raters and 20 items, and what was tested in it. */
typedef struct design {
  const char *scheme, *ratings, *statistic;
  size_t questions;
  bool tested;
  uint64_t shared; /* of the first group's 12 items */
} design;

static dss_evaluation *make_design(dss_context *context, const design *d) {
  dss_evaluation *e;
  must(context, dss_evaluation_new(context, DSS_EVALUATION_STEER, &e));
  for (size_t i = 0; i < 2 * d->questions; i++) {
    dss_row_spec spec = {.question = i / 2 ? "tone" : "harm",
                         .statistic = d->statistic,
                         .axis = DSS_NOWHERE,
                         .group = DSS_NOWHERE,
                         .versus = DSS_NOWHERE,
                         .raters = 10,
                         .permuted = true};
    must(context, dss_evaluation_add(context, e, NULL, &spec));
    dss_cell *cell = &e->rows[i].cell;
    cell->estimate = cell->z = 1;
    cell->resamples = d->tested ? 999 : 0;
    cell->p = cell->q_bh = d->tested ? 0.5 : NAN;
  }
  for (uint64_t g = 0; g < 2 * d->questions; g++)
    must(context, dss_evaluation_add_group(
                      context, e,
                      &(dss_evaluation_group){g / 2 ? "tone" : "harm", "site", g % 2 ? "B" : "A", 5,
                                              g ? 20 : 12, g ? 10 : d->shared}));
  const char *facts[][2] = {{"scheme", d->scheme},
                            {"raters", "10"},
                            {"items", "20"},
                            {"ratings", d->ratings},
                            {"permutations", "999"}};
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
    must(context, dss_evaluation_set(context, e, facts[i][0], facts[i][1]));
  return e;
}

/* Lines joined, backslashes and the marks of names left out. */
static char *read_report(dss_context *context, const dss_evaluation *e, dss_report_format format) {
  char *text = NULL, *to;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  dss_report_options options = {.format = format, .unicode = true};
  must(context, dss_evaluation_report(context, e, &options, stream));
  fclose(stream);
  to = text;
  for (const char *at = text; *at; at++) {
    if (strncmp(at, "<bdi>", 5) == 0) at += 5;
    if (strncmp(at, "</bdi>", 6) == 0) at += 6;
    char c = (char)(*at == '\n' ? ' ' : *at);
    if (c != '\\' && (c != ' ' || (to > text && to[-1] != ' '))) *to++ = c;
  }
  *to = '\0';
  return text;
}

static void expect(const design *d, const char *warning, bool there) {
  dss_context *context = dss_context_new();
  dss_evaluation *e = make_design(context, d);
  for (size_t f = 0; f < N_FORMATS; f++) {
    char *text = read_report(context, e, formats[f]);
    cr_expect_eq(strstr(text, warning) != NULL, there, "%s, format %d: %s", d->scheme,
                 (int)formats[f], warning);
    free(text);
  }
  dss_evaluation_free(e);
  dss_context_free(context);
}

Test(evaluation_notes, free_of_few_items_is_doubted) {
  expect(&(design){"free", "100", "mean", 1, true, 12}, half, true);
  expect(&(design){"free", "200", "mean", 2, true, 12}, half, true);
}

Test(evaluation_notes, nothing_to_doubt_is_not_doubted) {
  expect(&(design){"free", "200", "mean", 1, true, 12}, exchange, false);
  expect(&(design){"strata:site", "100", "mean", 1, true, 12}, exchange, false);
  expect(&(design){"free", "100", "mean", 1, false, 12}, exchange, false);
  /* Its resamples exchange no raters. */
  expect(&(design){"free", "100", "pearson_gain", 1, true, 12}, exchange, false);
}

Test(evaluation_notes, items_of_ones_own_are_told) {
  const design few = {"strata:age", "100", "mean", 1, true, 5};
  expect(&few, own_items, true);
  expect(&few, "(first: site: A): a difference may be of the items, and raters who", true);
  expect(&(design){"free", "100", "mean", 1, true, 6}, "under half", false);
  expect(&(design){"free", "200", "mean", 2, true, 5}, "(first: site: A, harm): a", true);
}

Test(evaluation_notes, a_page_without_warnings_says_what_was_looked_at) {
  dss_context *context = dss_context_new();
  dss_evaluation *e = make_design(context, &(design){"free", "200", "mean", 1, true, 12});
  char *page = read_report(context, e, DSS_REPORT_HTML);
  cr_expect(strstr(page, "<p>None. What was looked at:"));
  cr_expect(strstr(page, "and whether raters are exchangeable.</p>"));
  free(page);
  char *json = read_report(context, e, DSS_REPORT_JSON);
  cr_expect(strstr(json, "\"warnings\": []"), "%s", json);
  free(json);
  dss_evaluation_free(e);
  dss_context_free(context);
}
