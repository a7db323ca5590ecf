/* The page's numbers as one JSON object in a script element that is data, for page.js:
 *
 *   questions, axes, reasons   texts
 *   levels                     by question, texts
 *   statistics                 title, in the order of the parts' columns
 *   parts                      of each table: columns (indices of statistics), lead
 *   details                    whether rows have more than [0..3] of a cell
 *   rows                       in the table's order: [question, axis, raters, ratings, cells,
 * facts, Fieller's set, marginals], the last three only with details a cell [estimate, p, q, stars,
 * reason, null mean, null SD, z, resamples, undefined, p low, p high, tail, tail low, tail high,
 * Holm, Bonferroni, maxT, GRASP's p, bootstrap's undefined, interval's text, its SE]
 *
 * Six digits: for sorting and for show. A '<' is written \u003c, so that no text ends the element.
 */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "host/core/context.h"
#include "html.h"
#include "tally.h"
#include "text.h"

/* A page with more details than this is left without them, so that a browser opens it at once. */
enum { DETAILS_MOST = 3500000, DETAILS_OF_CELL = 120, DETAILS_OF_ROW = 150 };

/* --- values ------------------------------------------------------------------------------ */

static void put_number(const dss_page *page, double value) {
  if (isfinite(value))
    fprintf(page->stream, ",%.6g", value);
  else
    fputs(",null", page->stream);
}

static void put_count(const dss_page *page, uint64_t value) {
  fprintf(page->stream, ",%" PRIu64, value);
}

static int put_chunk(const char *text, size_t size, void *user) {
  for (size_t i = 0; i < size; i++)
    if (text[i] == '<')
      fputs("\\u003c", user);
    else
      fputc(text[i], user);
  return 0;
}

/* A text, with what a report does not show of it blanked. */
static dss_status put_text(const dss_page *page, const char *before, const char *text) {
  char *clean = NULL;
  size_t length = 0;
  FILE *memory = open_memstream(&clean, &length);
  if (!memory) return dss_fail_memory(page->context, 0);
  dss_text_write(memory, DSS_MARKUP_NONE, text, SIZE_MAX);
  json_t *value = fclose(memory) == 0 ? json_stringn(clean, length) : NULL;
  free(clean);
  if (!value) return dss_fail_memory(page->context, length);
  fputs(before, page->stream);
  int failed = json_dump_callback(value, put_chunk, page->stream, JSON_ENCODE_ANY);
  json_decref(value);
  return failed ? dss_fail_memory(page->context, length) : DSS_OK;
}

static dss_status put_texts(const dss_page *page, const char *key,
                            const char *(*get)(const dss_results *, size_t), size_t n) {
  fprintf(page->stream, ",\n\"%s\":[", key);
  for (size_t i = 0; i < n; i++)
    DSS_TRY(put_text(page, i ? "," : "", get(page->results, i)));
  fputc(']', page->stream);
  return DSS_OK;
}

/* --- what there is ----------------------------------------------------------------------- */

static dss_status put_levels(const dss_page *page) {
  const dss_results *r = page->results;
  fputs(",\n\"levels\":[", page->stream);
  for (size_t q = 0; q < dss_results_n_questions(r); q++) {
    fputs(q ? ",[" : "[", page->stream);
    for (uint32_t k = 0; k < dss_results_n_levels(r, q); k++)
      DSS_TRY(put_text(page, k ? "," : "", dss_results_level(r, q, k)));
    fputc(']', page->stream);
  }
  fputc(']', page->stream);
  return DSS_OK;
}

static const char *reason(const dss_results *results, size_t i) {
  (void)results;
  return dss_reason_text((dss_reason)i);
}

