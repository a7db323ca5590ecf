/* Reports of results made by hand: what a reader of each format gets back, with labels that try to
 * break it. */
#include <criterion/criterion.h>
#include <csv.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uniwidth.h>

#include "host/report/text.h"
#include "report_cases.h"
#include "temporary.h"

enum { N_FIELDS = 33 };

/* --- CSV --------------------------------------------------------------------------------- */

static const char csv_header[] =
    "question,axis,group,raters,ratings,statistic,estimate,reason,null_mean,null_sd,z,ge,le,"
    "undefined,resamples,p_up,p_down,p,p_grasp,direction,q_bh,p_holm,p_bonferroni,p_maxt,ci_low,"
    "ci_high,ci_method,se,ci_reason,ci_undefined,ci_resamples,ge_at,le_at\n";

typedef struct grid {
  char ***rows;
  size_t n_rows, n_fields;
} grid;

static void field(void *text, size_t length, void *user) {
  grid *g = user;
  if (g->n_fields == 0) g->rows = realloc(g->rows, (g->n_rows + 1) * sizeof *g->rows);
  if (g->n_fields == 0) g->rows[g->n_rows] = calloc(N_FIELDS, sizeof **g->rows);
  cr_assert_lt(g->n_fields, N_FIELDS, "row %zu has too many fields", g->n_rows);
  g->rows[g->n_rows][g->n_fields++] = strndup(text ? text : "", length);
}

static void row(int end, void *user) {
  grid *g = user;
  (void)end;
  cr_assert_eq(g->n_fields, N_FIELDS, "row %zu has %zu fields", g->n_rows, g->n_fields);
  g->n_rows++;
  g->n_fields = 0;
}

static grid read_csv(const char *text) {
  grid g = {0};
  struct csv_parser parser;
  csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
  cr_assert_eq(csv_parse(&parser, text, strlen(text), field, row, &g), strlen(text));
  cr_assert_eq(csv_fini(&parser, field, row, &g), 0);
  csv_free(&parser);
  return g;
}

static void free_grid(grid *g) {
  for (size_t i = 0; i < g->n_rows; i++) {
    for (size_t j = 0; j < N_FIELDS; j++)
      free(g->rows[i][j]);
    free(g->rows[i]);
  }
  free(g->rows);
}

Test(report, csv_gives_back_texts_and_numbers) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_ALL, 999, true);
  char *text = report(context, r, DSS_REPORT_CSV, true);
  cr_assert(strncmp(text, csv_header, sizeof csv_header - 1) == 0);
  grid g = read_csv(text);
  cr_assert_eq(g.n_rows, 1 + N_LABELS * DSS_N_ITEM_STATISTICS + 1);
  for (size_t i = 0; i < N_LABELS * DSS_N_ITEM_STATISTICS; i++) {
    char **fields = g.rows[1 + i];
    const dss_cell *cell = &r->cells[i];
    cr_assert_str_eq(fields[0], labels[3]);
    cr_assert_str_eq(fields[2], labels[i / DSS_N_ITEM_STATISTICS]);
    cr_assert_str_eq(fields[5], dss_statistic_name((dss_statistic)(i % DSS_N_ITEM_STATISTICS)));
    cr_assert_str_eq(fields[7], dss_reason_text(cell->reason));
    if (isnan(cell->estimate)) {
      cr_assert_str_eq(fields[6], "");
      /* Not tested: no counts either, not even of resamples. */
      for (size_t j = 8; j < N_FIELDS; j++)
        cr_assert_str_eq(fields[j], "");
      continue;
    }
    cr_assert(strtod(fields[6], NULL) == cell->estimate);
    cr_assert(strtod(fields[15], NULL) == 1e-300);
    cr_assert_str_eq(fields[11], "996");
    cr_assert_str_eq(fields[19], cell->direction > 0 ? "up" : "down");
    cr_assert_str_eq(fields[21], "");
  }
  free_grid(&g);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, csv_dsi_is_its_groups_gai) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 4, DSS_METRICS_GAI, 999, true);
  char *text = report(context, r, DSS_REPORT_CSV, true);
  grid g = read_csv(text);
  char **dsi = g.rows[g.n_rows - 1];
  const dss_cell *gai = dss_results_cell(r, 0, dss_results_dsi(r, 0, 0)->group, DSS_GAI);
  cr_assert_str_eq(dsi[5], "dsi");
  cr_assert_str_eq(dsi[2], "");
  cr_assert(strtod(dsi[6], NULL) == gai->estimate);
  cr_assert(strtod(dsi[20], NULL) == gai->q_bh);
  for (size_t i = 0; i < 4; i++)
    cr_assert(!(dss_results_cell(r, 0, i, DSS_GAI)->estimate > gai->estimate));
  free_grid(&g);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* Nothing defined, and nothing tested: rows keep their shape, cells are empty. */
