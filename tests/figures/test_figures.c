/* Drawing: the same bytes every time, anything for a name, any number of groups, and files. */
#include <criterion/criterion.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "compare.h"
#include "pair_case.h"

#include "in_context.h"

static temporary folder;

static void set_up(void) {
  context_begin();
  temporary_begin(&folder);
  signal(SIGXFSZ, SIG_IGN);
}

static void tear_down(void) {
  context_end();
  temporary_end(&folder);
}

TestSuite(figures, .init = set_up, .fini = tear_down);

/* Draws a figure and checks that it is a file of its kind. */
static unsigned char *draw(const dss_results *r, const dss_figure *figure, dss_figure_format format,
                           size_t *n) {
  unsigned char *bytes = NULL;
  must(dss_figure_draw(context, r, figure, format, &bytes, n));
  const char *start = format == DSS_FIGURE_SVG ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg"
                      : format == DSS_FIGURE_PDF ? "%PDF-1."
                                                 : "\x89PNG\r\n";
  cr_assert(*n > 1000 && memcmp(bytes, start, strlen(start)) == 0);
  return bytes;
}

static void draw_all(const figure_case *c, size_t most) {
  dss_results *r = case_make(context, c);
  dss_figure *figures = NULL;
  size_t n = 0, size;
  must(dss_figures_list(context, r, &figures, &n));
  cr_assert_gt(n, 0);
  for (size_t i = 0; i < n && i < most; i++)
    for (int f = 0; f < DSS_N_FIGURE_FORMATS; f++)
      free(draw(r, &figures[i], (dss_figure_format)f, &size));
  free(figures);
  dss_results_free(r);
}

Test(figures, available) {
  cr_expect(dss_figures_available());
  cr_expect(strstr(dss_figures_library(), "Cairo 1.") && strstr(dss_figures_library(), "Pango 1."));
  cr_expect_str_eq(dss_figure_format_name(DSS_FIGURE_PDF), "pdf");
  cr_expect_null(dss_figure_format_name((dss_figure_format)DSS_N_FIGURE_FORMATS));
}

Test(figures, bytes_do_not_depend_on_what_was_drawn_before) {
  dss_results *r = case_make(context, &usual_case);
  dss_figure *figures = NULL;
  size_t n = 0;
  must(dss_figures_list(context, r, &figures, &n));
  unsigned char *first[64][DSS_N_FIGURE_FORMATS];
  size_t sizes[64][DSS_N_FIGURE_FORMATS];
  cr_assert_leq(n, 64);
  for (size_t i = 0; i < n; i++)
    for (int f = 0; f < DSS_N_FIGURE_FORMATS; f++)
      first[i][f] = draw(r, &figures[i], (dss_figure_format)f, &sizes[i][f]);
  for (size_t i = n; i-- > 0;)
    for (int f = DSS_N_FIGURE_FORMATS; f-- > 0;) {
      size_t size;
      unsigned char *again = draw(r, &figures[i], (dss_figure_format)f, &size);
      cr_expect(size == sizes[i][f] && memcmp(again, first[i][f], size) == 0, "figure %zu as %s", i,
                dss_figure_format_name((dss_figure_format)f));
      free(again);
      free(first[i][f]);
    }
  free(figures);
  dss_results_free(r);
}

/* --- all sorts of results ------------------------------------------------------------------ */

Test(figures, hostile_names) {
  figure_case c = {.n_groups = N_HOSTILE,
                   .axis = "<svg onload=x>*\xd7\xa2\xd7\x91",
                   .names = hostile_names,
                   .tested = true,
                   .defined = true,
                   .significant = true,
                   .intervals = true};
  draw_all(&c, SIZE_MAX);
  dss_results *r = case_make(context, &c);
  size_t n;
  unsigned char *svg = draw(r, &(dss_figure){.kind = DSS_FIGURE_FOREST}, DSS_FIGURE_SVG, &n);
  svg[n - 1] = '\0';
  cr_expect_not(strstr((char *)svg, "<script") || strstr((char *)svg, "onload"));
  free(svg);
  dss_results_free(r);
}

Test(figures, one_group) {
  draw_all(&(figure_case){.n_groups = 1, .axis = "a", .tested = true, .defined = true}, SIZE_MAX);
}

Test(figures, none_significant) {
  figure_case c = usual_case;
  c.significant = false;
  draw_all(&c, SIZE_MAX);
}

Test(figures, no_resamples) {
  figure_case c = usual_case;
  c.tested = c.intervals = false;
  draw_all(&c, SIZE_MAX);
}

Test(figures, all_undefined) {
  figure_case c = usual_case;
  c.defined = false;
  draw_all(&c, SIZE_MAX);
}

Test(figures, seventy_one_groups) {
  figure_case c = {.n_groups = 71,
                   .axis = "a",
                   .tested = true,
                   .defined = true,
                   .significant = true,
                   .intervals = true,
                   .odd = true};
  draw_all(&c, 4);
}