static void put_parts(const dss_page *page) {
  const dss_view *view = page->view;
  size_t first = 0;
  fputs(",\n\"statistics\":[", page->stream);
  for (size_t p = 0; p < view->n_parts; p++)
    for (size_t i = 0; i < view->parts[p].n_columns; i++)
      fprintf(page->stream, "%s{\"title\":\"%s\"}", p + i ? "," : "",
              dss_view_title(view->parts[p].columns[i]));
  fputs("],\n\"parts\":[", page->stream);
  for (size_t p = 0; p < view->n_parts; p++) {
    const dss_view_part *part = &view->parts[p];
    size_t lead = 0;
    fputs(p ? ",{\"columns\":[" : "{\"columns\":[", page->stream);
    for (size_t i = 0; i < part->n_columns; i++) {
      fprintf(page->stream, "%s%zu", i ? "," : "", first + i);
      if (part->columns[i] == dss_lead_of(part)) lead = first + i;
    }
    fprintf(page->stream, "],\"lead\":%zu}", lead);
    first += part->n_columns;
  }
  fputc(']', page->stream);
}

/* --- rows -------------------------------------------------------------------------------- */

static dss_status put_cell(const dss_page *page, size_t q, size_t g, dss_statistic statistic,
                           bool details) {
  const dss_cell *c = dss_results_cell(page->results, q, g, statistic);
  char interval[DSS_INTERVAL_ROOM] = "";
  if (isfinite(c->estimate))
    fprintf(page->stream, "[%.6g", c->estimate);
  else
    fputs("[null", page->stream);
  put_number(page, c->p);
  put_number(page, c->q_bh);
  fprintf(page->stream, ",%u", dss_view_cell(page->view, c).stars);
  if (details) {
    const double null[] = {c->null_mean, c->null_sd, c->z};
    const double p[] = {c->p_low,  c->p_high,       c->p_tail, c->p_tail_low, c->p_tail_high,
                        c->p_holm, c->p_bonferroni, c->p_maxt, c->p_grasp};
    put_count(page, c->reason);
    for (size_t i = 0; i < sizeof null / sizeof *null; i++)
      put_number(page, null[i]);
    put_count(page, isnan(c->p) ? 0 : c->resamples);
    put_count(page, c->undefined);
    for (size_t i = 0; i < sizeof p / sizeof *p; i++)
      put_number(page, p[i]);
    put_count(page, c->boot_undefined);
    if (dss_interval_resampled(c))
      dss_interval_text(page->view, q, g, (unsigned)statistic, interval);
    DSS_TRY(put_text(page, ",", interval));
    put_number(page, c->se);
  }
  fputc(']', page->stream);
  return DSS_OK;
}

static dss_status put_facts(const dss_page *page, size_t q, size_t g) {
  const dss_results *r = page->results;
  const dss_group_detail *d = dss_results_detail(r, q, g);
  const uint64_t units[] = {d->units_rated, d->units_irr, d->units_xrr, d->pairable};
  const double shares[] = {d->percent_agreement,           d->observed_disagreement,
                           d->expected_disagreement,       d->cross_observed_disagreement,
                           d->cross_expected_disagreement, d->xrr_nonpositive};
  bool voting = (dss_results_metrics(r) & DSS_STATISTIC_BIT(DSS_VOTING)) != 0;
  char set[DSS_INTERVAL_ROOM] = "";
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    fprintf(page->stream, "%s%" PRIu64, i ? "," : ",[", units[i]);
  for (size_t i = 0; i < sizeof shares / sizeof *shares; i++)
    put_number(page, shares[i]);
  put_number(page, voting ? (double)d->units_voting : NAN);
  put_number(page, voting ? (double)d->units_tied : NAN);
  fputc(']', page->stream);
  if (d->fieller_kind != DSS_SET_NONE || d->fieller_withheld != DSS_WITHHELD_NONE)
    dss_interval_text(page->view, q, g, DSS_INTERVAL_FIELLER, set);
  DSS_TRY(put_text(page, ",", set));
  for (uint32_t k = 0; k < dss_results_n_levels(r, q); k++)
    fprintf(page->stream, "%s%" PRIu64, k ? "," : ",[", d->marginals[k]);
  fputs(dss_results_n_levels(r, q) ? "]" : ",[]", page->stream);
  return DSS_OK;
}