Test(report, csv_without_numbers) {
  dss_context *context = dss_context_new();
  for (int defined = 0; defined < 2; defined++) {
    dss_results *r = make(context, 3, DSS_METRICS_GAI, 0, defined);
    char *text = report(context, r, DSS_REPORT_CSV, true);
    grid g = read_csv(text);
    cr_assert_eq(g.n_rows, 1 + 3 * 4 + 1);
    for (size_t i = 1; i < g.n_rows; i++) {
      cr_assert_eq(g.rows[i][6][0] == '\0', !defined);
      cr_assert_eq(g.rows[i][7][0] == '\0', defined, "a reason where it belongs");
      for (size_t j = 15; j < N_FIELDS; j++)
        cr_assert_str_eq(g.rows[i][j], "");
    }
    free_grid(&g);
    free(text);
    dss_results_free(r);
  }
  dss_context_free(context);
}

/* --- JSON -------------------------------------------------------------------------------- */

Test(report, json_gives_back_everything) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_ALL, 999, true);
  r->edges[0] = -1.0;
  r->edges[1] = 1.0;
  r->histograms[0] = 7;
  r->histograms[DSS_HISTOGRAM_BINS + 1] = 9;
  char *text = report(context, r, DSS_REPORT_JSON, true);
  json_error_t error;
  json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);
  cr_assert(root, "line %d: %s", error.line, error.text);
  json_t *question = json_array_get(json_object_get(root, "questions"), 0);
  json_t *axis = json_array_get(json_object_get(question, "axes"), 0);
  json_t *groups = json_object_get(axis, "groups");
  cr_assert_str_eq(json_string_value(json_object_get(question, "question")), labels[3]);
  cr_assert_eq(json_array_size(groups), N_LABELS);
  for (size_t g = 0; g < N_LABELS; g++) {
    json_t *group = json_array_get(groups, g);
    json_t *irr = json_object_get(json_object_get(group, "statistics"), "irr");
    json_t *estimate = json_object_get(irr, "estimate");
    const dss_cell *cell = dss_results_cell(r, 0, g, DSS_IRR);
    cr_assert_str_eq(json_string_value(json_object_get(group, "group")), labels[g]);
    cr_assert(isnan(cell->estimate) ? json_is_null(estimate)
                                    : json_real_value(estimate) == cell->estimate);
    json_t *histogram = json_object_get(json_object_get(irr, "null"), "histogram");
    cr_assert_eq(json_is_object(histogram), g == 0);
    if (g > 0) continue;
    cr_assert_eq(json_integer_value(json_object_get(histogram, "below")), 7);
    cr_assert_eq(json_integer_value(json_object_get(histogram, "above")), 9);
    cr_assert_eq(json_array_size(json_object_get(histogram, "counts")), DSS_HISTOGRAM_BINS);
  }
  json_decref(root);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* --- the table --------------------------------------------------------------------------- */

/* Calls check for every line, without its newline. */
static void each_line(const char *text, void (*check)(const char *line, void *user), void *user) {
  while (*text) {
    size_t length = strcspn(text, "\n");
    char *line = strndup(text, length);
    check(line, user);
    free(line);
    text += length + (text[length] == '\n');
  }
}

typedef struct alignment {
  int column; /* where the first decimal point of the block's rows stands */
  unsigned rows;
} alignment;

/* Rows of the table hold a number with three decimals in every column; lines under a heading have
 * their first decimal point in one column of the screen. */
static void check_alignment(const char *line, void *user) {
  alignment *a = user;
  if (strncmp(line, "By ", 3) == 0) a->column = -1;
  for (const char *at = line; *at; at++)
    cr_assert((unsigned char)*at >= 0x20 && *at != 0x7f, "a control character in: %s", line);
  cr_assert_leq(u8_strwidth((const uint8_t *)line, "UTF-8"), 122, "too wide: %s", line);
  const char *point = strchr(line, '.');
  bool is_row = strncmp(line, "  ", 2) == 0 && point && !strstr(line, "DSI") && point[1] >= '0' &&
                point[1] <= '9' && !strstr(line, "Warning");
  if (!is_row) return;
  char *before = strndup(line, (size_t)(point - line));
  int column = u8_strwidth((const uint8_t *)before, "UTF-8");
  free(before);
  if (a->column < 0) a->column = column;
  cr_assert_eq(column, a->column, "out of line: %s", line);
  a->rows++;
}

