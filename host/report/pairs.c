/* The summaries of a file of pairs: as a table, tidy CSV, or JSON. */
#include "dissensus/pairs.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "host/core/context.h"
#include "json_cell.h"
#include "text.h"
#include "writers.h"

bool dss_pairs_format_parse(const char *name, dss_pairs_format *format) {
  static const char *const names[] = {
      [DSS_PAIRS_TABLE] = "table", [DSS_PAIRS_CSV] = "csv", [DSS_PAIRS_JSON] = "json"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) {
      *format = (dss_pairs_format)i;
      return true;
    }
  return false;
}

/* --- table --------------------------------------------------------------------------------- */

enum { NAME_WIDTH = 34, CELL_WIDTH = 11, MOST_NAME = 256 };

/* A name and blanks up to the column behind it. */
static void name_cell(FILE *stream, const char *name, size_t width) {
  char cut[MOST_NAME];
  dss_text_cut(cut, sizeof cut, name, width);
  dss_text_write(stream, DSS_MARKUP_NONE, cut, SIZE_MAX);
  for (size_t at = dss_text_width(cut, SIZE_MAX); at < width; at++)
    fputc(' ', stream);
}

static void number_cell(FILE *stream, double number) {
  if (isnan(number))
    fprintf(stream, "%*s", CELL_WIDTH, "-");
  else
    fprintf(stream, "%*.4g", CELL_WIDTH, number);
}

static void block_row(FILE *stream, const char *name, const dss_pair_block *b) {
  fputs("  ", stream);
  name_cell(stream, name, NAME_WIDTH);
  fprintf(stream, "%*" PRIu64, CELL_WIDTH, b->pairs);
  number_cell(stream, b->agreement);
  number_cell(stream, b->distance);
  number_cell(stream, b->kappa);
  fputc('\n', stream);
}

/* Adds a block's pairs to a mean over several. */
static void add_mean(double *mean, uint64_t pairs, double other, uint64_t others) {
  if (others == 0) return;
  double sum = (pairs ? *mean * (double)pairs : 0.0) + other * (double)others;
  *mean = sum / (double)(pairs + others);
}

static void add_block(dss_pair_block *to, const dss_pair_block *b) {
  add_mean(&to->agreement, to->pairs, b->agreement, b->pairs);
  add_mean(&to->distance, to->pairs, b->distance, b->pairs);
  add_mean(&to->kappa, to->kappa_pairs, b->kappa, b->kappa_pairs);
  to->pairs += b->pairs;
  to->kappa_pairs += b->kappa_pairs;
}

static void block_rows(FILE *stream, const dss_pairs *pairs, size_t axis) {
  const dss_pair_block none = {.agreement = NAN, .distance = NAN, .kappa = NAN};
  dss_pair_block within = none, across = none;
  for (size_t i = 0; i < dss_pairs_n_blocks(pairs); i++) {
    const dss_pair_block *b = dss_pairs_block(pairs, i);
    if (b->axis != axis) continue;
    char name[MOST_NAME];
    const char *first = dss_pairs_group(pairs, b->first)->name;
    if (b->first == b->second)
      snprintf(name, sizeof name, "%.120s", first);
    else
      snprintf(name, sizeof name, "%.120s | %.120s", first,
               dss_pairs_group(pairs, b->second)->name);
    block_row(stream, name, b);
    add_block(b->first == b->second ? &within : &across, b);
  }
  block_row(stream, "all within a group", &within);
  block_row(stream, "all across groups", &across);
}

static void test_row(FILE *stream, const char *name, const dss_pair_axis *axis,
                     const dss_pair_test *test) {
  fputs("  ", stream);
  name_cell(stream, name, NAME_WIDTH);
  number_cell(stream, test->value);
  if (!isnan(test->p))
    fprintf(stream, "  p = %.4g (%" PRIu64 " of %s%" PRIu64 " as large)", test->p, test->ge,
            axis->exact ? "all " : "", axis->resamples);
  if (test->undefined > 0) fprintf(stream, ", %" PRIu64 " undefined", test->undefined);
  fputc('\n', stream);
}