/* Pages stay small enough to be embedded and printed. */
Test(figures, two_thousand_groups) {
  figure_case c = {.n_groups = 2000,
                   .axis = "a*b",
                   .rows = 40,
                   .columns = 50,
                   .tested = true,
                   .defined = true,
                   .significant = true,
                   .intervals = true};
  dss_results *r = case_make(context, &c);
  dss_figure *figures = NULL;
  size_t n = 0, size;
  must(dss_figures_list(context, r, &figures, &n));
  for (size_t i = 0; i < 31; i += 5) {
    free(draw(r, &figures[i], DSS_FIGURE_SVG, &size));
    cr_expect_lt(size, 1500000, "%zu bytes", size);
  }
  free(draw(r, &figures[28], DSS_FIGURE_SVG, &size)); /* the plane */
  cr_expect_lt(size, 3000000, "%zu bytes", size);
  free(draw(r, &figures[n - 1], DSS_FIGURE_SVG, &size)); /* 8000 p-values */
  cr_expect_lt(size, 1500000, "%zu bytes", size);
  free(figures);
  dss_results_free(r);
}

/* Nulls that are no bells: one value, edges that are one point, an observed value far away. */
Test(figures, odd_nulls) {
  figure_case c = {.n_groups = 3, .axis = "a", .tested = true, .defined = true};
  dss_results *r = case_make(context, &c);
  for (size_t g = 0; g < 3; g++) {
    size_t at = dss_results_at(r, 0, g, dss_metrics_column(r->metrics, DSS_GAI)), size;
    uint64_t *counts = r->histograms + at * (DSS_HISTOGRAM_BINS + 2);
    dss_cell *cell = &r->cells[at];
    memset(counts, 0, (DSS_HISTOGRAM_BINS + 2) * sizeof *counts);
    if (g == 0) counts[64] = CASE_RESAMPLES;
    if (g == 1) counts[0] = counts[DSS_HISTOGRAM_BINS + 1] = CASE_RESAMPLES / 2;
    if (g == 2) {
      counts[1] = CASE_RESAMPLES - 10;
      cell->undefined = 10;
      cell->estimate = 1e9;
      r->edges[2 * at + 1] = r->edges[2 * at];
      for (size_t i = 0; i < DSS_N_QUANTILES; i++)
        cell->quantiles[i] = NAN;
    }
    const dss_figure figure = {.kind = DSS_FIGURE_NULL, .group = g};
    free(draw(r, &figure, DSS_FIGURE_PNG, &size));
  }
  dss_results_free(r);
}

/* --- pairs --------------------------------------------------------------------------------- */

Test(figures, pairs_of_raters) {
  for (size_t axes = 0; axes <= 2; axes++) {
    dss_pairs *pairs = pair_case(context, temporary_path(&folder, "pairs.h5"), axes);
    dss_figure *figures = NULL;
    size_t n = 0, size[2];
    must(dss_pair_figures_list(context, pairs, &figures, &n));
    cr_expect_eq(n, axes ? axes : 1);
    for (size_t i = 0; i < n; i++)
      for (int f = 0; f < DSS_N_FIGURE_FORMATS; f++) {
        unsigned char *bytes[2];
        for (int k = 0; k < 2; k++)
          must(dss_pair_figure_draw(context, pairs, &figures[i], (dss_figure_format)f, &bytes[k],
                                    &size[k]));
        cr_expect(size[0] == size[1] && memcmp(bytes[0], bytes[1], size[0]) == 0);
        free(bytes[0]);
        free(bytes[1]);
      }
    dss_figure_texts texts;
    const dss_figure wrong = {.kind = DSS_FIGURE_PAIRS, .axis = n};
    cr_expect_eq(dss_pair_figure_describe(context, pairs, &wrong, &texts), DSS_ERR_USAGE);
    if (axes == 1) {
      must(dss_pair_figure_describe(context, pairs, &figures[0], &texts));
      cr_expect_str_eq(texts.name, "pairs-toxicity-a1-group");
      cr_expect(strstr(texts.description, "within two <b> 1.000"), "%s", texts.description);
      dss_figure_texts_free(&texts);
    }
    free(figures);
    dss_pairs_free(pairs);
  }
}

Test(figures, pairs_tell_the_raters_groups) {
  dss_pairs *pairs = pair_case(context, temporary_path(&folder, "pairs.h5"), 2);
  cr_expect(dss_pairs_has_rater_groups(pairs));
  for (uint32_t r = 0; r < PAIR_RATERS; r++) {
    size_t first = dss_pairs_rater_group(pairs, 0, r), second = dss_pairs_rater_group(pairs, 1, r);
    if (r == 7) {
      cr_expect(first == SIZE_MAX && second == SIZE_MAX);
      continue;
    }
    const char *names[] = {"one", "two <b>", "three"};
    char both[40];
    snprintf(both, sizeof both, "%s * %s", names[r % 3], r < 20 ? "first" : "second");
    cr_expect_str_eq(dss_pairs_group(pairs, first)->name, names[r % 3]);
    cr_expect_str_eq(dss_pairs_group(pairs, second)->name, both);
    cr_expect(dss_pairs_group(pairs, second)->axis == 1);
  }
  cr_expect_eq(dss_pairs_rater_group(pairs, 2, 0), SIZE_MAX);
  cr_expect_eq(dss_pairs_rater_group(pairs, 0, PAIR_RATERS), SIZE_MAX);
  dss_pairs_free(pairs);
}