Test(report, table_lines_up) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_ALL, 999, true);
  for (int unicode = 0; unicode < 2; unicode++) {
    char *text = report(context, r, DSS_REPORT_TABLE, unicode);
    alignment a = {-1, 0};
    each_line(text, check_alignment, &a);
    /* Two tables, in both of which seven of eight groups have numbers. */
    cr_assert_eq(a.rows, 2 * (N_LABELS - 1));
    cr_assert(strstr(text, "(1)") && strstr(text, "(2)"));
    cr_assert_eq(strstr(text, "\xe2\x86\x91") != NULL, unicode == 1);
    cr_assert(strstr(text, "999 resamples"));
    const char *second = strstr(text, "By gender*race (continued)\n");
    cr_assert(second && strstr(text, "By gender*race\n") < second);
    cr_assert(!strstr(second + strlen("By gender*race "), "By "),
              "there are two tables, not three");
    free(text);
  }
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, color_only_when_asked) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_GAI, 999, true);
  char *text = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&text, &length);
  dss_report_options options = {.format = DSS_REPORT_TABLE, .color = true};
  must(context, dss_report_write(context, r, &options, stream));
  fclose(stream);
  cr_assert(strchr(text, '\033'));
  cr_assert(!strstr(text, "\033[31m"), "a label's own escape sequence");
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* --- Markdown and LaTeX -------------------------------------------------------------------- */

static unsigned count_unescaped(const char *line, char sign) {
  unsigned count = 0;
  for (const char *at = line; *at; at++) {
    if (*at == '\\' && at[1])
      at++;
    else
      count += *at == sign;
  }
  return count;
}

static void check_markdown(const char *line, void *user) {
  unsigned *rows = user;
  cr_assert_eq(count_unescaped(line, '<') + count_unescaped(line, '_') + count_unescaped(line, '`'),
               0, "%s", line);
  if (line[0] != '|') return;
  ++*rows;
  cr_assert_eq(count_unescaped(line, '|'), 3 + 4 + 1, "%s", line);
}

Test(report, markdown_rows_keep_their_columns) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_GAI, 999, true);
  char *text = report(context, r, DSS_REPORT_MARKDOWN, true);
  unsigned rows = 0;
  each_line(text, check_markdown, &rows);
  cr_assert_eq(rows, 2 + N_LABELS);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

static void check_latex(const char *line, void *user) {
  unsigned *rows = user;
  size_t length = strlen(line);
  cr_assert(strncmp(line, "%", 1) == 0 || count_unescaped(line, '%') == 0, "%s", line);
  cr_assert_eq(count_unescaped(line, '#') + count_unescaped(line, '~'), 0, "%s", line);
  cr_assert_eq(count_unescaped(line, '{'), count_unescaped(line, '}'), "%s", line);
  cr_assert_eq(count_unescaped(line, '$') % 2, 0, "%s", line);
  if (length < 3 || strcmp(line + length - 3, " \\\\") != 0) return;
  ++*rows;
  cr_assert_eq(count_unescaped(line, '&'), 2 + 4, "%s", line);
}

Test(report, latex_rows_keep_their_columns) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_GAI, 999, true);
  char *text = report(context, r, DSS_REPORT_LATEX, true);
  unsigned rows = 0;
  each_line(text, check_latex, &rows);
  cr_assert_eq(rows, 2 + N_LABELS, "two headers and the groups, not %u", rows);
  free(text);
  dss_results_free(r);
  dss_context_free(context);
}

/* --- all formats ------------------------------------------------------------------------- */

static const dss_report_format formats[] = {DSS_REPORT_TABLE,    DSS_REPORT_CSV,   DSS_REPORT_JSON,
                                            DSS_REPORT_MARKDOWN, DSS_REPORT_LATEX, DSS_REPORT_HTML};
enum { N_FORMATS = sizeof formats / sizeof *formats };

Test(report, many_groups_twice_the_same) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 2000, DSS_METRICS_ALL, 999, true);
  for (size_t f = 0; f < N_FORMATS; f++) {
    char *one = report(context, r, formats[f], true), *two = report(context, r, formats[f], true);
    size_t lines = 0;
    for (const char *at = one; *at; at++)
      lines += *at == '\n';
    cr_assert_gt(lines, 2000);
    cr_assert_str_eq(one, two);
    free(one);
    free(two);
  }
  dss_results_free(r);
  dss_context_free(context);
}

