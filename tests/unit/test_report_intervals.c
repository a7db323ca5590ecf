/* Intervals in reports of results made by hand: every kind of set, every mark. */
#include <jansson.h>
#include <math.h>
#include <uniwidth.h>

#include "host/engine/results.h"
#include "host/report/intervals.h"
#include "report_text.h"

enum { N_GROUPS = 8 };

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

/* XRR's for one reason, the others' for another. */
static void withhold(dss_cell *cell, dss_statistic s) {
  cell->ci_low = cell->ci_high = cell->se = cell->bca_low = cell->bca_high = NAN;
  cell->percentile_low = cell->percentile_high = cell->basic_low = cell->basic_high = NAN;
  cell->ci_method = "";
  cell->ci_withheld = s == DSS_XRR ? DSS_WITHHELD_ALL_EQUAL : DSS_WITHHELD_OFTEN_UNDEFINED;
  cell->boot_undefined = 160;
  cell->boot_flagged = true;
}

/* Group g has Fieller's kind g; group 1's IRR fell back and misses, group 2's XRR is often
 * undefined, group 3 has no GAI, of group 7 all but IRR are withheld. */
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
    r->details[g].fieller_kind = g < 7 ? (dss_set_kind)g : DSS_SET_NONE;
    r->details[g].fieller_pairs = g == 0 ? 0 : g == 4 ? 300 : g == 7 ? 161 : 321;
    r->details[g].fieller_low = g == 1 || g == 2 || g == 3 ? -0.5 : NAN;
    r->details[g].fieller_high = g == 1 || g == 2 || g == 4 ? 12345678.0 : NAN;
    r->details[g].percent_agreement = r->details[g].xrr_nonpositive = NAN;
    for (unsigned s = 0; s < DSS_N_ITEM_STATISTICS; s++)
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
  for (unsigned s = 1; s < DSS_N_ITEM_STATISTICS; s++)
    if (metrics >> s & 1u)
      withhold(&r->cells[dss_results_at(r, 0, 7, dss_metrics_column(metrics, (dss_statistic)s))],
               (dss_statistic)s);
  r->details[7].fieller_withheld = DSS_WITHHELD_OFTEN_UNDEFINED;
  dss_results_derive_dsi(r);
  return r;
}

static void expect_line(const char *text, const char *line) {
  const char *at = strstr(text, line);
  cr_expect(at && (at == text || at[-1] == '\n') && strchr("\n", at[strlen(line)]),
            "no line '%s' in:\n%s", line, text);
}

/* Some line has these words, blanks aside. */
static void expect_words(const char *text, const char *words) {
  char *squeezed = malloc(strlen(text) + 1), *to = squeezed;
  for (const char *at = text; *at; at++)
    if (*at != ' ' || (to > squeezed && to[-1] != ' ' && to[-1] != '\n')) *to++ = *at;
  *to = '\0';
  expect_line(squeezed, words);
  free(squeezed);
}

Test(report_intervals, what_stands_in_for_bca_is_marked) {
  char text[DSS_INTERVAL_ROOM];
  dss_cell cell = {.ci_low = -0.25, .ci_high = 0.5, .ci_method = "normal"};
  dss_interval_cell_text(&cell, 200, "n", 0, text);
  cr_expect_str_eq(text, "[-0.250, 0.500] n");
  cell.ci_method = "percentile";
  cell.ci_misses = true;
  dss_interval_cell_text(&cell, 200, "p", 0, text);
  cr_expect_str_eq(text, "[-0.250, 0.500] p!");
}

Test(report_intervals, table) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_GAI);
  char *text = report(context, r, DSS_REPORT_TABLE, true);
  expect_line(text, "By axis, 95% intervals");
  cr_expect(strstr(text, "[0.125, 0.750]"), "%s", text);
  cr_expect(strstr(text, "[0.000, 0.100] p!"));
  cr_expect(strstr(text, "[0.020, 0.770] ?9.3%"));
  cr_expect(strstr(text, "[-0.500, 1.235e+07]"));
  cr_expect(strstr(text, "\xe2\x89\xa4 -0.500 or \xe2\x89\xa5 1.235e+07"));
  cr_expect(strstr(text, "\xe2\x89\xa5 -0.500  "));
  cr_expect(strstr(text, "\xe2\x89\xa4 1.235e+07 ?6.5%"));
  cr_expect(strstr(text, "no number  "));
  cr_expect(strstr(text, "any number"));
  cr_expect(strstr(text, "any number  ") && strstr(text, "GAI (Fieller)"));
  expect_line(text, "95% intervals: BCa bootstrap over both, 321 resamples, seed 77.");
  expect_line(text, "No permutations were made: estimates and intervals, without significance.");
  /* A set that was not computed, a GAI that is undefined, and what is withheld, with footnotes. */
  cr_expect(strstr(text, "  -               "), "%s", text);
  cr_expect(strstr(text, "- (1) "));
  expect_words(text, "g7 [0.195, 0.820] - (2) ?50% - (3) ?50%");
  expect_words(text, "g7 - (3) ?50% - (3) ?50%");
  expect_line(text, "(1) XRR is not positive");
  expect_line(text, "(2) no interval: undefined in some of the bootstrap's resamples and equal in "
                    "all others");
  expect_line(text, "(3) no interval: undefined in more than 10% of the bootstrap's resamples");
  expect_line(text, "p marks 1 of 28 intervals: percentile, because BCa is undefined.");
  cr_expect(strstr(text, "Warning: ! marks 1 of 28 intervals, which do not hold"));
  cr_expect(strstr(text, "Warning: ? marks 2 of 34 intervals and Fieller sets, with the share"));
  cr_expect(strstr(text, "Warning: 4 intervals are withheld, each with its footnote"));
  free(text);
  text = report(context, r, DSS_REPORT_TABLE, false);
  cr_expect(strstr(text, "<= -0.500 or >= 1.235e+07"));
  for (const char *at = text; *at; at++)
    cr_assert((unsigned char)*at < 0x80);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* Nothing but withheld intervals is no table of intervals that has nothing to say. */
