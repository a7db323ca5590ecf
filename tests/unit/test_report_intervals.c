/* Intervals in reports of results made by hand: every kind of set, every mark. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uniwidth.h>

#include "dissensus/report.h"
#include "host/engine/results.h"

enum { N_GROUPS = 6 };

static void must(dss_context *context, dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static void set_key(dss_results *r, dss_result_key key, const char *text) {
  free(r->keys[key]);
  r->keys[key] = strdup(text);
}

static void fill_cell(dss_cell *cell, size_t g, dss_statistic s) {
  cell->estimate = 0.25 + 0.01 * (double)g;
  cell->ci_low = cell->bca_low = cell->estimate - 0.125 * (s + 1);
  cell->ci_high = cell->bca_high = cell->estimate + 0.5;
  cell->percentile_low = -1;
  cell->percentile_high = 1;
  cell->basic_low = -2;
  cell->basic_high = 2;
  cell->se = 0.0625;
  cell->ci_method = "bca";
}

/* Group g has Fieller's kind g; group 1's IRR fell back and misses, group 2's XRR is often
 * undefined, group 3 has no GAI. */
static dss_results *make(dss_context *context, unsigned metrics) {
  dss_results *r = NULL;
  must(context, dss_results_new(context, metrics, 1, &(uint32_t){2}, 1, N_GROUPS, &r));
  r->questions[0].name = strdup("q");
  r->questions[0].levels[0] = strdup("no");
  r->questions[0].levels[1] = strdup("yes");
  r->axes[0] = strdup("axis");
  for (size_t k = 0; k < DSS_N_RESULT_KEYS; k++)
    r->keys[k] = strdup("");
  set_key(r, DSS_KEY_interval, "bca");
  set_key(r, DSS_KEY_over, "both");
  set_key(r, DSS_KEY_bootstrap, "321");
  set_key(r, DSS_KEY_seed, "77");
  for (size_t g = 0; g < N_GROUPS; g++) {
    char name[200] = "g";
    if (g == 5) memset(name, 'w', 60); /* longer than the column of labels */
    sprintf(name + strlen(name), "%zu", g);
    r->groups[g].name = strdup(name);
    r->groups[g].raters = 9;
    r->details[g].fieller_kind = (dss_set_kind)g;
    r->details[g].fieller_low = g == 1 || g == 2 || g == 3 ? -0.5 : NAN;
    r->details[g].fieller_high = g == 1 || g == 2 || g == 4 ? 12345678.0 : NAN;
    r->details[g].percent_agreement = r->details[g].xrr_nonpositive = NAN;
    for (unsigned s = 0; s < DSS_N_STATISTICS; s++)
      if (metrics >> s & 1u)
        fill_cell(&r->cells[dss_results_at(r, 0, g, dss_metrics_column(metrics, (dss_statistic)s))],
                  g, (dss_statistic)s);
  }
  dss_cell *irr = &r->cells[dss_results_at(r, 0, 1, dss_metrics_column(metrics, DSS_IRR))];
  irr->ci_method = "percentile";
  irr->bca_low = irr->bca_high = NAN;
  irr->ci_low = -0.0001;
  irr->ci_high = 0.1;
  irr->ci_misses = true;
  dss_cell *xrr = &r->cells[dss_results_at(r, 0, 2, dss_metrics_column(metrics, DSS_XRR))];
  xrr->boot_undefined = 30;
  xrr->boot_flagged = true;
  dss_cell *gai = &r->cells[dss_results_at(r, 0, 3, dss_metrics_column(metrics, DSS_GAI))];
  gai->estimate = gai->ci_low = gai->ci_high = gai->se = NAN;
  gai->reason = DSS_REASON_XRR_NOT_POSITIVE;
  gai->ci_method = "";
  dss_results_derive_dsi(r);
  return r;
}

static char *report(dss_context *context, const dss_results *r, dss_report_format format,
                    bool unicode) {
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  dss_report_options options = {.format = format, .unicode = unicode};
  must(context, dss_report_write(context, r, &options, stream));
  fclose(stream);
  return text;
}

static void expect_line(const char *text, const char *line) {
  const char *at = strstr(text, line);
  cr_expect(at && (at == text || at[-1] == '\n') && strchr("\n", at[strlen(line)]),
            "no line '%s' in:\n%s", line, text);
}

Test(report_intervals, table) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_GAI);
  char *text = report(context, r, DSS_REPORT_TABLE, true);
  expect_line(text, "By axis, 95% intervals");
  cr_expect(strstr(text, "[0.125, 0.750]"), "%s", text);
  cr_expect(strstr(text, "[0.000, 0.100] p!"));
  cr_expect(strstr(text, "[0.020, 0.770] ?"));
  cr_expect(strstr(text, "[-0.500, 1.235e+07]"));
  cr_expect(strstr(text, "\xe2\x89\xa4 -0.500 or \xe2\x89\xa5 1.235e+07"));
  cr_expect(strstr(text, "\xe2\x89\xa5 -0.500  "));
  cr_expect(strstr(text, "\xe2\x89\xa4 1.235e+07  "));
  cr_expect(strstr(text, "any number"));
  cr_expect(strstr(text, "any number  ") && strstr(text, "GAI (Fieller)"));
  expect_line(text, "95% intervals: BCa bootstrap over both, 321 resamples, seed 77.");
  expect_line(text, "No permutations were made: estimates and intervals, without significance.");
  expect_line(text, "p marks 1 of 23 intervals: percentile, because BCa is undefined.");
  cr_expect(strstr(text, "Warning: ! marks 1 of 23 intervals, which do not hold"));
  cr_expect(strstr(text, "Warning: ? marks 1 of 23 intervals: in more than 1%"));
  free(text);
  text = report(context, r, DSS_REPORT_TABLE, false);
  cr_expect(strstr(text, "<= -0.500 or >= 1.235e+07"));
  for (const char *at = text; *at; at++)
    cr_assert((unsigned char)*at < 0x80);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* Where columns begin on the screen: a bit each, of a heading's titles or of the brackets. */