static dss_status put_row(const dss_page *page, size_t q, size_t g, bool details) {
  const dss_results *r = page->results;
  bool first = true;
  fprintf(page->stream, "[%zu,%zu,%" PRIu32 ",%" PRIu64 ",[", q, dss_results_group_axis(r, g),
          dss_results_group_raters(r, g), dss_results_detail(r, q, g)->ratings);
  for (size_t p = 0; p < page->view->n_parts; p++)
    for (size_t i = 0; i < page->view->parts[p].n_columns; i++, first = false) {
      if (!first) fputc(',', page->stream);
      DSS_TRY(put_cell(page, q, g, page->view->parts[p].columns[i], details));
    }
  fputc(']', page->stream);
  if (details) DSS_TRY(put_facts(page, q, g));
  fputc(']', page->stream);
  return DSS_OK;
}

/* About how many bytes the details of all rows take. */
static double details_bytes(const dss_page *page) {
  const dss_results *r = page->results;
  double cells = 0.0, row = DETAILS_OF_ROW, levels = 0.0;
  for (size_t p = 0; p < page->view->n_parts; p++)
    cells += (double)page->view->parts[p].n_columns;
  row += DETAILS_OF_CELL * cells;
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    levels += 4.0 * dss_results_n_levels(r, q);
  return (double)dss_results_n_groups(r) * ((double)dss_results_n_questions(r) * row + levels);
}

static double name_bytes(const char *name) {
  return (double)dss_text_written(DSS_MARKUP_HTML, name);
}

/* Of the names in one table's rows: a group's, and its question's and axis's where there are
 * several. */
static double names_bytes(const dss_page *page) {
  const dss_results *r = page->results;
  size_t n_questions = dss_results_n_questions(r), n_groups = dss_results_n_groups(r);
  double names = 0.0, questions = 0.0;
  for (size_t g = 0; g < n_groups; g++) {
    names += name_bytes(dss_results_group(r, g));
    if (dss_results_n_axes(r) > 1)
      names += name_bytes(dss_results_axis(r, dss_results_group_axis(r, g)));
  }
  for (size_t q = 0; q < n_questions && n_questions > 1; q++)
    questions += name_bytes(dss_results_question(r, q));
  return (double)n_questions * names + (double)n_groups * questions;
}

double dss_html_size(const dss_page *page) {
  const dss_results *r = page->results;
  double details = details_bytes(page), row = 0.0;
  for (size_t p = 0; p < page->view->n_parts; p++)
    row += 200.0 + 100.0 * (double)page->view->parts[p].n_columns;
  double rows = (double)dss_results_n_groups(r) * (double)dss_results_n_questions(r);
  return rows * row + (double)page->view->n_parts * names_bytes(page) +
         (details <= DETAILS_MOST ? details : 0.0);
}

dss_status dss_html_data(const dss_page *page) {
  const dss_results *r = page->results;
  bool details = details_bytes(page) <= DETAILS_MOST;
  const char *before = "\n";
  if (!details)
    fputs(
        "<p class=\"soft\">There are too many rows for their details to be in this page: dissensus "
        "report --format json has them.</p>\n",
        page->stream);
  fprintf(page->stream, "<script type=\"application/json\" id=\"data\">\n{\"details\":%s",
          details ? "true" : "false");
  DSS_TRY(put_texts(page, "questions", dss_results_question, dss_results_n_questions(r)));
  DSS_TRY(put_texts(page, "axes", dss_results_axis, dss_results_n_axes(r)));
  DSS_TRY(put_texts(page, "reasons", reason, DSS_N_REASONS));
  DSS_TRY(put_levels(page));
  put_parts(page);
  fputs(",\n\"rows\":[", page->stream);
  for (size_t q = 0; q < dss_results_n_questions(r); q++)
    for (size_t g = 0; g < dss_results_n_groups(r); g++) {
      fputs(before, page->stream);
      DSS_TRY(put_row(page, q, g, details));
      before = ",\n";
    }
  fputs("]}\n</script>\n", page->stream);
  return DSS_OK;
}