static void write_table(const dss_pairs *pairs, FILE *stream) {
  dss_pair_totals totals = dss_pairs_totals(pairs);
  fputs("question  ", stream);
  dss_text_write(stream, DSS_MARKUP_NONE, dss_pairs_question(pairs), SIZE_MAX);
  fprintf(stream,
          " (%s)\nraters    %" PRIu32 "\npairs     %" PRIu64 ", %" PRIu64
          " with a shared item, %" PRIu64 " counted (with %s at least)\n",
          dss_scale_name(dss_pairs_scale(pairs)), dss_pairs_n_raters(pairs), totals.pairs,
          totals.shared, totals.counted, dss_pairs_provenance(pairs, "min_shared"));
  fprintf(stream, "undefined %" PRIu64 " kappa", totals.no_kappa);
  if (dss_pairs_has(pairs, DSS_PAIR_CORRELATION))
    fprintf(stream, ", %" PRIu64 " correlation", totals.no_correlation);
  fputs(", of pairs with a shared item\n", stream);
  if (*dss_pairs_reason(pairs)) fprintf(stream, "reason    %s\n", dss_pairs_reason(pairs));
  for (size_t a = 0; a < dss_pairs_n_axes(pairs); a++) {
    const dss_pair_axis *axis = dss_pairs_axis(pairs, a);
    fputs("\n", stream);
    name_cell(stream, axis->name, NAME_WIDTH + 2);
    fprintf(stream, "%*s%*s%*s%*s\n", CELL_WIDTH, "pairs", CELL_WIDTH, "agreement", CELL_WIDTH,
            "distance", CELL_WIDTH, "kappa");
    block_rows(stream, pairs, a);
    test_row(stream, "ANOSIM R", axis, &axis->anosim);
    test_row(stream, "PERMANOVA pseudo-F", axis, &axis->permanova);
  }
}

/* --- CSV ----------------------------------------------------------------------------------- */

static void csv_number(FILE *stream, double number) {
  if (isnan(number))
    fputc(',', stream);
  else
    fprintf(stream, ",%.17g", number);
}

static void csv_names(FILE *stream, const dss_pairs *pairs, size_t axis, const char *first,
                      const char *second, const char *statistic) {
  const char *const fields[] = {dss_pairs_axis(pairs, axis)->name, first, second, statistic};
  dss_csv_text(stream, dss_pairs_question(pairs));
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    fputc(',', stream);
    dss_csv_text(stream, fields[i]);
  }
}

/* Why there is nothing, in every row. */
static void csv_end(FILE *stream, const dss_pairs *pairs) {
  fputc(',', stream);
  dss_csv_text(stream, dss_pairs_reason(pairs));
  fputc('\n', stream);
}

static void csv_block(FILE *stream, const dss_pairs *pairs, const dss_pair_block *b) {
  const char *first = dss_pairs_group(pairs, b->first)->name;
  const char *second = dss_pairs_group(pairs, b->second)->name;
  const struct {
    const char *name;
    uint64_t pairs;
    double value;
  } rows[] = {{"agreement", b->pairs, b->agreement},
              {"mean_distance", b->pairs, b->distance},
              {"kappa", b->kappa_pairs, b->kappa}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    csv_names(stream, pairs, b->axis, first, second, rows[i].name);
    fprintf(stream, ",%" PRIu64, rows[i].pairs);
    csv_number(stream, rows[i].value);
    fputs(",,,,,", stream);
    csv_end(stream, pairs);
  }
}

static void csv_test(FILE *stream, const dss_pairs *pairs, size_t axis, const char *name,
                     const dss_pair_test *test) {
  const dss_pair_axis *of = dss_pairs_axis(pairs, axis);
  csv_names(stream, pairs, axis, "", "", name);
  fprintf(stream, ",%" PRIu64, of->pairs);
  csv_number(stream, test->value);
  csv_number(stream, test->null_mean);
  fprintf(stream, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, test->ge, test->undefined, of->resamples);
  csv_number(stream, test->p);
  csv_end(stream, pairs);
}

static void write_csv(const dss_pairs *pairs, FILE *stream) {
  fputs("question,axis,group,group_2,statistic,pairs,value,null_mean,ge,undefined,resamples,p,"
        "reason\n",
        stream);
  for (size_t i = 0; i < dss_pairs_n_blocks(pairs); i++)
    csv_block(stream, pairs, dss_pairs_block(pairs, i));
  for (size_t a = 0; a < dss_pairs_n_axes(pairs); a++) {
    csv_test(stream, pairs, a, "anosim_r", &dss_pairs_axis(pairs, a)->anosim);
    csv_test(stream, pairs, a, "permanova_f", &dss_pairs_axis(pairs, a)->permanova);
  }
}

