/* Figures of evaluations, drawn: beside pictures that somebody has looked at, of anything for a
 * name, and into folders. */
#include <criterion/criterion.h>

#include "evaluation_case.h"
#include "host/figures/rows.h"
#include "reference.h"
#include "unit/temporary.h"

#include "in_context.h"

TestSuite(evaluation_looks, .init = context_begin, .fini = context_end);

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
}

Test(evaluation_looks, classify) {
  evaluation_case c = usual_evaluation;
  c.kind = DSS_EVALUATION_CLASSIFY;
  expect_figure(&c, DSS_FIGURE_PARTS, "fnr_gap", DSS_EVERYONE_ELSE, "parts-gap");
}

Test(evaluation_looks, steer) {
  evaluation_case c = usual_evaluation;
  c.kind = DSS_EVALUATION_STEER;
  expect_figure(&c, DSS_FIGURE_MATRIX, "pearson_missteered", "*", "matrix-missteered");
}

/* docs/gallery.md shows the same at full size. */
Test(evaluation_looks, gallery) {
  evaluation_case c = usual_evaluation;
  c.kind = DSS_EVALUATION_STEER;
  dss_evaluation *e = evaluation_make(context, &c);
  expect_picture(picture_of_figure(e, find(e, DSS_FIGURE_MATRIX, "pearson_missteered", "*")),
                 DSS_GALLERY "/steer-matrix.png", REFERENCE_SIDE);
  dss_evaluation_free(e);
}

Test(evaluation_looks, thirty_groups) {
  evaluation_case c = usual_evaluation;
  c.n_groups = 30;
  expect_figure(&c, DSS_FIGURE_MATRIX, "mean_difference", "*", "matrix-30");
}

/* --- changes are seen ---------------------------------------------------------------------- */

static void expect_seen(dss_figure_kind kind, const char *statistic, const char *versus,
                        void (*change)(dss_evaluation *), const char *what) {
  dss_evaluation *e = evaluation_make(context, &usual_evaluation);
  dss_figure figure = find(e, kind, statistic, versus);
  picture before = picture_of_figure(e, figure);
  change(e);
  picture after = picture_of_figure(e, figure);
  cr_expect(!picture_is_alike(picture_compare(&before, &after)), "nobody would see: %s", what);
  picture_free(&before);
  picture_free(&after);
  dss_evaluation_free(e);
}

/* The first row of the first group with each statistic and comparison. */
static void change_firsts(dss_evaluation *e, void (*change)(dss_evaluation_row *)) {
  for (size_t i = 0; i < e->n_rows; i++)
    if (*e->rows[i].items == '\0' && strcmp(e->rows[i].group, "group 1") == 0) change(&e->rows[i]);
}

static void move_one(dss_evaluation_row *row) {
  row->cell.estimate += 0.1;
}

static void move(dss_evaluation *e) {
  change_firsts(e, move_one);
}

static void lose_one_band(dss_evaluation_row *row) {
  row->cell.null_min = NAN;
}

static void lose_band(dss_evaluation *e) {
  change_firsts(e, lose_one_band);
}

static void make_one_sure(dss_evaluation_row *row) {
  row->cell.p = row->cell.q_bh = 0.001;
}

static void make_sure(dss_evaluation *e) {
  change_firsts(e, make_one_sure);
}

static void lose_one(dss_evaluation_row *row) {
  row->cell.estimate = NAN;
  row->cell.reason = DSS_REASON_NO_RATINGS;
}

static void lose(dss_evaluation *e) {
  change_firsts(e, lose_one);
}

/* Another group of the pair, with a name as long. */
static void lose_versus(dss_evaluation *e) {
  for (size_t i = 0; i < e->n_rows; i++)
    if (strcmp(e->rows[i].versus, "group 2") == 0) e->rows[i].versus = "ggggg 2";
}

static void lose_parts(dss_evaluation *e) {
  for (size_t i = 0; i < e->n_rows; i++)
    if (strcmp(e->rows[i].items, "topic=part 2") == 0) e->rows[i].items = "topic=gggg 2";
}

Test(evaluation_looks, changes_are_seen) {
  static void (*const changes[])(dss_evaluation *) = {move, make_sure, lose};
  static const char *const what[] = {"a value", "a mark", "an undefined value"};
  for (size_t i = 0; i < 3; i++) {
    expect_seen(DSS_FIGURE_ROWS, "mean", "", changes[i], what[i]);
    expect_seen(DSS_FIGURE_ROWS, "mean_difference", "*", changes[i], what[i]);
    expect_seen(DSS_FIGURE_MATRIX, "mean_difference", "*", changes[i], what[i]);
    expect_seen(DSS_FIGURE_PARTS, "mean_difference", DSS_EVERYONE_ELSE, changes[i], what[i]);
  }
  expect_seen(DSS_FIGURE_ROWS, "mean", "", lose_band, "a band");
  expect_seen(DSS_FIGURE_ROWS, "mean_difference", "*", lose_versus, "what is compared with");
  expect_seen(DSS_FIGURE_MATRIX, "mean_difference", "*", lose_versus, "a column's name");
  expect_seen(DSS_FIGURE_PARTS, "mean", "", lose_parts, "a part's name");
}

/* --- all sorts of evaluations ------------------------------------------------------------------
 */

