/* The HTML report of results made by hand: names stay text, in the page and in its data. */
#include <jansson.h>

#include "dissensus/figures.h"
#include "host/report/html.h"
#include "host/report/text.h"
#include "report_cases.h"

static void check_escape(const char *text, const char *wanted) {
  char *out = NULL;
  size_t length = 0;
  FILE *stream = open_memstream(&out, &length);
  dss_text_write(stream, DSS_MARKUP_HTML, text, SIZE_MAX);
  fclose(stream);
  cr_expect_str_eq(out, wanted);
  free(out);
}

Test(report_html, text_is_escaped) {
  check_escape("<script>alert(\"1\" & '2')</script>",
               "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
  check_escape("&lt;", "&amp;lt;");
  check_escape("a\nb\x1b[31m\x7f", "a b [31m ");
  /* Marks of direction and bytes that are no UTF-8. */
  check_escape("\xd7\xa2\xe2\x80\xae\xe2\x81\xa6x", "\xd7\xa2  x");
  check_escape("a\xff"
               "b\xc3",
               "a\xef\xbf\xbd"
               "b\xef\xbf\xbd");
  check_escape("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
}

/* The JSON object of the page, which the caller lets go of. */
static json_t *data_of(const char *page) {
  static const char opening[] = "<script type=\"application/json\" id=\"data\">";
  const char *begin = strstr(page, opening);
  cr_assert(begin);
  begin += strlen(opening);
  const char *end = strstr(begin, "</script>");
  cr_assert(end);
  for (const char *at = begin; at < end; at++)
    cr_assert_neq(*at, '<', "a '<' in the data");
  json_error_t error;
  json_t *root = json_loadb(begin, (size_t)(end - begin), 0, &error);
  cr_assert(root, "line %d: %s", error.line, error.text);
  return root;
}

static size_t count(const char *text, const char *what) {
  size_t n = 0;
  for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
    n++;
  return n;
}

Test(report_html, names_stay_text) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, N_LABELS, DSS_METRICS_ALL, 999, true);
  free(r->axes[0]);
  r->axes[0] = strdup("</table><script>*\"x\"");
  free(r->questions[0].levels[1]);
  r->questions[0].levels[1] = strdup("</script><!-- <script>");
  char *page = report(context, r, DSS_REPORT_HTML, true);
  cr_expect_eq(count(page, "<script"), 2, "the data and ours");
  cr_expect_eq(count(page, "</script>"), 2);
  cr_expect_eq(count(page, "</table>"), count(page, "<table"));
  cr_expect(strstr(page, "a|b&amp;c_d%e$f\\g/h~i^j#k{l}m&lt;n&gt;o*p`q[r]s--t"));
  cr_expect(!strstr(page, "\xe2\x80\xae"), "a mark that turns the direction of writing");
  json_t *root = data_of(page);
  cr_expect_str_eq(json_string_value(json_array_get(json_object_get(root, "axes"), 0)), r->axes[0]);
  json_t *levels = json_array_get(json_object_get(root, "levels"), 0);
  cr_expect_str_eq(json_string_value(json_array_get(levels, 1)), r->questions[0].levels[1]);
  json_decref(root);
  free(page);
  dss_results_free(r);
  dss_context_free(context);
}

