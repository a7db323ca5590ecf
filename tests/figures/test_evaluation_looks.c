/* Figures of evaluations beside pictures that somebody has looked at, as test_looks.c does. */
#include <criterion/criterion.h>

#include "evaluation_case.h"
#include "host/figures/measures.h"
#include "reference.h"

static dss_context *context;

static void set_up(void) {
  context = dss_context_new();
}

static void tear_down(void) {
  dss_context_free(context);
}

TestSuite(evaluation_looks, .init = set_up, .fini = tear_down);

static void must(dss_status status) {
  cr_assert_eq(status, DSS_OK, "%s", dss_context_error(context));
}

static picture picture_of_figure(const dss_evaluation *e, dss_figure figure) {
  unsigned char *bytes = NULL;
  size_t n = 0;
  must(dss_evaluation_figure_draw(context, e, &figure, DSS_FIGURE_PNG, &bytes, &n));
  picture p = picture_from_bytes(bytes, n, REFERENCE_SIDE);
  free(bytes);
  return p;
}

/* The first figure of that kind, statistic and comparison in the list. */
static dss_figure find(const dss_evaluation *e, dss_figure_kind kind, const char *statistic,
                       const char *versus) {
  dss_figure *figures = NULL, found = {.row = SIZE_MAX};
  size_t n = 0;
  must(dss_evaluation_figures_list(context, e, &figures, &n));
  for (size_t i = n; i-- > 0;) {
    const dss_evaluation_row *row = dss_evaluation_get(e, figures[i].row);
    bool alike =
        *versus == '*' ? dss_versus_of(row) == DSS_VERSUS_GROUP : strcmp(row->versus, versus) == 0;
    if (figures[i].kind == kind && alike && strcmp(row->statistic, statistic) == 0)
      found = figures[i];
  }
  free(figures);
  cr_assert_neq(found.row, SIZE_MAX, "no figure of %s", statistic);
  return found;
}

static void expect_figure(const evaluation_case *c, dss_figure_kind kind, const char *statistic,
                          const char *versus, const char *name) {
  dss_evaluation *e = evaluation_make(context, c);
  expect_reference(picture_of_figure(e, find(e, kind, statistic, versus)), name);
  dss_evaluation_free(e);
}

Test(evaluation_looks, severity) {
  expect_figure(&usual_evaluation, DSS_FIGURE_ROWS, "mean", "", "rows-mean");
  expect_figure(&usual_evaluation, DSS_FIGURE_ROWS, "mean_difference", DSS_EVERYONE_ELSE,
                "rows-difference");
  expect_figure(&usual_evaluation, DSS_FIGURE_ROWS, "mean_difference", "*", "rows-pairs");
  expect_figure(&usual_evaluation, DSS_FIGURE_MATRIX, "mean_difference", "*", "matrix-difference");
  expect_figure(&usual_evaluation, DSS_FIGURE_PARTS, "mean", "", "parts-mean");
  expect_figure(&usual_evaluation, DSS_FIGURE_PARTS, "mean_difference", DSS_EVERYONE_ELSE,
                "parts-difference");
}