Test(report_intervals, all_are_withheld) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_GAI);
  for (size_t g = 0; g < N_GROUPS; g++) {
    for (size_t c = 0; c < r->n_columns; c++)
      withhold(&r->cells[g * r->n_columns + c], DSS_XRR);
    r->details[g].fieller_kind = DSS_SET_NONE;
    r->details[g].fieller_withheld = DSS_WITHHELD_NONE;
  }
  r->cells[0].ci_withheld = DSS_WITHHELD_FEW_RESAMPLES;
  char *text = report(context, r, DSS_REPORT_TABLE, true);
  expect_line(text, "95% intervals: BCa bootstrap over both, 321 resamples, seed 77.");
  expect_line(text, "(3) no interval: defined in fewer than 40 of the bootstrap's resamples");
  expect_words(text, "g0 - (3) ?50% - (2) ?50% - (2) ?50% - (2) ?50%");
  cr_expect(strstr(text, "Warning: 32 intervals are withheld"));
  cr_expect(!strstr(text, "? marks"));
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
    /* Less group 3's GAI and group 7's, more a bounded set. */
    cr_expect_eq(brackets, DSS_N_ITEM_STATISTICS * (N_GROUPS - 1) + 1 - 1 + 1);
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
  cr_expect(strstr(text, " | - (2) ?50% | - (3) ?50% | - (3) ?50% | - (3) ?50% |\n"));
  expect_line(text, "- (3) no interval: undefined in more than 10% of the bootstrap's resamples");
  free(text);
  text = report(context, r, DSS_REPORT_LATEX, true);
  cr_expect(strstr(text, "\\caption{q, by axis: 95\\% intervals}\\\\\n"), "%s", text);
  cr_expect(strstr(text, "\ng1 & $[0.000, 0.100]$ p! & "));
  cr_expect(strstr(text, "$\\leq$ {-}0.500 or $\\geq$ 1.235e+07"));
  cr_expect(strstr(text, " & {-} (2) ?50\\% & {-} (3) ?50\\% & "), "%s", text);
  expect_line(text, "\\noindent (3) no interval: undefined in more than 10\\% of the bootstrap's "
                    "resamples");
  cr_expect_eq(count(text, "\\begin{longtable}"), 2);
  cr_expect_eq(count(text, "\\end{longtable}"), 2);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* CSV names the reason and gives both counts that the share is made of. */
Test(report_intervals, csv) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, DSS_METRICS_GAI);
  char *text = report(context, r, DSS_REPORT_CSV, true);
  cr_expect(strstr(text, ",,,,no interval: undefined in more than 10% of the bootstrap's "
                         "resamples,160,321,,\n"),
            "%s", text);
  cr_expect(strstr(text, ",bca,0.0625,,30,321,,\n"));
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
  static const char *const kinds[] = {"",      "bounded", "outside", "above",
                                      "below", "whole",   "empty",   "none"};
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
    if (g > 0) cr_expect_eq(number(fieller, "pairs"), g == 4 ? 300 : g == 7 ? 161 : 321);
    if (g > 0)
      cr_expect_str_eq(
          json_string_value(json_object_get(fieller, "withheld")),
          dss_withheld_text(g == 7 ? DSS_WITHHELD_OFTEN_UNDEFINED : DSS_WITHHELD_NONE));
    if (g > 0) cr_expect_str_eq(json_string_value(json_object_get(fieller, "kind")), kinds[g]);
    json_t *statistics = json_object_get(group, "statistics");
    interval = json_object_get(json_object_get(statistics, "gai"), "interval");
    cr_expect_eq(json_is_null(interval), g == 3);
    if (g == 7) {
      cr_expect(json_is_null(json_object_get(interval, "low")) &&
                json_is_null(json_object_get(interval, "holds_estimate")));
      cr_expect(number(interval, "undefined") == 160 &&
                number(interval, "undefined_share") == 160.0 / 321.0);
      cr_expect_str_eq(json_string_value(json_object_get(interval, "withheld")),
                       dss_withheld_text(DSS_WITHHELD_OFTEN_UNDEFINED));
    }
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