/* What stands where in a row is what page.js counts on. */
Test(report_html, data_have_the_numbers) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 5, DSS_METRICS_GAI, 999, true);
  char *page = report(context, r, DSS_REPORT_HTML, true);
  json_t *root = data_of(page), *rows = json_object_get(root, "rows");
  cr_assert_eq(json_array_size(rows), 5);
  cr_expect(json_is_true(json_object_get(root, "details")));
  for (size_t g = 0; g < 5; g++) {
    json_t *row = json_array_get(rows, g), *cells = json_array_get(row, 4);
    cr_expect_eq(json_integer_value(json_array_get(row, 2)), 2 + (json_int_t)g);
    cr_expect_eq(json_integer_value(json_array_get(row, 3)), 100 * (json_int_t)g);
    cr_assert_eq(json_array_size(cells), 4);
    cr_expect_eq(json_array_size(json_array_get(row, 5)), 12);
    for (size_t c = 0; c < 4; c++) {
      json_t *cell = json_array_get(cells, c);
      const dss_cell *mine = &r->cells[dss_results_at(r, 0, g, c)];
      cr_assert_eq(json_array_size(cell), 22);
      cr_expect_eq(json_is_null(json_array_get(cell, 0)), isnan(mine->estimate));
      if (isnan(mine->estimate)) continue;
      cr_expect_float_eq(json_number_value(json_array_get(cell, 0)), mine->estimate, 1e-5);
      cr_expect_float_eq(json_number_value(json_array_get(cell, 1)), 0.04, 1e-9);
      cr_expect_eq(json_integer_value(json_array_get(cell, 3)), mine->q_bh < 0.05 ? 2 : 1);
      cr_expect_eq(json_integer_value(json_array_get(cell, 8)), 999);
      cr_expect_float_eq(json_number_value(json_array_get(cell, 18)), 0.03, 1e-9);
    }
  }
  json_decref(root);
  free(page);
  dss_results_free(r);
  dss_context_free(context);
}

/* Names in notes, warnings and methods are set apart too, and in no other format does a mark stay.
 */
Test(report_html, names_in_sentences_are_set_apart) {
  static const char hebrew[] = "\xd7\xa2\xd7\x91\xd7\xa8\xd7\x99\xd7\xaa";
  static const dss_report_format plain[] = {DSS_REPORT_TABLE, DSS_REPORT_MARKDOWN,
                                            DSS_REPORT_LATEX};
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 3, DSS_METRICS_GAI, 999, true);
  char text[200];
  free(r->groups[0].name);
  r->groups[0].name = strdup(hebrew);
  free(r->keys[DSS_KEY_filters]);
  r->keys[DSS_KEY_filters] = strdup(hebrew);
  free(r->keys[DSS_KEY_scheme]);
  snprintf(text, sizeof text, "strata:%s", hebrew);
  r->keys[DSS_KEY_scheme] = strdup(text);
  r->cells[0].p_tail = 2e-5;
  r->cells[0].p_tail_low = 0;
  r->cells[0].p_tail_high = 3e-4;
  char *page = report(context, r, DSS_REPORT_HTML, true);
  static const char *const around[][2] = {{"of the resamples (", ")"},
                                          {"IRR of ", " 2e-05 (0 to 0.0003)"},
                                          {"<li>Only ", "."},
                                          {"Only ratings with ", " were used"},
                                          {"the same value of ", ", the rat"},
                                          {"(first: ", "): their numbers hang on"}};
  for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
    snprintf(text, sizeof text, "%s<bdi>%s</bdi>%s", around[i][0], hebrew, around[i][1]);
    cr_expect(strstr(page, text), "missing: %s\nin: %s", text, page);
  }
  cr_expect_eq(count(page, "<bdi>"), count(page, "</bdi>"));
  free(page);
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
    char *other = report(context, r, plain[i], true);
    snprintf(text, sizeof text, "IRR of %s 2e", hebrew);
    cr_expect(!strpbrk(other, "\x02\x03") && strstr(other, text), "%s", other);
    free(other);
  }
  dss_results_free(r);
  dss_context_free(context);
}

/* So many rows that details would make the page too large: it says so, and stays small. */
Test(report_html, details_are_left_out_of_a_large_page) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 3000, DSS_METRICS_ALL, 999, true);
  char *page = report(context, r, DSS_REPORT_HTML, true);
  json_t *root = data_of(page);
  cr_expect(json_is_false(json_object_get(root, "details")));
  cr_expect(strstr(page, "too many rows for their details"));
  cr_expect_lt(strlen(page), 10000000, "%zu bytes", strlen(page));
  json_decref(root);
  free(page);
  dss_results_free(r);
  dss_context_free(context);
}