/* Files of format 1.0 are read, but what they do not tell cannot be drawn. */
Test(figures, pairs_without_the_raters_groups) {
  const char *path = temporary_path(&folder, "pairs.h5");
  dss_pairs_free(pair_case(context, path, 1));
  hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  cr_assert(file >= 0 && H5Ldelete(file, "summary/rater_group", H5P_DEFAULT) >= 0);
  H5Fclose(file);
  dss_pairs *pairs = NULL;
  must(dss_pairs_open(context, path, &pairs));
  cr_expect(!dss_pairs_has_rater_groups(pairs) && dss_pairs_rater_group(pairs, 0, 0) == SIZE_MAX);
  unsigned char *bytes;
  size_t n;
  const dss_figure figure = {.kind = DSS_FIGURE_PAIRS};
  cr_expect_eq(dss_pair_figure_draw(context, pairs, &figure, DSS_FIGURE_SVG, &bytes, &n),
               DSS_ERR_DATA);
  cr_expect(strstr(dss_context_error(context), "has format 1.0"), "%s", dss_context_error(context));
  dss_pairs_free(pairs);
}

Test(figures, groups_of_raters_are_checked) {
  const char *path = temporary_path(&folder, "pairs.h5");
  const int32_t wrong[] = {-2, 3, INT32_MAX, INT32_MIN};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    int32_t groups[PAIR_RATERS];
    dss_pairs *pairs = NULL;
    dss_pairs_free(pair_case(context, path, 1));
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    hid_t set = H5Dopen2(file, "summary/rater_group", H5P_DEFAULT);
    cr_assert_geq(H5Dread(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, groups), 0);
    groups[11] = wrong[i];
    cr_assert_geq(H5Dwrite(set, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, groups), 0);
    H5Dclose(set);
    H5Fclose(file);
    cr_expect_eq(dss_pairs_open(context, path, &pairs), DSS_ERR_DATA, "%ld", (long)wrong[i]);
    cr_expect(strstr(dss_context_error(context), "rater 11 of axis 0 is in group"), "%s",
              dss_context_error(context));
  }
}

/* --- files --------------------------------------------------------------------------------- */

enum { PNG_BIT = 1 << DSS_FIGURE_PNG, SVG_BIT = 1 << DSS_FIGURE_SVG };

static void remove_files(const char *path) {
  DIR *opened = opendir(path);
  for (struct dirent *e; opened && (e = readdir(opened));) {
    char file[800];
    snprintf(file, sizeof file, "%s/%s", path, e->d_name);
    unlink(file);
  }
  if (opened) closedir(opened);
  rmdir(path);
}

Test(figures, folders) {
  figure_case c = {.n_groups = 2, .axis = "a", .tested = true, .defined = true};
  dss_results *r = case_make(context, &c);
  char path[512], file[700];
  snprintf(path, sizeof path, "%s", temporary_path(&folder, "figures"));
  must(dss_figures_save(context, r, path, SVG_BIT, false));
  cr_expect_eq(dss_figures_save(context, r, path, PNG_BIT | SVG_BIT, false), DSS_ERR_FILE);
  cr_expect(strstr(dss_context_error(context), "q1-toxicity-a1-a-forest.svg: exists already"), "%s",
            dss_context_error(context));
  snprintf(file, sizeof file, "%s/q1-toxicity-a1-a-forest.png", path);
  struct stat status;
  cr_expect_neq(stat(file, &status), 0, "something was written before the refusal");
  must(dss_figures_save(context, r, path, PNG_BIT, false));
  must(dss_figures_save(context, r, path, PNG_BIT | SVG_BIT, true));
  cr_expect_eq(dss_figures_save(context, r, path, 0, true), DSS_ERR_USAGE);
  cr_expect_eq(dss_figures_save(context, r, file, SVG_BIT, true), DSS_ERR_FILE, "a file");
  cr_expect_eq(dss_figures_save(context, r, "/nonexistent/figures", SVG_BIT, true), DSS_ERR_FILE);
  cr_expect(strstr(dss_context_error(context), "/nonexistent/figures: cannot make this folder"));
  remove_files(path);
  dss_results_free(r);
}

Test(figures, a_file_that_cannot_be_written_whole_is_none) {
  figure_case c = {.n_groups = 2, .axis = "a", .tested = true, .defined = true};
  dss_results *r = case_make(context, &c);
  struct rlimit before, small = {2000, RLIM_INFINITY};
  getrlimit(RLIMIT_FSIZE, &before);
  small.rlim_max = before.rlim_max;
  setrlimit(RLIMIT_FSIZE, &small);
  dss_status status = dss_figures_save(context, r, folder.folder, SVG_BIT, false);
  setrlimit(RLIMIT_FSIZE, &before);
  cr_expect_eq(status, DSS_ERR_FILE);
  cr_expect(strstr(dss_context_error(context), ".svg: cannot be written: File too large"), "%s",
            dss_context_error(context));
  cr_expect_eq(temporary_count(&folder), 0);
  dss_results_free(r);
}