typedef struct starts {
  bool at[200];
} starts;

static starts find_starts(const char *line, bool of_titles) {
  starts found = {{false}};
  for (size_t i = 2; line[i]; i++) {
    bool title = line[i] != ' ' && line[i - 1] == ' ' && line[i - 2] == ' ';
    char *before = strndup(line, i);
    if (of_titles ? title : line[i] == '[')
      found.at[u8_strwidth((uint8_t *)before, "UTF-8")] = true;
    free(before);
  }
  return found;
}

/* All statistics: several tables, each within the width, their columns in line, in both alphabets.
 */
Test(report_intervals, columns_line_up) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_ALL);
  for (int unicode = 0; unicode < 2; unicode++) {
    char *text = report(context, r, DSS_REPORT_TABLE, unicode);
    starts titles = {{false}};
    size_t brackets = 0, tables = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
      cr_expect_leq(u8_strwidth((const uint8_t *)line, "UTF-8"), 122, "too wide: %s", line);
      tables += strstr(line, ", 95% intervals") != NULL;
      if (strncmp(line, "  Group", 7) == 0) titles = find_starts(line, true);
      starts found = find_starts(line, false);
      for (size_t i = 0; i < 200; i++) {
        cr_expect(!found.at[i] || titles.at[i], "out of line: %s", line);
        brackets += found.at[i];
      }
    }
    cr_expect_eq(tables, 3);
    cr_expect_eq(brackets, DSS_N_STATISTICS * N_GROUPS - 1 + 1);
    free(text);
  }
  dss_results_free(r);
  dss_context_free(context);
}

static size_t count(const char *text, const char *part) {
  size_t n = 0;
  for (const char *at = text; (at = strstr(at, part)) != NULL; at++)
    n++;
  return n;
}

Test(report_intervals, markdown_and_latex) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_GAI);
  char *text = report(context, r, DSS_REPORT_MARKDOWN, true);
  expect_line(text, "| Group | IRR | XRR | GAI | GAI (Fieller) | IRR-XRR |");
  expect_line(text, "|:--|:--|:--|:--|:--|:--|");
  cr_expect(strstr(text, "\n| g1 | \\[0.000, 0.100\\] p\\! | "), "%s", text);
  free(text);
  text = report(context, r, DSS_REPORT_LATEX, true);
  cr_expect(strstr(text, "\\caption{q, by axis: 95\\% intervals}\\\\\n"), "%s", text);
  cr_expect(strstr(text, "\ng1 & $[0.000, 0.100]$ p! & "));
  cr_expect(strstr(text, "$\\leq$ {-}0.500 or $\\geq$ 1.235e+07"));
  cr_expect_eq(count(text, "\\begin{longtable}"), 2);
  cr_expect_eq(count(text, "\\end{longtable}"), 2);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

static double number(json_t *object, const char *key) {
  return json_number_value(json_object_get(object, key));
}

static double element(json_t *object, const char *key, size_t i) {
  json_t *value = json_array_get(json_object_get(object, key), i);
  return json_is_null(value) ? NAN : json_number_value(value);
}

Test(report_intervals, json) {
  static const char *const kinds[] = {"", "bounded", "outside", "above", "below", "whole"};
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_GAI);
  char *text = report(context, r, DSS_REPORT_JSON, true);
  json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *interval = NULL;
  json_t *axes = json_object_get(json_array_get(json_object_get(root, "questions"), 0), "axes");
  json_t *groups = json_object_get(json_array_get(axes, 0), "groups");
  for (size_t g = 0; g < N_GROUPS; g++) {
    json_t *group = json_array_get(groups, g);
    json_t *fieller = json_object_get(json_object_get(group, "details"), "fieller");
    cr_assert_eq(json_is_null(fieller), g == 0);
    if (g > 0) cr_expect_str_eq(json_string_value(json_object_get(fieller, "kind")), kinds[g]);
    json_t *statistics = json_object_get(group, "statistics");
    interval = json_object_get(json_object_get(statistics, "gai"), "interval");
    cr_expect_eq(json_is_null(interval), g == 3);
    interval = json_object_get(json_object_get(statistics, g == 2 ? "xrr" : "irr"), "interval");
    cr_expect_eq(json_is_false(json_object_get(interval, "holds_estimate")), g == 1);
    cr_expect_eq(json_is_true(json_object_get(interval, "flagged")), g == 2);
    cr_expect_eq(number(interval, "undefined"), g == 2 ? 30 : 0);
    cr_expect(element(interval, "percentile", 0) == -1 && element(interval, "basic", 1) == 2);
    cr_expect(g == 1 ? isnan(element(interval, "bca", 0))
                     : element(interval, "bca", 0) == number(interval, "low"));
    cr_expect_eq(number(interval, "se"), 0.0625);
  }
  json_decref(root);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}