/* Only what the run has is defined and explained. */
Test(report_html, definitions_are_those_of_the_run) {
  dss_context *context = dss_context_new();
  dss_results *few = make(context, 2, DSS_METRICS_GAI, 999, true);
  dss_results *all = make(context, 2, DSS_METRICS_ALL | DSS_METRICS_PAIR_GAI, 0, true);
  char *one = report(context, few, DSS_REPORT_HTML, true);
  char *two = report(context, all, DSS_REPORT_HTML, true);
  cr_expect(strstr(one, "<dt>IRR, agreement within") && strstr(one, "<dt>p, of B resamples"));
  cr_expect(strstr(one, "Ordinal questions:") && !strstr(one, "Nominal questions:"));
  cr_expect(!strstr(one, "<dt>Voting agreement") && !strstr(one, "<dt>Pair"));
  cr_expect(!strstr(one, "<!-- irr"));
  cr_expect(strstr(two, "<dt>Voting agreement") && strstr(two, "<dt>Pair IRR"));
  cr_expect(!strstr(two, "<dt>p, of") && !strstr(two, "<dt>q (BH)"));
  free(one);
  free(two);
  dss_results_free(few);
  dss_results_free(all);
  dss_context_free(context);
}

/* What the bootstrap draws is what the page speaks of. */
Test(report_html, definitions_are_of_what_was_drawn) {
  static const struct {
    const char *over;
    bool raters, items;
  } cases[] = {{"raters", true, false}, {"items", false, true}, {"both", true, true}};
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 2, DSS_METRICS_GAI, 999, true);
  r->cells[0].ci_low = 0.1;
  r->cells[0].ci_high = 0.9;
  r->cells[0].ci_method = "bca";
  for (size_t i = 0; i < 3; i++) {
    free(r->keys[DSS_KEY_over]);
    r->keys[DSS_KEY_over] = strdup(cases[i].over);
    char *page = report(context, r, DSS_REPORT_HTML, true);
    cr_expect_eq(strstr(page, "rater drawn") != NULL, cases[i].raters, "%s", cases[i].over);
    cr_expect_eq(strstr(page, "item drawn") != NULL, cases[i].items, "%s", cases[i].over);
    free(page);
  }
  dss_results_free(r);
  dss_context_free(context);
}

/* A page's size counts names as they are written, so that figures get only what is left. */
Test(report_html, size_counts_escaped_names) {
  enum { GROUPS = 50 };
  dss_context *context = dss_context_new();
  dss_results *r = make(context, GROUPS, DSS_METRICS_ALL, 999, true);
  dss_view view;
  dss_view_init(&view, r);
  const dss_page page = {context, r, &view, NULL};
  cr_assert_eq(view.n_parts, 2);
  char name[101];
  for (size_t i = 0; i < 100; i++)
    name[i] = "\"&'<"[i % 4];
  name[100] = '\0';
  double before = dss_html_size(&page), added = 0.0;
  for (size_t g = 0; g < GROUPS; g++) {
    char *out = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&out, &length);
    dss_text_write(stream, DSS_MARKUP_HTML, r->groups[g].name, SIZE_MAX);
    fclose(stream);
    added += 2.0 * (25.0 * (6 + 5 + 5 + 4) - (double)length); /* in both tables */
    free(out);
    free(r->groups[g].name);
    r->groups[g].name = strdup(name);
  }
  cr_expect_float_eq(dss_html_size(&page) - before, added, 0.5);
  dss_results_free(r);
  dss_context_free(context);
}

Test(report_html, figures_or_why_there_are_none) {
  dss_context *context = dss_context_new();
  dss_results *r = make(context, 4, DSS_METRICS_GAI, 0, true);
  char *page = report(context, r, DSS_REPORT_HTML, true);
  cr_expect_eq(strstr(page, "draws no figures") == NULL, dss_figures_available());
  cr_expect_eq(strstr(page, "<img alt=\"") != NULL, dss_figures_available());
  free(page);
  dss_results_free(r);
  dss_context_free(context);
}