/* glibc never frees its copy of LOCPATH. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:argz_add_sep";
}

Test(report, decimal_point_whatever_the_locale) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 4, DSS_METRICS_ALL, 999, true);
  setenv("LOCPATH", DSS_LOCALES, 1);
  cr_assert(setlocale(LC_NUMERIC, "de_DE.UTF-8"),
            "install the sources of locales (Debian: locales)");
  cr_assert_str_eq(localeconv()->decimal_point, ",");
  for (size_t f = 0; f < N_FORMATS; f++) {
    char *there = report(context, r, formats[f], true);
    char *before = strdup(setlocale(LC_NUMERIC, NULL));
    setlocale(LC_NUMERIC, "C");
    char *here = report(context, r, formats[f], true);
    setlocale(LC_NUMERIC, before);
    cr_assert_str_eq(here, there);
    free(before);
    free(here);
    free(there);
  }
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, a_full_disk_is_told) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 4, DSS_METRICS_GAI, 999, true);
  for (size_t f = 0; f < N_FORMATS; f++) {
    FILE *full = fopen("/dev/full", "w");
    cr_assert(full);
    dss_report_options options = {.format = formats[f]};
    cr_assert_eq(dss_report_write(context, r, &options, full), DSS_ERR_FILE);
    cr_assert(*dss_context_error(context));
    fclose(full);
  }
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, saved_whole_or_not_at_all) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 4, DSS_METRICS_GAI, 999, true);
  temporary t;
  temporary_begin(&t);
  dss_report_options options;
  dss_report_options_init(&options);
  must(context, dss_report_save(context, r, &options, temporary_path(&t, "a"), false));
  cr_expect_eq(dss_report_save(context, r, &options, temporary_path(&t, "a"), false), DSS_ERR_FILE);
  must(context, dss_report_save(context, r, &options, temporary_path(&t, "a"), true));
  options.format = (dss_report_format)99;
  cr_expect_eq(dss_report_save(context, r, &options, temporary_path(&t, "b"), false),
               DSS_ERR_USAGE);
  cr_expect_eq(temporary_count(&t), 1);
  /* A link that leads nowhere is there, and is no file. */
  char link[512];
  snprintf(link, sizeof link, "%s", temporary_path(&t, "link"));
  cr_assert_eq(symlink("nowhere", link), 0);
  dss_report_options_init(&options);
  for (int overwrite = 0; overwrite < 2; overwrite++) {
    cr_expect_eq(dss_report_save(context, r, &options, link, overwrite), DSS_ERR_FILE);
    cr_expect(strstr(dss_context_error(context), "is not a regular file"));
  }
  cr_expect_eq(temporary_count(&t), 2);
  temporary_end(&t);
  dss_results_free(r);
  dss_context_free(context);
}

Test(report, formats_by_name) {
  dss_report_format format = DSS_REPORT_TABLE;
  cr_assert(dss_report_format_parse("latex", &format));
  cr_assert_eq(format, DSS_REPORT_LATEX);
  cr_assert(!dss_report_format_parse("pdf", &format));
  cr_assert(!dss_report_format_parse("", &format));
  cr_assert_eq(format, DSS_REPORT_LATEX);
}

/* --- text -------------------------------------------------------------------------------- */

Test(report, text_is_cut_between_characters) {
  char out[64], tiny[12];
  cr_assert_str_eq(dss_text_cut(out, sizeof out, "abcdef", 6), "abcdef");
  cr_assert_str_eq(dss_text_cut(out, sizeof out, "abcdef", 5), "abcd\xe2\x80\xa6");
  cr_assert_eq(dss_text_width(dss_text_cut(out, sizeof out, labels[6], 5), SIZE_MAX), 5);
  cr_assert_str_eq(dss_text_cut(out, sizeof out, labels[6], 5),
                   "\xe6\x97\xa5\xe6\x9c\xac\xe2\x80\xa6");
  dss_text_cut(tiny, sizeof tiny, labels[6], 40);
  cr_assert_str_eq(tiny, "\xe6\x97\xa5\xe6\x9c\xac\xe2\x80\xa6");
  cr_assert_eq(dss_text_line("one two three", 9), 8);
  cr_assert_eq(dss_text_line("onetwothree", 4), 4);
  cr_assert_eq(dss_text_fit("\xe6\x97\xa5x", 1), 3, "at least one character");
}