/* --- JSON ---------------------------------------------------------------------------------- */

static json_t *json_number(double number) {
  return isnan(number) ? json_null() : json_real(number);
}

static json_t *json_test(const dss_pair_test *test) {
  return json_pack("{s:o, s:o, s:o, s:I, s:I}", "value", json_number(test->value), "p",
                   json_number(test->p), "null_mean", json_number(test->null_mean), "ge",
                   (json_int_t)test->ge, "undefined", (json_int_t)test->undefined);
}

static json_t *json_block(const dss_pairs *pairs, const dss_pair_block *b) {
  return json_pack(
      "{s:s, s:s, s:I, s:I, s:o, s:o, s:o}", "group", dss_pairs_group(pairs, b->first)->name,
      "group_2", dss_pairs_group(pairs, b->second)->name, "pairs", (json_int_t)b->pairs,
      "kappa_pairs", (json_int_t)b->kappa_pairs, "agreement", json_number(b->agreement),
      "mean_distance", json_number(b->distance), "kappa", json_number(b->kappa));
}

static json_t *json_axis(const dss_pairs *pairs, size_t a) {
  const dss_pair_axis *axis = dss_pairs_axis(pairs, a);
  json_t *blocks = json_array();
  for (size_t i = 0; blocks && i < dss_pairs_n_blocks(pairs); i++)
    if (dss_pairs_block(pairs, i)->axis == a &&
        json_array_append_new(blocks, json_block(pairs, dss_pairs_block(pairs, i))) != 0) {
      json_decref(blocks);
      blocks = NULL;
    }
  return json_pack("{s:s, s:I, s:I, s:I, s:b, s:o, s:o, s:o}", "axis", axis->name, "raters",
                   (json_int_t)axis->raters, "pairs", (json_int_t)axis->pairs, "resamples",
                   (json_int_t)axis->resamples, "all_arrangements", (int)axis->exact, "blocks",
                   blocks, "anosim", json_test(&axis->anosim), "permanova",
                   json_test(&axis->permanova));
}

static dss_status write_json(dss_context *context, const dss_pairs *pairs, FILE *stream) {
  dss_pair_totals totals = dss_pairs_totals(pairs);
  json_t *axes = json_array();
  bool good = axes != NULL;
  for (size_t a = 0; good && a < dss_pairs_n_axes(pairs); a++)
    good = json_array_append_new(axes, json_axis(pairs, a)) == 0;
  json_t *all = json_pack(
      "{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o}", "question", dss_pairs_question(pairs),
      "scale", dss_scale_name(dss_pairs_scale(pairs)), "raters",
      (json_int_t)dss_pairs_n_raters(pairs), "pairs", (json_int_t)totals.pairs, "pairs_shared",
      (json_int_t)totals.shared, "pairs_counted", (json_int_t)totals.counted, "kappa_undefined",
      (json_int_t)totals.no_kappa, "correlation_undefined", (json_int_t)totals.no_correlation,
      "reason", dss_pairs_reason(pairs), "axes", axes);
  if (good) return dss_json_put_document(&(dss_json){context, stream}, all);
  json_decref(all);
  return dss_fail_memory(context, 0);
}

/* --- the whole --------------------------------------------------------------------------- */

dss_status dss_pairs_report(dss_context *context, const dss_pairs *pairs, dss_pairs_format format,
                            FILE *stream) {
  /* A decimal point is a point, whatever the program's locale says. */
  locale_t plain = newlocale(LC_NUMERIC_MASK, "C", (locale_t)0);
  if (plain == (locale_t)0) return dss_fail_memory(context, 0);
  locale_t before = uselocale(plain);
  dss_status status = DSS_OK;
  errno = 0;
  if (format == DSS_PAIRS_TABLE)
    write_table(pairs, stream);
  else if (format == DSS_PAIRS_CSV)
    write_csv(pairs, stream);
  else
    status = write_json(context, pairs, stream);
  bool written = fflush(stream) == 0 && !ferror(stream);
  int why = errno;
  uselocale(before);
  freelocale(plain);
  if (status == DSS_OK && !written)
    return dss_fail(context, DSS_ERR_FILE, "the summary cannot be written%s%s", why ? ": " : "",
                    why ? strerror(why) : "");
  return status;
}