/* Draws all figures, forwards and back, and checks that they are files of their kind with the same
 * bytes. */
static void draw_all(const evaluation_case *c) {
  static const char *const starts[] = {[DSS_FIGURE_SVG] =
                                           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg",
                                       [DSS_FIGURE_PDF] = "%PDF-1.",
                                       [DSS_FIGURE_PNG] = "\x89PNG\r\n"};
  dss_evaluation *e = evaluation_make(context, c);
  dss_figure *figures = NULL;
  size_t n = 0;
  must(dss_evaluation_figures_list(context, e, &figures, &n));
  cr_assert(n > 0 && n <= 64, "%zu", n);
  unsigned char *first[64];
  size_t sizes[64], size;
  for (size_t i = 0; i < n; i++) {
    dss_figure_format format = (dss_figure_format)(i % DSS_N_FIGURE_FORMATS);
    must(dss_evaluation_figure_draw(context, e, &figures[i], format, &first[i], &sizes[i]));
    cr_expect(sizes[i] > 1000 && memcmp(first[i], starts[format], strlen(starts[format])) == 0);
  }
  for (size_t i = n; i-- > 0;) {
    dss_figure_format format = (dss_figure_format)(i % DSS_N_FIGURE_FORMATS);
    unsigned char *again = NULL;
    must(dss_evaluation_figure_draw(context, e, &figures[i], format, &again, &size));
    cr_expect(size == sizes[i] && memcmp(again, first[i], size) == 0, "figure %zu", i);
    free(again);
    free(first[i]);
  }
  free(figures);
  dss_evaluation_free(e);
}

Test(evaluation_looks, all_sorts) {
  evaluation_case c = usual_evaluation;
  c.n_parts = 1;
  draw_all(&c);
  c.significant = false;
  draw_all(&c);
  c.tested = c.intervals = false;
  draw_all(&c);
  c.defined = false;
  draw_all(&c);
  c = usual_evaluation;
  c.n_groups = 1;
  c.n_parts = 0;
  draw_all(&c);
  c.n_groups = 80;
  draw_all(&c);
  c.kind = DSS_EVALUATION_STEER;
  c.n_groups = 2;
  draw_all(&c);
}

Test(evaluation_looks, hostile_names) {
  evaluation_case c = usual_evaluation;
  c.names = hostile_names;
  c.n_groups = N_HOSTILE;
  c.n_parts = 1;
  draw_all(&c);
  c.n_groups = DSS_FOREST_GROUPS; /* every two of them in a forest */
  draw_all(&c);
  dss_evaluation *e = evaluation_make(context, &c);
  for (size_t i = 0; i < e->n_rows; i++) {
    e->rows[i].question = "<script>q</script>";
    e->rows[i].source = "<script>s</script>";
    if (*e->rows[i].items) e->rows[i].items = "<script>=\xd7\xa2";
    if (*e->rows[i].axis) e->rows[i].axis = hostile_names[1];
  }
  dss_figure *figures = NULL;
  size_t n = 0, size;
  must(dss_evaluation_figures_list(context, e, &figures, &n));
  for (size_t i = 0; i < n; i++) {
    unsigned char *svg = NULL;
    must(dss_evaluation_figure_draw(context, e, &figures[i], DSS_FIGURE_SVG, &svg, &size));
    svg[size - 1] = '\0';
    cr_expect_null(strstr((char *)svg, "<script"));
    free(svg);
  }
  free(figures);
  dss_evaluation_free(e);
}

Test(evaluation_looks, folders) {
  temporary folder;
  char path[512], file[700];
  evaluation_case c = usual_evaluation;
  temporary_begin(&folder);
  c.n_groups = 2;
  c.n_parts = 0;
  dss_evaluation *e = evaluation_make(context, &c);
  const unsigned svg = 1u << DSS_FIGURE_SVG;
  snprintf(path, sizeof path, "%s", temporary_path(&folder, "figures"));
  must(dss_evaluation_figures_save(context, e, path, svg, false));
  cr_expect_eq(dss_evaluation_figures_save(context, e, path, svg, false), DSS_ERR_FILE);
  cr_expect(
      strstr(dss_context_error(context), "q1-toxicity-a1-gender-age-v1-mean-forest.svg: exists"),
      "%s", dss_context_error(context));
  must(dss_evaluation_figures_save(context, e, path, svg, true));
  cr_expect_eq(dss_evaluation_figures_save(context, e, path, 0, true), DSS_ERR_USAGE);
  static const char *const names[] = {"v1-mean-forest", "v3-mean-difference-rest-forest",
                                      "v3-mean-difference-pairs-forest"};
  for (size_t i = 0; i < 3; i++) {
    snprintf(file, sizeof file, "%s/q1-toxicity-a1-gender-age-%s.svg", path, names[i]);
    cr_expect_eq(unlink(file), 0, "%s", file);
  }
  cr_expect_eq(rmdir(path), 0, "there were more files");
  dss_evaluation_free(e);
  c.n_groups = 0;
  e = evaluation_make(context, &c);
  cr_expect_eq(dss_evaluation_figures_save(context, e, path, svg, false), DSS_ERR_USAGE);
  cr_expect(strstr(dss_context_error(context), "the evaluation makes no figure"), "%s",
            dss_context_error(context));
  dss_evaluation_free(e);
  temporary_end(&folder);
}
